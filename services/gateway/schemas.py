"""What the gateway answers over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from services.gateway.domain.journal import JournalEntry
from services.gateway.domain.messages import Evidence, LoggedMessage, RejectedRecord
from services.gateway.domain.run import Awaited, AwaitedEvents, AwaitedMessage
from services.gateway.service import JournalView
from shared.kit.text import Text
from shared.messages.control import DeliveryState
from shared.regulations.conformance import Deviation


class MessageSummary(BaseModel):
    """A relayed message without its content."""

    message_id: str
    source: str
    destination: str
    type: str
    messagetype: str
    serviceid: str
    subject: str
    correlationid: str
    causationid: str | None
    digest: str
    sent_at: datetime
    relayed_at: datetime
    delivery_state: DeliveryState
    delivered_at: datetime | None
    journaled: str
    """How many events about the application each system had journaled, as far as the sender knew."""

    @classmethod
    def of(cls, message: LoggedMessage) -> Self:
        """From the message log."""
        fields = {name: getattr(message, name) for name in cls.model_fields}
        return cls(**fields)


class MessageRead(BaseModel):
    """A relayed message with everything that proves it."""

    message: MessageSummary
    content: str
    """The signed bytes as text; ``/raw`` has them as they are."""
    jws: str
    jws_gateway: str
    report: dict[str, Any]

    @classmethod
    def of(cls, message: LoggedMessage, evidence: Evidence) -> Self:
        """From log and evidence."""
        return cls(
            message=MessageSummary.of(message),
            content=evidence.value.decode(),
            jws=evidence.jws,
            jws_gateway=evidence.jws_gateway,
            report=evidence.report,
        )


class EntryRead(BaseModel):
    """One event of the journal."""

    number: int
    """Which of the events of its system about the application; from 1 on without a gap."""
    kind: str
    step: str
    clause: str
    actor: str
    at: datetime
    passed: bool | None
    message_id: str | None
    received_from: str | None
    signature: str | None
    detail: str | None
    variant: str | None
    role: str | None
    started_at: datetime | None
    due_at: datetime | None
    recorded_at: datetime
    """When its system committed it, by the stand's clock."""
    set_back_s: float
    """By how much that clock had ever been set back then."""

    @classmethod
    def of(cls, entry: JournalEntry) -> Self:
        """From the journal."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class DeviationRead(BaseModel):
    """Where a run left the regulation."""

    name: str
    step: str | None
    text: Text | str

    @classmethod
    def of(cls, deviation: Deviation) -> Self:
        """From the verdict."""
        return cls(name=deviation.name, step=deviation.step, text=deviation.text)


class AwaitedRead(BaseModel):
    """What has to come before a verdict can be given: events of ``system`` by their numbers, or what the message
    ``message_id`` to ``system`` leads to."""

    system: str
    first: int | None = None
    last: int | None = None
    message_id: str | None = None
    type: str | None = None
    rejection: str | None = None
    """Why the gateway did not take the record of these events, if it came and was rejected."""
    text: str

    @classmethod
    def of(cls, awaited: Awaited, rejected: Sequence[RejectedRecord] = ()) -> Self:
        """In words as well."""
        if isinstance(awaited, AwaitedEvents):
            text = f"{_events(awaited.first, awaited.last)} of {awaited.system} not yet in the journal"
            of_these = [
                letter
                for letter in rejected
                if letter.system == awaited.system and letter.first <= awaited.last and letter.last >= awaited.first
            ]
            for letter in of_these:
                which = _events(letter.first, letter.last)
                text += f"; {which} rejected ({letter.reason}), dead letter {letter.letter} of the gateway"
            reasons = ", ".join(dict.fromkeys(letter.reason for letter in of_these)) or None
            return cls(system=awaited.system, first=awaited.first, last=awaited.last, rejection=reasons, text=text)
        if isinstance(awaited, AwaitedMessage):
            text = f"a message that led to an event of {awaited.receiver} has not passed the gateway"
            return cls(system=awaited.receiver, message_id=awaited.message_id, text=text)
        text = f"{awaited.type} on its way to {awaited.destination}"
        return cls(system=awaited.destination, message_id=awaited.message_id, type=awaited.type, text=text)


def _events(first: int, last: int) -> str:
    return f"event {first}" if first == last else f"events {first} to {last}"


class JournalRead(BaseModel):
    """The journal of one application and the verdict: the run against the regulation."""

    application: str
    regulation: str
    channel: str
    steps: list[EntryRead]
    tasks: list[EntryRead]
    """Of the provider's procedure, in the order done."""
    marks: list[EntryRead]
    outcome: str | None
    """How the run ended. With an outcome the verdict is final."""
    verdict: str
    deviations: list[DeviationRead]
    awaited: list[AwaitedRead]
    """What is known to be there and has not come; meanwhile the verdict is ``incomplete``."""
    afterwards: list[DeviationRead]
    """What is wrong with events that the end of the run does not rest on: later ones, and those of a system that has
    nothing to do with it; it does not change the verdict."""

    @classmethod
    def of(cls, view: JournalView) -> Self:
        """From the service's view."""
        run = view.run
        return cls(
            application=view.application,
            regulation=view.regulation,
            channel=view.channel,
            steps=[EntryRead.of(entry) for entry in run.entries if entry.kind == "step"],
            tasks=[EntryRead.of(entry) for entry in run.entries if entry.kind == "task"],
            marks=[EntryRead.of(entry) for entry in run.entries if entry.kind == "mark"],
            outcome=run.verdict.outcome,
            verdict=run.verdict.verdict,
            deviations=[DeviationRead.of(deviation) for deviation in run.verdict.deviations],
            awaited=[AwaitedRead.of(awaited, view.rejected) for awaited in run.awaited],
            afterwards=[DeviationRead.of(deviation) for deviation in run.afterwards],
        )
