"""What is answered to OCSP requests of every kind: several certificates, nonces of every length, rubbish."""

import pytest
from asn1crypto import algos, core, ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as reference

from shared.crypto.certificates import Certificate
from shared.crypto.responder import LONGEST_REQUEST, MOST_CERTIFICATES, Answering, answer_request
from shared.crypto.revocation import RevocationState, RevocationStatus
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock

MALFORMED, UNAUTHORISED = b"\x30\x03\x0a\x01\x01", b"\x30\x03\x0a\x01\x06"


class Responder:
    """The authority of a test, answering for its issuing authority and its root."""

    def __init__(self, pki: MemoryPKI, clock: Clock) -> None:
        self.pki, self.clock = pki, clock

    def __call__(self, request: bytes) -> bytes:
        authority = self.pki.authority
        answering = [
            Answering(authority.issuing.certificate, authority.responder, self.status),
            Answering(authority.root.certificate, authority.root, self.status),
        ]
        return answer_request(request, answering=answering, at=self.clock.now())

    def status(self, serial_number: int) -> RevocationStatus:
        revoked = self.pki.revoked.get(serial_number)
        if revoked is not None:
            return RevocationStatus(RevocationState.REVOKED, *revoked)
        known = {certificate.serial_number for certificate in (*self.pki.certificates, *self.pki.chain)}
        return RevocationStatus(RevocationState.GOOD if serial_number in known else RevocationState.UNKNOWN)

    def states(self, request: bytes) -> list[str]:
        """The states in the answer, as an independent reader finds them."""
        answer = ocsp.OCSPResponse.load(self(request), strict=True)
        assert answer["response_status"].native == "successful"
        return [single["cert_status"].name for single in answer.response_data["responses"]]


@pytest.fixture
def responder(pki: MemoryPKI, clock: Clock) -> Responder:
    return Responder(pki, clock)


def certificate_id(certificate: Certificate, issuer: Certificate, algorithm: str = "sha1") -> ocsp.CertId:
    digest = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}[algorithm]
    builder = reference.OCSPRequestBuilder().add_certificate(certificate.loaded, issuer.loaded, digest)
    loaded = ocsp.OCSPRequest.load(builder.build().public_bytes(Encoding.DER))
    return loaded["tbs_request"]["request_list"][0]["req_cert"]


def request(
    *identifiers: ocsp.CertId, nonces: tuple[bytes, ...] = (), extensions: tuple[dict[str, object], ...] = ()
) -> bytes:
    asking: dict[str, object] = {"request_list": [{"req_cert": identifier} for identifier in identifiers]}
    every = [{"extn_id": "nonce", "extn_value": core.OctetString(nonce)} for nonce in nonces]
    if every or extensions:
        asking["request_extensions"] = [*every, *extensions]
    return bytes(ocsp.OCSPRequest({"tbs_request": asking}).dump())


class TestSeveralCertificates:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
    def test_each_is_answered_in_order(
        self, responder: Responder, pki: MemoryPKI, clock: Clock, algorithm: str
    ) -> None:
        good, revoked, unknown = pki.person().certificate, pki.revoked_person().certificate, pki.person().certificate
        pki.certificates.remove(unknown)
        foreign = MemoryPKI(clock)
        asked = [certificate_id(one, pki.anchors.issuing, algorithm) for one in (good, revoked, unknown)]
        asked.append(certificate_id(foreign.person().certificate, foreign.anchors.issuing, algorithm))
        assert responder.states(request(*asked)) == ["good", "revoked", "unknown", "unknown"]

    def test_answer_is_one_that_others_can_read_and_prove(
        self, responder: Responder, pki: MemoryPKI, clock: Clock
    ) -> None:
        certificate = pki.revoked_person().certificate
        der = responder(request(certificate_id(certificate, pki.anchors.issuing)))
        answer = reference.load_der_ocsp_response(der)
        assert answer.certificate_status is reference.OCSPCertStatus.REVOKED
        assert (answer.revocation_time_utc, answer.revocation_reason) == (clock.now(), x509.ReasonFlags.key_compromise)
        assert (answer.this_update_utc, answer.produced_at_utc) == (clock.now(), clock.now())
        [embedded] = answer.certificates
        assert embedded == pki.authority.responder.certificate.loaded

    def test_most_are_answered_and_more_are_malformed(self, responder: Responder, pki: MemoryPKI) -> None:
        identifier = certificate_id(pki.person().certificate, pki.anchors.issuing)
        assert responder.states(request(*[identifier] * MOST_CERTIFICATES)) == ["good"] * MOST_CERTIFICATES
        assert responder(request(*[identifier] * (MOST_CERTIFICATES + 1))) == MALFORMED

    def test_nobody_answers_for_two_issuers_at_once(self, responder: Responder, pki: MemoryPKI) -> None:
        leaf = certificate_id(pki.person().certificate, pki.anchors.issuing)
        link = certificate_id(pki.anchors.issuing, pki.anchors.root)
        assert responder.states(request(link)) == ["good"]
        assert responder(request(leaf, link)) == UNAUTHORISED

    def test_issuer_named_by_an_unknown_digest_is_unknown(self, responder: Responder, pki: MemoryPKI) -> None:
        for algorithm in ("md5", "1.2.398.3.10.1.3.3"):  # the latter is the national one, which the stand does not have
            identifier = certificate_id(pki.person().certificate, pki.anchors.issuing).copy()
            identifier["hash_algorithm"] = algos.DigestAlgorithm({"algorithm": algorithm})
            assert responder.states(request(identifier)) == ["unknown"]


class TestNonce:
    @pytest.mark.parametrize("length", [1, 16, 32, 128])
    def test_is_repeated(self, responder: Responder, pki: MemoryPKI, length: int) -> None:
        identifier, nonce = certificate_id(pki.person().certificate, pki.anchors.issuing), b"n" * length
        answer = reference.load_der_ocsp_response(responder(request(identifier, nonces=(nonce,))))
        assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce

    @pytest.mark.parametrize("nonces", [(b"",), (b"n" * 129,), (b"n" * 5000,), (b"one", b"two")])
    def test_that_is_none_is_malformed(self, responder: Responder, pki: MemoryPKI, nonces: tuple[bytes, ...]) -> None:
        identifier = certificate_id(pki.person().certificate, pki.anchors.issuing)
        assert responder(request(identifier, nonces=nonces)) == MALFORMED

    def test_absent_is_absent(self, responder: Responder, pki: MemoryPKI) -> None:
        identifier = certificate_id(pki.person().certificate, pki.anchors.issuing)
        assert not list(reference.load_der_ocsp_response(responder(request(identifier))).extensions)


class TestOddRequests:
    def test_signed_request_is_answered(self, responder: Responder, pki: MemoryPKI) -> None:
        unsigned = ocsp.OCSPRequest.load(request(certificate_id(pki.person().certificate, pki.anchors.issuing)))
        signature = {"signature_algorithm": {"algorithm": "sha256_ecdsa"}, "signature": b"whatever"}
        signed = ocsp.OCSPRequest({"tbs_request": unsigned["tbs_request"], "optional_signature": signature})
        assert responder.states(signed.dump()) == ["good"]

    def test_without_a_certificate(self, responder: Responder) -> None:
        assert responder(request()) == MALFORMED

    def test_unknown_extensions_are_ignored_unless_critical(self, responder: Responder, pki: MemoryPKI) -> None:
        identifier = certificate_id(pki.person().certificate, pki.anchors.issuing)
        for critical in (False, True):
            extension = {
                "extn_id": "1.2.3.4",
                "critical": critical,
                "extn_value": core.ParsableOctetString(b"\x04\x01?"),
            }
            answer = responder(request(identifier, extensions=(extension,)))
            assert (answer == MALFORMED) is critical

    def test_rubbish(self, responder: Responder, pki: MemoryPKI) -> None:
        good = request(certificate_id(pki.person().certificate, pki.anchors.issuing), nonces=(b"n" * 32,))
        for broken in (
            b"",
            b"rubbish",
            b"\x30\x80",
            good[:-1],
            good + b"\x00",
            b"\x30" * 1000,
            b"\x00" * LONGEST_REQUEST * 2,
        ):
            assert responder(broken) == MALFORMED

    def test_every_octet_changed_is_still_answered(self, responder: Responder, pki: MemoryPKI) -> None:
        good = request(certificate_id(pki.person().certificate, pki.anchors.issuing), nonces=(b"n" * 32,))
        for place in range(len(good)):
            for value in (0x00, 0x7F, 0x80, 0xFF):
                changed = good[:place] + bytes((value,)) + good[place + 1 :]
                ocsp.OCSPResponse.load(responder(changed), strict=True)
