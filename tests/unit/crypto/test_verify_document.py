"""Signatures of documents: detached CMS over exact bytes, by the expected person."""

import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms as asn1
from asn1crypto import x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext

from shared.crypto.cms import sign_document
from shared.crypto.identity import Identity
from shared.crypto.policy import SignedByBIN, SignedByIIN
from shared.crypto.report import Indication
from shared.crypto.revocation import UNREACHABLE
from shared.crypto.testing import BIN, IIN, OTHER_IIN, MemoryPKI, rsa_key
from shared.crypto.verify import DocumentVerification, verify_document
from shared.kit.clock import Clock

CONTENT = '{"kind":"application","қ":1}'.encode()


def sign(pki: MemoryPKI, clock: Clock, signer: Identity, content: bytes = CONTENT) -> bytes:
    return sign_document(content, signer.key, signer.certificate, pki.chain, clock.now())


def verify(
    pki: MemoryPKI, clock: Clock, der: bytes, *, content: bytes = CONTENT, expected: Identity | None = None
) -> DocumentVerification:
    certificate = expected.certificate if expected else None
    return verify_document(content, der, certificate, directory=pki.directory(), at=clock.now())


def reason(verification: DocumentVerification) -> tuple[int, str | None]:
    failure = verification.report.failure
    assert failure is not None
    assert failure.indication is Indication.FAILED
    return failure.n, failure.sub_indication


class TestRoundTrip:
    @pytest.mark.parametrize("algorithm", ["rsa", "ec"])
    def test_passes_and_tells_the_signer(self, pki: MemoryPKI, clock: Clock, algorithm: str) -> None:
        person = pki.person(key=rsa_key() if algorithm == "rsa" else None)
        verification = verify(pki, clock, sign(pki, clock, person), expected=person)
        assert verification.passed
        assert [check.n for check in verification.report.checks] == [1, 2, 3, 4, 5, 6]
        assert verification.certificate == person.certificate
        assert verification.signing_time == clock.now()

    def test_signing_time_after_2049_has_the_long_form(self, pki: MemoryPKI, clock: Clock) -> None:
        far = datetime(2060, 1, 2, 3, 4, 5, tzinfo=UTC)
        clock.set(far, freeze=True)
        pki = MemoryPKI(clock)
        verification = verify(pki, clock, sign(pki, clock, pki.person()))
        assert verification.passed
        assert verification.signing_time == far

    def test_is_der_that_another_library_writes_alike(self, pki: MemoryPKI, clock: Clock) -> None:
        """asn1crypto, made to encode everything anew, comes to the same bytes: order of sets, lengths, tags."""
        der = sign(pki, clock, pki.person())
        parsed = asn1.ContentInfo.load(der, strict=True)
        assert parsed.native["content"]["version"] == "v1"
        assert parsed.dump(force=True) == der

    def test_carries_the_attributes_of_cades(self, pki: MemoryPKI, clock: Clock) -> None:
        person = pki.person()
        parsed = asn1.ContentInfo.load(sign(pki, clock, person))
        attributes = {
            item["type"].native: item["values"][0] for item in parsed["content"]["signer_infos"][0]["signed_attrs"]
        }
        assert set(attributes) == {"content_type", "message_digest", "signing_time", "signing_certificate_v2"}
        assert attributes["message_digest"].native == hashlib.sha256(CONTENT).digest()
        certificate_id = attributes["signing_certificate_v2"]["certs"][0]
        assert certificate_id["cert_hash"].native == hashlib.sha256(person.certificate.der).digest()
        assert certificate_id["hash_algorithm"]["algorithm"].native == "sha256"
        assert len(parsed["content"]["certificates"]) == 3

    async def test_pyhanko_finds_it_intact_and_trusted(self, pki: MemoryPKI, clock: Clock) -> None:
        root = x509.Certificate.load(pki.anchors.root.der)
        context = ValidationContext(trust_roots=[root], moment=clock.now(), allow_fetching=False, crls=[pki.crl().der])
        signed = asn1.ContentInfo.load(sign(pki, clock, pki.person()))["content"]
        status = await async_validate_detached_cms(CONTENT, signed, signer_validation_context=context)
        assert status.intact
        assert status.valid
        assert status.trusted

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
    @pytest.mark.parametrize("algorithm", ["rsa", "ec"])
    def test_openssl_takes_it(self, pki: MemoryPKI, clock: Clock, tmp_path: Path, algorithm: str) -> None:
        person = pki.person(key=rsa_key() if algorithm == "rsa" else None)
        (tmp_path / "document.json").write_bytes(CONTENT)
        (tmp_path / "document.p7s").write_bytes(sign(pki, clock, person))
        (tmp_path / "root.pem").write_text(pki.anchors.root.pem)
        command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "document.p7s"]
        command += ["-content", "document.json", "-CAfile", "root.pem", "-purpose", "any"]
        command += ["-attime", str(int(clock.timestamp())), "-out", "verified"]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        (tmp_path / "document.json").write_bytes(CONTENT + b" ")
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


class TestDefects:
    def test_other_content(self, pki: MemoryPKI, clock: Clock) -> None:
        der = sign(pki, clock, pki.person())
        assert reason(verify(pki, clock, der, content=CONTENT + b" ")) == (5, "HASH_FAILURE")

    def test_another_signer_than_expected(self, pki: MemoryPKI, clock: Clock) -> None:
        der = sign(pki, clock, pki.person())
        assert reason(verify(pki, clock, der, expected=pki.person())) == (6, "SIG_CONSTRAINTS_FAILURE")

    @pytest.mark.parametrize(
        ("make", "expected"),
        [
            (MemoryPKI.unknown_issuer, (1, "NO_CERTIFICATE_CHAIN_FOUND")),
            (MemoryPKI.expired, (2, "EXPIRED")),
            (MemoryPKI.not_yet_valid, (2, "NOT_YET_VALID")),
            (MemoryPKI.revoked_person, (3, "REVOKED")),
            (MemoryPKI.wrong_usage, (4, "CHAIN_CONSTRAINTS_FAILURE")),
        ],
    )
    def test_defects_of_the_certificate(self, pki: MemoryPKI, clock: Clock, make: object, expected: object) -> None:
        assert callable(make)
        assert reason(verify(pki, clock, sign(pki, clock, make(pki)))) == expected

    def test_certificate_may_expire_after_the_signature(self, pki: MemoryPKI, clock: Clock) -> None:
        """The time that counts is the one given, not the one the signer claims."""
        der = sign(pki, clock, pki.person())
        clock.advance(timedelta(days=366))
        assert reason(verify(pki, clock, der)) == (2, "EXPIRED")

    def test_foreign_certificate_over_ones_own_signature(self, pki: MemoryPKI, clock: Clock) -> None:
        """The certificate in the CMS is replaced by another one for the same key: RFC 5035 is against that."""
        person = pki.person()
        twin = pki.person(OTHER_IIN, key=person.key)
        parsed = asn1.ContentInfo.load(sign(pki, clock, person))
        signed = parsed["content"]
        signed["certificates"] = [asn1.CertificateChoices("certificate", asn1.Certificate.load(twin.certificate.der))]
        signed["signer_infos"][0]["sid"].chosen["serial_number"] = twin.certificate.serial_number
        assert reason(verify(pki, clock, parsed.dump(force=True))) == (5, "SIG_CONSTRAINTS_FAILURE")

    def test_changed_attribute(self, pki: MemoryPKI, clock: Clock) -> None:
        der = sign(pki, clock, pki.person())
        moment = clock.now().strftime("%y%m%d%H%M%SZ").encode()
        assert der.count(moment) == 1
        assert reason(verify(pki, clock, der.replace(moment, b"200101000000Z"))) == (5, "SIG_CRYPTO_FAILURE")

    def test_attached_content_is_refused(self, pki: MemoryPKI, clock: Clock) -> None:
        parsed = asn1.ContentInfo.load(sign(pki, clock, pki.person()))
        parsed["content"]["encap_content_info"] = asn1.ContentInfo({"content_type": "data", "content": CONTENT})
        assert reason(verify(pki, clock, parsed.dump(force=True))) == (0, "FORMAT_FAILURE")

    def test_signature_without_the_certificate_is_refused(self, pki: MemoryPKI, clock: Clock) -> None:
        parsed = asn1.ContentInfo.load(sign(pki, clock, pki.person()))
        parsed["content"]["certificates"] = []
        assert reason(verify(pki, clock, parsed.dump(force=True))) == (0, "FORMAT_FAILURE")

    def test_two_signers_are_refused(self, pki: MemoryPKI, clock: Clock) -> None:
        parsed = asn1.ContentInfo.load(sign(pki, clock, pki.person()))
        other = asn1.ContentInfo.load(sign(pki, clock, pki.person()))
        parsed["content"]["signer_infos"] = [*parsed["content"]["signer_infos"], *other["content"]["signer_infos"]]
        assert reason(verify(pki, clock, parsed.dump(force=True))) == (0, "FORMAT_FAILURE")

    @given(st.binary(max_size=100))
    def test_rubbish_is_a_format_failure(self, rubbish: bytes) -> None:
        clock = Clock()
        pki = MemoryPKI(clock)
        assert reason(verify(pki, clock, rubbish)) == (0, "FORMAT_FAILURE")

    def test_no_changed_byte_of_the_signature_gets_through_or_raises(self, pki: MemoryPKI, clock: Clock) -> None:
        person, directory = pki.person(), pki.directory()
        der = sign(pki, clock, person)
        signer_info = asn1.ContentInfo.load(der)["content"]["signer_infos"][0]
        parts = [person.certificate.der, signer_info["signed_attrs"].dump(), signer_info["signature"].dump()]
        covered = [range(der.index(part), der.index(part) + len(part)) for part in parts]
        for position in range(len(der)):
            changed = bytearray(der)
            changed[position] ^= 0x01
            verification = verify_document(
                CONTENT, bytes(changed), person.certificate, directory=directory, at=clock.now()
            )
            # Version numbers and the chain's certificates travel along; nobody relies on them.
            assert not verification.passed or not any(position in part for part in covered)


class TestRevocationAndPolicy:
    def test_unreachable_revocation_is_undecided(self, pki: MemoryPKI, clock: Clock) -> None:
        person = pki.person()
        verification = verify_document(
            CONTENT, sign(pki, clock, person), directory=pki.directory(), at=clock.now(), revocation=UNREACHABLE
        )
        assert verification.report.indication is Indication.INDETERMINATE

    def test_policy_is_asked_about_the_signer(self, pki: MemoryPKI, clock: Clock) -> None:
        der, directory, now = sign(pki, clock, pki.officer()), pki.directory(), clock.now()
        for policy, passed in ((SignedByBIN(BIN), True), (SignedByIIN(IIN), True), (SignedByIIN(OTHER_IIN), False)):
            assert verify_document(CONTENT, der, directory=directory, at=now, policy=policy).passed is passed
