"""What other systems say about an application: registered, in review, answered, rejected. Synchronous, without I/O."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from services.portal.domain.application import Application, State
from services.portal.domain.documents import IssuedDocument
from services.portal.domain.notices import TITLES, Notice, acceptance_text
from services.portal.repository import APPLICATIONS, ISSUED_DOCUMENTS, NOTICES
from services.portal.service.context import Context
from shared.db.states import StateKey
from shared.kit.errors import RejectedMessage
from shared.kit.text import Text
from shared.messages import application as payloads
from shared.messages.control import MessageRejected
from shared.messages.payload import SignedDocument
from shared.messaging.documents import open_act
from shared.messaging.records import Received
from shared.messaging.requests import require_request
from shared.messaging.steps import find_step, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.model import Step

_ANSWERS: Mapping[bool, Literal[State.GRANTED, State.REFUSED]] = {True: State.GRANTED, False: State.REFUSED}


@dataclass(frozen=True)
class _Act:
    """The provider's document, its signature verified."""

    record: IssuedDocument
    document: Mapping[str, Any]


class Incoming:
    """Use cases of received messages."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def loads(self, received: Received) -> list[StateKey]:
        """The application the message is about."""
        return [(APPLICATIONS, received.message.subject)]

    def accept_registration(self, work: Work, received: Received) -> None:
        """Clause on the cabinet: the notice that the request for the service is accepted."""
        payload = cast("payloads.ApplicationRegistered", received.payload)
        before = _application(work, received)
        require_request(received, before.message_digest)
        after = before.registered(payload.entry_number, payload.received_at, payload.registered_at, work.now)
        if after is before:
            return
        keep(work, before, after)
        regulation, _ = self._context.law_of(after)
        sent = find_step(regulation, after.channel, Action.SIGN_AND_SEND)
        if sent is not None:  # in the other flows the cabinet shows it when the request is sent, or not at all
            text = acceptance_text(payload.entry_number)
            notify(work, after, "request-accepted", text=text, clause=_head(sent.clause))

    def note_review(self, work: Work, received: Received) -> None:
        """The provider has taken the application into work."""
        payload = cast("payloads.ReviewStarted", received.payload)
        before = _application(work, received)
        require_request(received, before.message_digest)
        after = before.review_started(payload.started_at, work.now)
        if after is not before:
            keep(work, before, after)

    def deliver_result(self, work: Work, received: Received) -> None:
        """Process 8: the recipient receives the result, signed by the provider's authorised person, in the cabinet."""
        payload = cast("payloads.ResultDelivered", received.payload)
        answered = self._answer(work, received, payload, granted=True)
        if answered is None:
            return
        regulation, _ = self._context.law_of(answered)
        step = find_step(regulation, answered.channel, Action.DELIVER_RESULT)
        if step is not None:
            take_step(work, regulation, answered.channel, Action.DELIVER_RESULT, answered.id, variant=answered.variant)
        notify(work, answered, "service-granted", step=step)

    def accept_refusal(self, work: Work, received: Received) -> None:
        """The provider's reasoned refusal (process 7) reaches the cabinet with its grounds."""
        payload = cast("payloads.RefusalIssued", received.payload)
        answered = self._answer(work, received, payload, granted=False)
        if answered is None:
            return
        regulation, _ = self._context.law_of(answered)
        step = find_step(regulation, answered.channel, Action.REFUSE_SERVICE)
        document = json.loads(payload.document.content)
        notify(work, answered, "service-refused", step=step, grounds=document.get("grounds"))

    def note_rejection(self, work: Work, received: Received) -> None:
        """A system does not take our message: technical, no refusal. Only if it is ours and not a tampered copy."""
        payload = cast("MessageRejected", received.payload)
        before = work.get(APPLICATIONS, received.message.subject)
        if before is None:
            return
        trouble = f"{received.message.source}: {payload.reason}"
        supplement = before.supplement_rejected(payload.message_id, payload.digest, trouble, work.now)
        if supplement is not before:
            work.put(APPLICATIONS, supplement)
            work.touch(before.id)
            return
        if not before.sent_as(payload.message_id, payload.digest):
            return
        report = {
            "rejected_by": payload.report.get("rejected_by", received.message.source.value),
            "reason": payload.reason,
            "report": payload.report,
        }
        after = before.rejected(report, work.now)
        if after is before:
            return
        keep(work, before, after)
        text = Text(
            kk=f"Жүйе хабарламаны қабылдамады: {payload.reason}. Бұл қызмет көрсетуден бас тарту емес.",
            ru=f"Система не приняла сообщение: {payload.reason}. Это не отказ в услуге.",
            en=f"A system did not take the message: {payload.reason}. The service is not refused.",
        )
        notify(work, after, "request-rejected", text=text)

    def _answer(
        self,
        work: Work,
        received: Received,
        payload: payloads.ResultDelivered | payloads.RefusalIssued,
        *,
        granted: bool,
    ) -> Application | None:
        before = _application(work, received)
        require_request(received, before.message_digest)
        act = self._verified(work, before, payload.document, granted=granted)
        queue = act.document.get("queue")
        after = before.answered(
            _ANSWERS[granted],
            review_started_at=payload.review_started_at,
            decided_at=payload.decided_at,
            queue=dict(queue) if isinstance(queue, Mapping) else None,
            at=work.now,
        )
        if after is before:
            return None
        keep(work, before, after)
        work.put(ISSUED_DOCUMENTS, act.record)
        return after

    def _verified(self, work: Work, application: Application, signed: SignedDocument, *, granted: bool) -> _Act:
        """The act, once its signature is proven and it is about this application."""
        context = self._context
        directory, issuers = context.platform.directory, context.issuers
        opened = open_act(
            signed, application.id, application.service, issuers=issuers, directory=directory, at=work.now
        )
        record = IssuedDocument(
            application=application.id,
            sha256=opened.sha256,
            content=signed.content,
            signature=signed.signature,
            report=opened.report.as_dict(),
            provider_bin=opened.signer_bin,
            granted=granted,
            received_at=work.now,
        )
        return _Act(record, opened.fields)


def keep(work: Work, before: Application | None, after: Application) -> None:
    """Save the application and journal the marks it has reached now."""
    work.put(APPLICATIONS, after)
    for mark in after.timeline[len(before.timeline) if before else 0 :]:
        at = datetime.fromisoformat(mark["at"])
        name = mark["mark"]
        work.journal(after.id, after.service, after.channel, name, at=at, mark=True, variant=after.variant)
    work.touch(after.id)


def notify(
    work: Work,
    application: Application,
    kind: str,
    *,
    step: Step | None = None,
    text: Text | None = None,
    clause: str | None = None,
    grounds: object = None,
) -> None:
    """A notice in the cabinet, in the words of ``step`` or in others."""
    words = text or (step.text if step else TITLES[kind])
    notice = Notice(
        id=work.new_id(),
        iin=application.iin,
        application=application.id,
        kind=kind,
        text=words.model_dump(),
        created_at=work.now,
        clause=step.clause if step else clause,
        grounds=list(grounds) if isinstance(grounds, list) else [],
    )
    work.put(NOTICES, notice)


def _application(work: Work, received: Received) -> Application:
    found = work.get(APPLICATIONS, received.message.subject)
    if found is None or found.message_id is None:
        raise RejectedMessage("unknown-application", "no such application was sent from here")
    return found


def _head(clause: str) -> str:
    """The clause without the list item: ``12(8)`` stands in clause 12."""
    return clause.partition("(")[0]
