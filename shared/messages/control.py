"""Payloads of the exchange itself: delivery receipts, rejections, journal events."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from shared.messages.journaled import MOST
from shared.messages.payload import Digest, Identifier, Instant, Payload, Seconds


class DeliveryState(StrEnum):
    """Where a message stands on its hop, in the words of the real gateway."""

    ON_DELIVERY = "ON_DELIVERY"
    """Sent, no receipt yet."""
    DELIVERED = "DELIVERED"
    """The receiver has it for good."""
    NOT_DELIVERED = "NOT_DELIVERED"
    """No receipt after many attempts; still being sent again."""
    DELIVERY_STOPPED = "DELIVERY_STOPPED"
    """The receiver does not take it; it is not sent again."""


ReceiptState = Literal[DeliveryState.DELIVERED, DeliveryState.DELIVERY_STOPPED]
"""What a receipt can say: have it, or will not take it."""


class ReceiptItem(Payload):
    """One message named in a delivery receipt."""

    message_id: Identifier
    digest: Digest
    state: ReceiptState


class DeliveryReceipt(Payload):
    """Proof that the signer has the named messages, given after its commit, for what came within a moment."""

    received_at: Instant
    items: tuple[ReceiptItem, ...]


class MessageRejected(Payload):
    """A system does not take a message. ``digest`` is over the bytes that were rejected, so a sender can tell its own
    message from a tampered copy that carries the same id."""

    message_id: Identifier
    digest: Digest
    reason: Identifier
    report: dict[str, Any]


class JournalEvent(Payload):
    """A step taken (``kind`` step), a task of the provider's procedure done, or a mark on the way (delivered,
    registered, in_review, answered, extended, overdue).

    A task's ``step`` is ``procedure-N``, or ``procedure-N-S`` for stage S; ``role`` did it, ``started_at`` and
    ``due_at`` are when its term began and ends. ``variant`` is the case of the regulation, as far as whoever journals
    it knows.
    """

    event_id: Identifier
    kind: Literal["step", "mark", "task"]
    application: Identifier
    regulation: Identifier
    channel: Identifier
    step: Identifier
    clause: str
    actor: Identifier
    at: Instant
    passed: bool | None = None
    message_id: str | None = None
    """The message that led to the step, or that the step sent."""
    received_from: str | None = None
    """Sender of the message, if it led to the step."""
    signature: str | None = None
    """What verifying that message said: passed, failed, indeterminate."""
    detail: str | None = None
    variant: str | None = None
    role: str | None = None
    started_at: Instant | None = None
    due_at: Instant | None = None


class JournalRecorded(Payload):
    """The events of one transaction of one system about one application, in the order in which they came about there.

    They are numbered from ``first`` on: a system's events about an application have the numbers 1, 2, 3 … without a
    gap. The envelope's time plus ``set_back_s``, the seconds by which the stand's clock was ever set back, never goes
    back.
    """

    first: int = Field(ge=1, le=MOST)
    events: tuple[JournalEvent, ...] = Field(min_length=1)
    set_back_s: Seconds | None = None
