"""What other systems say about a matter: registered, in review, answered, not taken. Synchronous, without I/O."""

from typing import cast

from services.csc.domain.course import course_of
from services.csc.domain.documents import IssuedDocument
from services.csc.domain.matter import Matter
from services.csc.domain.notices import noticed, supplement_rejected
from services.csc.repository import ISSUED_DOCUMENTS, MATTERS
from services.csc.service.context import Context
from services.csc.service.enquiries import Enquiries, loads_for
from services.csc.service.journal import keep
from services.csc.service.terms import Terms
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import RejectedMessage
from shared.messages import application as payloads
from shared.messages.control import MessageRejected
from shared.messages.payload import SignedDocument
from shared.messaging.documents import OpenedDocument, open_act
from shared.messaging.records import Received
from shared.messaging.requests import require_request
from shared.messaging.work import Work
from shared.regulations.actions import Action


class IncomingMessages:
    """Use cases of received messages; the registries' answers are in ``enquiries``."""

    def __init__(self, context: Context, enquiries: Enquiries) -> None:
        self._context = context
        self._enquiries = enquiries
        self._terms = Terms(context)

    def loads(self, received: Received) -> list[StateKey]:
        """The matter the message is about."""
        return [(MATTERS, received.message.subject)]

    def loads_rejection(self, received: Received) -> list[StateKey]:
        """The matter, and what was asked in it: a rejection may be about any message."""
        return loads_for(received.message.subject)

    def accept_registration(self, work: Work, received: Received) -> None:
        """Process 7 is done: the document has its number in the registration journal."""
        payload = cast("payloads.ApplicationRegistered", received.payload)
        before = _sent(work, received)
        require_request(received, before.message_digest)
        keep(
            work,
            before,
            before.registered(payload.entry_number, payload.received_at, payload.registered_at, work.now),
        )

    def note_review(self, work: Work, received: Received) -> None:
        """The provider has taken the application into work."""
        payload = cast("payloads.ReviewStarted", received.payload)
        before = _sent(work, received)
        require_request(received, before.message_digest)
        keep(work, before, before.review_started(payload.started_at, work.now))

    def receive_result(self, work: Work, received: Received) -> None:
        """The signed result is at the centre; the visitor can come for it, and it is kept for the time of storage."""
        self._answer(work, received, cast("payloads.ResultDelivered", received.payload), granted=True)

    def receive_refusal(self, work: Work, received: Received) -> None:
        """The provider's message of process 8 is at the centre."""
        self._answer(work, received, cast("payloads.RefusalIssued", received.payload), granted=False)

    def note_notice(self, work: Work, received: Received) -> None:
        """The provider gives notice while the matter goes on; the operator and the contact centre see it. One that asks
        for a document waits for the visitor to bring it; one of another term moves what the visitor was told.

        Raises ``RejectedMessage``: ``request-digest`` for a notice about another request, ``document-signature`` and
        ``document`` for an act that is not one.
        """
        payload = cast("payloads.NoticeIssued", received.payload)
        before = _sent(work, received)
        require_request(received, before.message_digest)
        notice = {
            "id": received.message.id,
            "kind": payload.kind,
            "text": payload.text,
            "issued_at": rfc3339(payload.issued_at),
            "expects": payload.expects,
            "until": rfc3339(payload.until) if payload.until else None,
            "due_at": rfc3339(payload.due_at) if payload.due_at else None,
            "document": None,
        }
        if payload.document is not None:
            act = self._act(work, before, payload.document)
            signed = payload.document
            notice["document"] = {"content": signed.content, "signature": signed.signature, "sha256": act.sha256}
        after = noticed(before, notice, work.now)
        if after is not before and payload.due_at is not None:
            after = self._terms.prolonged(after, payload.due_at)
        keep(work, before, after)

    def note_rejection(self, work: Work, received: Received) -> None:
        """A system does not take a message of ours: technical, no refusal. Only if it is ours and no tampered copy."""
        rejection = cast("MessageRejected", received.payload)
        if self._enquiries.note_rejection(work, received):
            return
        before = work.get(MATTERS, received.message.subject)
        if before is None:
            return
        said = f"{received.message.source}: {rejection.reason}"
        if (rejection.message_id, rejection.digest) == (before.message_id, before.message_digest):
            report = {
                "rejected_by": rejection.report.get("rejected_by", received.message.source.value),
                "reason": rejection.reason,
                "report": rejection.report,
            }
            keep(work, before, before.rejected(report, work.now))
        elif rejection.digest == before.return_digest:
            keep(work, before, before.troubled(said))
        else:
            keep(work, before, supplement_rejected(before, rejection.message_id, rejection.digest, said, work.now))

    def _act(self, work: Work, matter: Matter, document: SignedDocument) -> OpenedDocument:
        context = self._context
        directory, issuers = context.platform.directory, context.issuers
        return open_act(document, matter.id, matter.service, issuers=issuers, directory=directory, at=work.now)

    def _answer(
        self,
        work: Work,
        received: Received,
        payload: payloads.ResultDelivered | payloads.RefusalIssued,
        *,
        granted: bool,
    ) -> None:
        before = _sent(work, received)
        require_request(received, before.message_digest)
        act = self._act(work, before, payload.document)
        collects = course_of(self._context.law_of(before)[1]).collects
        after = before.answered(
            "granted" if granted else "refused",
            review_started_at=payload.review_started_at,
            collected=not collects,
            kept_until=None if collects else self._terms.kept_until(before, work.now),
            at=work.now,
        )
        if after is before:
            return
        if collects:
            after = self._terms.opened(after, Action.COLLECT_RESULT, work.now)
        keep(work, before, after)
        record = IssuedDocument(
            application=before.id,
            sha256=act.sha256,
            content=payload.document.content,
            signature=payload.document.signature,
            report=act.report.as_dict(),
            provider_bin=act.signer_bin,
            granted=granted,
            received_at=work.now,
        )
        work.put(ISSUED_DOCUMENTS, record)


def _sent(work: Work, received: Received) -> Matter:
    found = work.get(MATTERS, received.message.subject)
    if found is None or found.message_id is None:
        raise RejectedMessage("unknown-application", "no such application was sent from here")
    return found
