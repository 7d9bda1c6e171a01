"""Reading certificates."""

import base64
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.certificates import Certificate, InvalidCertificate
from shared.crypto.testing import BIN, IIN, MemoryPKI, rsa_key
from shared.kit.clock import Clock


class TestContents:
    def test_system(self, pki: MemoryPKI) -> None:
        certificate = pki.system("portal").certificate
        assert certificate.system == "portal"
        assert certificate.bin == BIN
        assert certificate.iin is None
        assert certificate.common_name.startswith("TEST ")

    def test_person(self, pki: MemoryPKI) -> None:
        certificate = pki.person().certificate
        assert certificate.iin == IIN
        assert (certificate.bin, certificate.system) == (None, None)
        assert (certificate.surname, certificate.given_name) == ("ТЕСТОВ", "ТЕСТ")
        assert "TEST" in certificate.common_name

    def test_officer_has_an_organisation(self, pki: MemoryPKI) -> None:
        certificate = pki.officer().certificate
        assert (certificate.iin, certificate.bin) == (IIN, BIN)
        assert certificate.organisation == "TEST education department"

    def test_key_usage(self, pki: MemoryPKI) -> None:
        assert pki.person().certificate.may("content_commitment")
        assert not pki.wrong_usage().certificate.may("content_commitment")
        assert not pki.person().certificate.is_ca
        assert pki.anchors.issuing.is_ca

    def test_instants_are_aware(self, pki: MemoryPKI, clock: Clock) -> None:
        certificate = pki.person().certificate
        assert certificate.not_before < clock.now() < certificate.not_after
        assert certificate.not_after.tzinfo is UTC

    def test_serial_is_hexadecimal(self, pki: MemoryPKI) -> None:
        certificate = pki.person().certificate
        assert int(certificate.serial, 16) == certificate.serial_number

    def test_rsa_key_cannot_sign_messages(self, pki: MemoryPKI) -> None:
        identity = pki.person(key=rsa_key())
        assert identity.certificate.public_jwk is None
        with pytest.raises(TypeError, match="P-256"):
            identity.signing_jwk  # noqa: B018


class TestParse:
    def test_takes_pem_der_and_base64(self, pki: MemoryPKI) -> None:
        certificate = pki.person().certificate
        wrapped = base64.encodebytes(certificate.der).decode()
        for form in (certificate.pem, certificate.pem.encode(), certificate.der, wrapped):
            parsed = Certificate.parse(form)
            assert parsed == certificate
            assert hash(parsed) == hash(certificate)
            assert parsed.thumbprint == certificate.thumbprint

    @pytest.mark.parametrize(
        "rubbish", ["", "x", b"\x30\x03\x02\x01\x01", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    )
    def test_rubbish_is_refused(self, rubbish: str | bytes) -> None:
        with pytest.raises(InvalidCertificate):
            Certificate.parse(rubbish)

    def test_cut_short_is_refused(self, pki: MemoryPKI) -> None:
        der = pki.person().certificate.der
        with pytest.raises(InvalidCertificate):
            Certificate.parse(der[:-1])

    @given(st.binary(max_size=80) | st.text(max_size=80))
    def test_any_rubbish_is_refused_in_one_way(self, rubbish: str | bytes) -> None:
        with pytest.raises(InvalidCertificate):
            Certificate.parse(rubbish)
