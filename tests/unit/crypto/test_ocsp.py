"""Online certificate status: good, revoked, unknown, and every answer that proves nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity
from shared.crypto.issuance import Subject
from shared.crypto.ocsp import UntrustedAnswer, build_request, read_answer
from shared.crypto.responder import Answering, answer_request
from shared.crypto.revocation import RevocationState, RevocationStatus
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock

GOOD = RevocationStatus(RevocationState.GOOD)


class Exchange:
    """One question and its answer; what a test changes in between is an argument."""

    def __init__(self, pki: MemoryPKI, clock: Clock) -> None:
        self.pki, self.clock = pki, clock
        self.certificate = pki.person().certificate
        self.request, self.nonce = build_request(self.certificate, pki.anchors.issuing)

    def answer(self, status: RevocationStatus = GOOD, responder: Identity | None = None) -> bytes:
        return answer_request(
            self.request,
            answering=[
                Answering(
                    self.pki.anchors.issuing,
                    responder or self.pki.authority.responder,
                    lambda serial: status if serial == self.certificate.serial_number else GOOD,
                )
            ],
            at=self.clock.now(),
        )

    def read(
        self, der: bytes, *, about: Certificate | None = None, nonce: bytes | None = None, at: datetime | None = None
    ) -> RevocationStatus:
        issuer = self.pki.anchors.issuing
        return read_answer(der, about or self.certificate, issuer, nonce=nonce or self.nonce, at=at or self.clock.now())


@pytest.fixture
def exchange(pki: MemoryPKI, clock: Clock) -> Exchange:
    return Exchange(pki, clock)


def test_good(exchange: Exchange) -> None:
    assert exchange.read(exchange.answer()) == RevocationStatus(RevocationState.GOOD, source="ocsp")


def test_revoked_with_moment_and_reason(exchange: Exchange, clock: Clock) -> None:
    status = RevocationStatus(RevocationState.REVOKED, clock.now(), "keyCompromise")
    assert exchange.read(exchange.answer(status)) == RevocationStatus(
        RevocationState.REVOKED, clock.now(), "keyCompromise", "ocsp"
    )


def test_unknown(exchange: Exchange) -> None:
    answer = exchange.answer(RevocationStatus(RevocationState.UNKNOWN))
    assert exchange.read(answer).state is RevocationState.UNKNOWN


def test_authority_itself_may_answer(exchange: Exchange, pki: MemoryPKI) -> None:
    assert exchange.read(exchange.answer(responder=pki.authority.issuing)).good


def test_question_about_another_authority_is_unknown(pki: MemoryPKI, clock: Clock) -> None:
    other = MemoryPKI(clock)
    certificate = other.person().certificate
    request, nonce = build_request(certificate, other.anchors.issuing)
    der = answer_request(
        request,
        # Signed by the other one, so that the asker can check the signature.
        answering=[Answering(pki.anchors.issuing, other.authority.responder, lambda _: GOOD)],
        at=clock.now(),
    )
    status = read_answer(der, certificate, other.anchors.issuing, nonce=nonce, at=clock.now())
    assert status.state is RevocationState.UNKNOWN


class TestUntrusted:
    def test_responder_without_delegation(self, exchange: Exchange, pki: MemoryPKI) -> None:
        with pytest.raises(UntrustedAnswer):
            exchange.read(exchange.answer(responder=pki.system("portal")))

    def test_responder_of_another_authority(self, exchange: Exchange, clock: Clock) -> None:
        with pytest.raises(UntrustedAnswer, match="delegated"):
            exchange.read(exchange.answer(responder=MemoryPKI(clock).authority.responder))

    def test_another_nonce(self, exchange: Exchange) -> None:
        with pytest.raises(UntrustedAnswer, match="nonce"):
            exchange.read(exchange.answer(), nonce=b"x" * 32)

    def test_another_certificate(self, exchange: Exchange, pki: MemoryPKI) -> None:
        with pytest.raises(UntrustedAnswer, match="another certificate"):
            exchange.read(exchange.answer(), about=pki.person().certificate)

    def test_another_time(self, exchange: Exchange, clock: Clock) -> None:
        answer = exchange.answer()
        for offset in (timedelta(hours=1), timedelta(hours=-1)):
            with pytest.raises(UntrustedAnswer, match="another time"):
                exchange.read(answer, at=clock.now() + offset)

    def test_changed_status(self, exchange: Exchange) -> None:
        answer = bytearray(exchange.answer())
        serial = exchange.certificate.serial_number.to_bytes(20, "big").lstrip(b"\x00")
        at = bytes(answer).index(serial) + len(serial)
        assert answer[at] == 0x80  # [0] good
        answer[at] = 0x82  # [2] unknown
        with pytest.raises(UntrustedAnswer):
            exchange.read(bytes(answer))

    @pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"\x30\x03\x0a\x01\x06"])
    def test_rubbish(self, exchange: Exchange, rubbish: bytes) -> None:
        with pytest.raises(UntrustedAnswer):
            exchange.read(rubbish)

    def test_rubbish_question_is_answered_malformed(self, exchange: Exchange) -> None:
        exchange.request = b"rubbish"
        with pytest.raises(UntrustedAnswer, match="MALFORMED_REQUEST"):
            exchange.read(exchange.answer())


class TestWhoAnswered:
    """Answers of another responder program, made now: its library dates them by the machine's time."""

    @pytest.fixture
    def exchange(self) -> Exchange:
        clock = Clock()
        return Exchange(MemoryPKI(clock), clock)

    def made(
        self,
        exchange: Exchange,
        *,
        by: Identity | None = None,
        embedded: Sequence[Certificate] | None = None,
        named: ocsp.OCSPResponderEncoding = ocsp.OCSPResponderEncoding.HASH,
        since: timedelta = timedelta(),
        until: timedelta | None = timedelta(minutes=1),
    ) -> RevocationStatus:
        """The answer read: signed ``by`` somebody, with these certificates, valid from and until so long after now."""
        by, now = by or exchange.pki.authority.responder, exchange.clock.now()
        builder = ocsp.OCSPResponseBuilder().add_response(
            exchange.certificate.loaded,
            exchange.pki.anchors.issuing.loaded,
            hashes.SHA256(),
            ocsp.OCSPCertStatus.GOOD,
            now + since,
            None if until is None else now + until,
            None,
            None,
        )
        links = [by.certificate] if embedded is None else embedded
        builder = builder.certificates([link.loaded for link in links]).responder_id(named, by.certificate.loaded)
        builder = builder.add_extension(x509.OCSPNonce(exchange.nonce), critical=False)
        answer = builder.sign(by.key, hashes.SHA256())
        return exchange.read(answer.public_bytes(Encoding.DER))

    @pytest.mark.parametrize("named", list(ocsp.OCSPResponderEncoding))
    def test_its_certificate_is_found_among_others(self, exchange: Exchange, named: ocsp.OCSPResponderEncoding) -> None:
        pki = exchange.pki
        embedded = [
            pki.anchors.root,
            pki.person().certificate,
            pki.anchors.issuing,
            pki.authority.responder.certificate,
        ]
        assert self.made(exchange, embedded=embedded, named=named).good

    def test_authority_need_not_bring_its_own_certificate(self, exchange: Exchange) -> None:
        assert self.made(exchange, by=exchange.pki.authority.issuing, embedded=[exchange.pki.anchors.root]).good

    def test_certificate_of_the_responder_is_missing(self, exchange: Exchange) -> None:
        with pytest.raises(UntrustedAnswer, match="not in the answer"):
            self.made(exchange, embedded=[exchange.pki.anchors.issuing])

    def test_root_may_not_answer_for_what_another_issued(self, exchange: Exchange) -> None:
        with pytest.raises(UntrustedAnswer, match="delegated"):
            self.made(exchange, by=exchange.pki.authority.root)

    def test_person_with_the_name_of_the_responder(self, exchange: Exchange) -> None:
        """Not delegated, though the authority issued it; the true one is embedded as well."""
        pki = exchange.pki
        namesake = pki.issue(Subject("egov stand OCSP responder"))
        embedded = [namesake.certificate, pki.authority.responder.certificate]
        with pytest.raises(UntrustedAnswer):
            self.made(exchange, by=namesake, embedded=embedded, named=ocsp.OCSPResponderEncoding.NAME)

    def test_too_many_certificates(self, exchange: Exchange) -> None:
        with pytest.raises(UntrustedAnswer, match="too many"):
            self.made(exchange, embedded=[exchange.pki.authority.responder.certificate] * 11)

    def test_weak_digest(self, exchange: Exchange) -> None:
        """The libraries here make no such answer any more, so the name of the algorithm is changed."""
        der = exchange.answer(responder=exchange.pki.authority.issuing)
        loaded = asn1.OCSPResponse.load(der)
        basic = loaded.basic_ocsp_response
        basic["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
        loaded["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
        with pytest.raises(UntrustedAnswer, match="digest"):
            exchange.read(loaded.dump(force=True))

    def test_without_next_update_it_is_good_for_a_while(self, exchange: Exchange) -> None:
        assert self.made(exchange, since=timedelta(minutes=-50), until=None).good
        for since in (timedelta(days=-365), timedelta(hours=-2), timedelta(hours=1)):
            with pytest.raises(UntrustedAnswer, match="another time"):
                self.made(exchange, since=since, until=None)

    def test_made_at_another_time(self, exchange: Exchange) -> None:
        """Repeated a day later, though it says that it is valid for a week."""
        exchange.clock.advance(timedelta(days=1))
        with pytest.raises(UntrustedAnswer, match="made at another time"):
            self.made(exchange, until=timedelta(days=7))
