"""What the gateway answers over HTTP."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from services.gateway.domain import Evidence, JournalEntry, LoggedMessage
from services.gateway.service import JournalView
from shared.kit.text import Text
from shared.messages.control import DeliveryState


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
    verdict: str
    deviations: list[DeviationRead]

    @classmethod
    def of(cls, view: JournalView) -> Self:
        """From the service's view."""
        first = view.entries[0]
        return cls(
            application=view.application,
            regulation=first.regulation,
            channel=first.channel,
            steps=[EntryRead.of(entry) for entry in view.entries if entry.kind == "step"],
            tasks=[EntryRead.of(entry) for entry in view.entries if entry.kind == "task"],
            marks=[EntryRead.of(entry) for entry in view.entries if entry.kind == "mark"],
            outcome=view.verdict.outcome,
            verdict=view.verdict.verdict,
            deviations=[DeviationRead(name=d.name, step=d.step, text=d.text) for d in view.verdict.deviations],
        )
