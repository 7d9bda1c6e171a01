"""What the gateway knows: the message log with its evidence, and the journal."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.messages.control import DeliveryState


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One relayed message: who sent what to whom, and where it stands."""

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
    delivery_state: str = DeliveryState.ON_DELIVERY.value
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bytes of a relayed message, the signatures over them and the report of their verification."""

    message_id: str
    value: bytes
    jws: str
    jws_gateway: str
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One journal event as the gateway keeps it."""

    event_id: str
    kind: str
    application: str
    regulation: str
    channel: str
    step: str
    clause: str
    actor: str
    at: datetime
    passed: bool | None
    message_id: str | None
    received_from: str | None
    signature: str | None
    detail: str | None
    variant: str | None = None
    role: str | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    recorded_at: datetime = field(kw_only=True)
    set_back_s: float = field(kw_only=True)

    @property
    def steady_at(self) -> datetime:
        """When the transaction that journaled it was made, on a line of time that never goes back: stand time plus
        everything by which the stand's clock was ever set back."""
        return self.recorded_at + timedelta(seconds=self.set_back_s)


def in_order(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Entries, given in order of arrival, in the order in which they came about.

    Nothing comes before what led to it: a system's entries keep the order of its transactions, and what a message led
    to comes after the step that sent this message. What neither binds goes by steady time, in order of arrival at the
    same instant.
    """
    left = sorted(entries, key=lambda entry: entry.steady_at)
    causes = _causes(left)
    done: set[str] = set()
    ordered = []
    while left:
        # Journals whose claims contradict each other are shown as far as they go; the verdict names what is wrong.
        entry = next((entry for entry in left if causes[entry.event_id] <= done), left[0])
        left.remove(entry)
        done.add(entry.event_id)
        ordered.append(entry)
    return ordered


def _causes(entries: Sequence[JournalEntry]) -> dict[str, set[str]]:
    """For each entry (by steady time) those that must have been before it."""
    sent: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        if entry.message_id is not None:
            # What a system has received it has not sent, so under its name this is a message that the step sent.
            sent[entry.actor, entry.message_id].add(entry.event_id)
    causes: dict[str, set[str]] = {}
    last: dict[str, str] = {}
    for entry in entries:
        before = {last[entry.actor]} if entry.actor in last else set()
        if entry.received_from is not None and entry.message_id is not None:
            before |= sent.get((entry.received_from, entry.message_id), set())
        causes[entry.event_id] = before
        last[entry.actor] = entry.event_id
    return causes
