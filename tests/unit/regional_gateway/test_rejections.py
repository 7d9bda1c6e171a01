"""What the regional gateway does not pass on, and how a rejection from further on finds whoever can act."""

import base64
from datetime import datetime
from typing import Any

import orjson
import pytest

from services.regional_gateway.domain import EntryStatus, JournalEntry
from services.regional_gateway.repository import ENTRIES
from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage
from shared.kit.ids import sha256_base64url
from shared.messages import application as payloads
from shared.messages.control import MessageRejected
from shared.messages.envelope import Message
from shared.messages.payload import Payload, SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType as T
from shared.messaging.records import Received
from tests.factories.received import received
from tests.unit.regional_gateway.test_queue import Bench

SERVICE, APP, BIN = "almaty-city/preschool-queue", "application-1", "990140000017"
OTHER = sha256_base64url(b"another request")


class Desk(Bench):
    """With an authority, and an application that is assigned."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.pki = MemoryPKI(clock)
        self.gateway.open(self.pki.directory())
        self.submitted = self.make(
            T.APPLICATION_SUBMITTED,
            payloads.ApplicationSubmitted(
                channel="portal", document=SignedDocument(content="{}", signature=""), attachments=()
            ),
            System.PORTAL,
            None,
        )
        self.handle(self.gateway.register_application, self.submitted)

    def make(
        self, kind: T, payload: Payload, source: System = System.PROVIDER, digest: str | None = "the request"
    ) -> Received:
        """A message that came; by default bound to what was assigned."""
        bound = self.digest_of(T.APPLICATION_ASSIGNED) if digest == "the request" else digest
        return received(
            self.clock,
            kind,
            APP,
            payload,
            source=source,
            destination=System.REGIONAL_GATEWAY,
            hop=source,
            regulation=SERVICE,
            requestdigest=bound,
        )

    def of(self, kind: T) -> list[Message]:
        return [message for message in self.sent if message.type is kind]

    def digest_of(self, kind: T) -> str:
        return sha256_base64url(self.of(kind)[-1].encode())

    @property
    def entry(self) -> JournalEntry:
        found: JournalEntry = self.kept.records[ENTRIES, APP]
        return found

    def act(self, application: str = APP, **fields: Any) -> SignedDocument:
        """Signed by the provider's head."""
        content = canonical_json({"application": application, "provider": {"bin": BIN}, **fields})
        signer = self.pki.officer(bin=BIN)
        der = sign_document(content, signer.key, signer.certificate, self.pki.chain, self.clock.now())
        return SignedDocument(content=content.decode(), signature=base64.b64encode(der).decode())

    def decision(self, document: SignedDocument | None = None, digest: str | None = "the request") -> Received:
        now: datetime = self.clock.now()
        made = payloads.DecisionMade(
            decision="granted", document=document or self.act(), review_started_at=now, decided_at=now
        )
        return self.make(T.DECISION_MADE, made, digest=digest)

    def rejects(self, kind: T, source: System, reason: str = "document-signature", digest: str | None = None) -> None:
        """``source`` does not take the last message of that kind."""
        message = self.of(kind)[-1]
        payload = MessageRejected(
            message_id=message.id, digest=digest or self.digest_of(kind), reason=reason, report={"detail": "planned"}
        )
        self.handle(self.gateway.note_rejection, self.make(T.MESSAGE_REJECTED, payload, source, None))


@pytest.fixture
def desk(clock: Clock) -> Desk:
    return Desk(clock)


def messages(desk: Desk) -> dict[T, Received]:
    """Everything that goes back to the assignment or the request, bound to another one."""
    now = desk.clock.now()
    review = payloads.ReviewStarted(started_at=now)
    text = {"kk": "а", "ru": "а", "en": "a"}
    notice = payloads.NoticeIssued(kind="note", text=text, issued_at=now)
    supplement = payloads.ApplicationSupplemented(
        channel="portal", document=SignedDocument(content="{}", signature=""), attachments=()
    )
    return {
        T.REVIEW_STARTED: desk.make(T.REVIEW_STARTED, review, digest=OTHER),
        T.DECISION_MADE: desk.decision(digest=OTHER),
        T.NOTICE_ISSUED: desk.make(T.NOTICE_ISSUED, notice, digest=OTHER),
        T.APPLICATION_SUPPLEMENTED: desk.make(T.APPLICATION_SUPPLEMENTED, supplement, System.PORTAL, OTHER),
    }


@pytest.mark.parametrize(
    ("kind", "handler"),
    [
        (T.REVIEW_STARTED, "note_review"),
        (T.DECISION_MADE, "pass_decision"),
        (T.NOTICE_ISSUED, "pass_notice"),
        (T.APPLICATION_SUPPLEMENTED, "pass_supplement"),
    ],
)
@pytest.mark.parametrize("named", [OTHER, None])
def test_what_goes_back_to_another_request_is_rejected(desk: Desk, kind: T, handler: str, named: str | None) -> None:
    message = messages(desk)[kind]
    wrong = Received(
        message.record,
        message.message.model_copy(update={"requestdigest": named}),
        message.payload,
        message.digest,
        message.hop,
        1,
        "",
        message.report,
    )
    before = len(desk.sent)
    with pytest.raises(RejectedMessage) as rejected:
        desk.handle(getattr(desk.gateway, handler), wrong)
    assert rejected.value.reason == "request-digest"
    assert (len(desk.sent), desk.entry.status) == (before, EntryStatus.REGISTERED)


def test_an_act_that_does_not_prove_itself_is_rejected_at_once(desk: Desk) -> None:
    good = desk.act()
    over_other_bytes = good.model_copy(update={"content": good.content.replace(BIN, "050640001236")})
    about_another = desk.act("application-2")
    no_base64 = good.model_copy(update={"signature": "!"})
    for document, reason in (
        (over_other_bytes, "document-signature"),
        (no_base64, "document-signature"),
        (about_another, "document"),
    ):
        with pytest.raises(RejectedMessage) as rejected:
            desk.handle(desk.gateway.pass_decision, desk.decision(document))
        assert rejected.value.reason == reason
    assert not desk.entry.decided
    desk.handle(desk.gateway.pass_decision, desk.decision())
    assert desk.entry.status == EntryStatus.GRANTED


def test_a_notice_with_an_act_that_does_not_prove_itself_is_rejected(desk: Desk) -> None:
    notice = payloads.NoticeIssued(
        kind="note",
        text={"kk": "а", "ru": "а", "en": "a"},
        issued_at=desk.clock.now(),
        document=desk.act("application-2"),
    )
    with pytest.raises(RejectedMessage) as rejected:
        desk.handle(desk.gateway.pass_notice, desk.make(T.NOTICE_ISSUED, notice))
    assert rejected.value.reason == "document"


def test_a_result_that_the_portal_rejects_goes_back_to_the_provider_who_may_send_another(desk: Desk) -> None:
    decision = desk.decision()
    desk.handle(desk.gateway.pass_decision, decision)
    desk.rejects(T.RESULT_DELIVERED, System.PORTAL)
    (told,) = desk.of(T.MESSAGE_REJECTED)
    payload = MessageRejected.model_validate(told.data)
    assert (told.destination, payload.message_id) == (System.PROVIDER, decision.message.id)
    assert (payload.digest, payload.reason) == (decision.digest, "document-signature")
    assert (payload.report["rejected_by"], payload.report["rejected"]) == ("portal", "result.delivered")
    assert (desk.entry.status, desk.entry.rejection) == (EntryStatus.IN_REVIEW, "portal: document-signature")

    desk.rejects(T.RESULT_DELIVERED, System.PORTAL)  # told twice, passed on once
    assert len(desk.of(T.MESSAGE_REJECTED)) == 1
    desk.handle(desk.gateway.pass_decision, desk.decision(desk.act(corrected=True)))
    assert (desk.entry.status, desk.entry.rejection) == (EntryStatus.GRANTED, None)
    assert orjson.loads(desk.of(T.RESULT_DELIVERED)[-1].data["document"]["content"])["corrected"] is True


def test_an_assignment_that_the_provider_rejects_goes_back_to_the_portal(desk: Desk) -> None:
    desk.rejects(T.APPLICATION_ASSIGNED, System.PROVIDER, "not-served")
    (told,) = desk.of(T.MESSAGE_REJECTED)
    payload = MessageRejected.model_validate(told.data)
    assert (told.destination, payload.digest) == (System.PORTAL, desk.submitted.digest)
    assert desk.entry.status == EntryStatus.REJECTED


def test_nobody_is_told_of_a_rejection_of_our_own_message(desk: Desk) -> None:
    desk.rejects(T.APPLICATION_REGISTERED, System.PORTAL)
    assert desk.of(T.MESSAGE_REJECTED) == []
    assert (desk.entry.rejection, desk.entry.status) == ("portal: document-signature", EntryStatus.REGISTERED)


@pytest.mark.parametrize(("source", "digest"), [(System.PORTAL, sha256_base64url(b"a forgery")), (System.CSC, None)])
def test_a_rejection_of_other_bytes_or_by_another_system_changes_nothing(
    desk: Desk, source: System, digest: str | None
) -> None:
    desk.handle(desk.gateway.pass_decision, desk.decision())
    desk.rejects(T.RESULT_DELIVERED, source, digest=digest)
    assert (desk.entry.status, desk.entry.rejection) == (EntryStatus.GRANTED, None)
    assert desk.of(T.MESSAGE_REJECTED) == []
