"""What the gateway knows: the message log with its evidence, and the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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


def in_order(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Entries by the time of the step; those of one instant stay in the order in which they arrived."""
    return sorted(entries, key=lambda entry: entry.at)
