"""Online certificate status: good, revoked, unknown, and every answer that proves nothing."""

from datetime import datetime, timedelta

import pytest

from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity
from shared.crypto.ocsp import UntrustedAnswer, answer_request, build_request, read_answer
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
            issuer=self.pki.anchors.issuing,
            responder=responder or self.pki.authority.responder,
            status_of=lambda serial: status if serial == self.certificate.serial_number else GOOD,
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
        issuer=pki.anchors.issuing,
        responder=other.authority.responder,  # so that the asker can check the signature
        status_of=lambda _: GOOD,
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
