"""DER of strangers is taken or refused in the stand's own words, whatever error the libraries have for it."""

import base64
from collections.abc import Callable
from contextlib import suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.crypto.authority import request_for
from shared.crypto.cades import sign_document
from shared.crypto.certificates import Certificate, InvalidCertificate
from shared.crypto.constraints import certificate_fault
from shared.crypto.issuance import key_of_request
from shared.crypto.ocsp import UntrustedAnswer, build_request, read_answer
from shared.crypto.p12 import dump_p12, load_p12
from shared.crypto.responder import Answering, answer_request
from shared.crypto.revocation import RevocationList, RevocationState, RevocationStatus
from shared.crypto.testing import IIN, MemoryPKI, rsa_key
from shared.crypto.verify import verify_document, verify_person_certificate
from shared.kit.clock import Clock
from shared.kit.errors import InvalidInput

VERSION_3, VERSION_6 = bytes.fromhex("a003020102"), bytes.fromhex("a003020105")
GOOD = RevocationStatus(RevocationState.GOOD)
CONTENT, PASSWORD = b"{}", "Qwerty12"


def strange(pki: MemoryPKI, kind: str) -> bytes:
    """A certificate of a person that the library refuses; by an error of its own for each ``kind``."""
    usual = pki.person()
    if kind.startswith("version"):
        return usual.certificate.der.replace(VERSION_3, VERSION_3[:-1] + bytes((int(kind.split()[1]) - 1,)))
    if kind == "subject in bits":
        value = usual.certificate.der.rindex(bytes.fromhex("0603550403")) + 5
        return usual.certificate.der[:value] + b"\x03" + usual.certificate.der[value + 1 :]
    names = {"x400Address": "3002a300", "EDIPartyName": "3006a504a1020c00"}[kind]
    san = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, bytes.fromhex(names))
    loaded = usual.certificate.loaded
    builder = x509.CertificateBuilder().subject_name(loaded.subject).issuer_name(loaded.issuer).serial_number(1)
    builder = builder.public_key(usual.key.public_key()).add_extension(san, critical=False)
    builder = builder.not_valid_before(loaded.not_valid_before_utc).not_valid_after(loaded.not_valid_after_utc)
    return builder.sign(pki.authority.issuing.key, hashes.SHA256()).public_bytes(Encoding.DER)


class TestStrange:
    @pytest.mark.parametrize("kind", ["version 2", "version 6", "x400Address", "EDIPartyName", "subject in bits"])
    def test_certificate(self, pki: MemoryPKI, kind: str) -> None:
        der = strange(pki, kind)
        body = base64.encodebytes(der).decode()
        for form in (der, body, f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"):
            with pytest.raises(InvalidCertificate, match=r"not a (readable )?certificate.*: ."):
                Certificate.parse(form)

    def test_certificate_in_a_signature(self, pki: MemoryPKI) -> None:
        person, at = pki.person(), pki.clock.now()
        signature = sign_document(CONTENT, person.key, person.certificate, pki.chain, at)
        strange = signature.replace(VERSION_3, VERSION_6)
        report = verify_document(CONTENT, strange, directory=pki.directory(), at=at).report
        assert report.failure is not None
        assert report.failure.n == 0

    def test_certificate_of_a_responder(self, pki: MemoryPKI) -> None:
        der, read = outsiders(pki)["answer"]
        with pytest.raises(UntrustedAnswer, match="unusable answer"):
            read(der.replace(VERSION_3, VERSION_6))

    def test_revocation_list_of_another_version(self, pki: MemoryPKI) -> None:
        version_2, version_6 = bytes.fromhex("020101300a"), bytes.fromhex("020105300a")
        with pytest.raises(InvalidCertificate, match="not a readable revocation list"):
            RevocationList.from_der(pki.crl().der.replace(version_2, version_6, 1))

    def test_algorithm_that_nobody_knows(self, pki: MemoryPKI) -> None:
        """It is a certificate like any other, and its algorithm is named in the reason."""
        ecdsa_sha256, unknown = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f")
        fault = certificate_fault(Certificate.from_der(pki.person().certificate.der.replace(ecdsa_sha256, unknown)))
        assert fault is not None
        assert fault[0] == "CRYPTO_CONSTRAINTS_FAILURE"
        assert "1.2.840.10045.4.3.127" in fault[1]


Read = Callable[[bytes], object]


def outsiders(pki: MemoryPKI) -> dict[str, tuple[bytes, Read]]:
    """Every kind of DER that comes from outside: a valid one of each, and all that is done with it."""
    person, by_rsa, at = pki.person(), pki.person(key=rsa_key()), pki.clock.now()
    pki.revoke(pki.person().certificate)  # a list has entries
    directory, anchors = pki.directory(), pki.anchors
    question, nonce = build_request(person.certificate, anchors.issuing)
    answering = [Answering(anchors.issuing, pki.authority.responder, lambda _: GOOD)]

    def certificate(der: bytes) -> None:
        read = Certificate.from_der(der)
        for name in ("serial", "pem", "surname", "given_name", "organisation", "iin", "bin", "public_jwk"):
            getattr(read, name)
        certificate_fault(read)
        verify_person_certificate(read, anchors=anchors, revocation=GOOD, at=at, iin=IIN)
        build_request(read, anchors.issuing)

    def revocation_list(der: bytes) -> None:
        read = RevocationList.from_der(der)
        read.signed_by(anchors.issuing)
        read.status(person.certificate, at)

    def document(der: bytes) -> None:
        verify_document(CONTENT, der, directory=directory, at=at)

    def request(der: bytes) -> None:
        body = base64.encodebytes(der).decode()
        key_of_request(f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n")

    asked = x509.load_pem_x509_csr(request_for(person.key).encode()).public_bytes(Encoding.DER)
    signed, signed_by_rsa = (
        sign_document(CONTENT, who.key, who.certificate, pki.chain, at) for who in (person, by_rsa)
    )
    return {
        "certificate": (pki.system("portal").certificate.der, certificate),
        "document": (signed, document),
        "document by RSA": (signed_by_rsa, document),
        "revocation list": (pki.crl().der, revocation_list),
        "request": (asked, request),
        "question": (question, lambda der: answer_request(der, answering=answering, at=at)),
        "answer": (
            answer_request(question, answering=answering, at=at),
            lambda der: read_answer(der, person.certificate, anchors.issuing, nonce=nonce, at=at),
        ),
        "container": (
            dump_p12(person.key, person.certificate, (), name="x", password=PASSWORD),
            lambda der: load_p12(der, PASSWORD),
        ),
    }


KINDS = (
    "certificate",
    "document",
    "document by RSA",
    "revocation list",
    "request",
    "question",
    "answer",
    "container",
)
POSITION = st.integers(0, 2**14)
EDIT = st.tuples(POSITION, st.just(True), st.sampled_from([1 << bit for bit in range(8)])) | st.tuples(
    POSITION, st.just(False), st.integers(0, 255)
)


@pytest.fixture(scope="module")
def valid() -> dict[str, tuple[bytes, Read]]:
    return outsiders(MemoryPKI(Clock()))


@pytest.mark.parametrize("kind", KINDS)
class TestDamaged:
    def test_whole_it_is_taken(self, valid: dict[str, tuple[bytes, Read]], kind: str) -> None:
        der, read = valid[kind]
        read(der)

    # The libraries warn of much that they take; here it is about what they do not.
    @pytest.mark.filterwarnings("ignore")
    @settings(max_examples=200)
    @given(edits=st.lists(EDIT, min_size=1, max_size=3))
    def test_damaged_it_is_refused_in_our_words(
        self, valid: dict[str, tuple[bytes, Read]], kind: str, edits: list[tuple[int, bool, int]]
    ) -> None:
        """Bits turned and octets replaced: nothing is raised but what the stand has named."""
        der, read = valid[kind]
        damaged = bytearray(der)
        for position, turned, value in edits:
            at = position % len(damaged)
            damaged[at] = damaged[at] ^ value if turned else value
        with suppress(InvalidInput, UntrustedAnswer):
            read(bytes(damaged))
