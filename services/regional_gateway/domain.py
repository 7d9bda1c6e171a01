"""The registration journal and the queue: numbers without gaps."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

from shared.messages.types import MessageType


class EntryStatus(StrEnum):
    """Where a registered application stands."""

    OFFERED = "offered"
    """The provider has offered the service; nobody has answered yet."""
    REGISTERED = "registered"
    IN_REVIEW = "in_review"
    GRANTED = "granted"
    REFUSED = "refused"
    REJECTED = "rejected"
    """The provider's system did not take it: nobody will answer. Technical, no refusal."""


class Passed(TypedDict):
    """A message that was sent about an application: ``digest`` of its bytes, and what it passed on, if anything: from
    which system, with its id and digest."""

    type: str
    receiver: str
    digest: str
    origin: str | None
    origin_id: str | None
    origin_digest: str | None
    rejected: NotRequired[str]


_ANSWERS = (MessageType.RESULT_DELIVERED, MessageType.REFUSAL_ISSUED)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the registration journal: an electronic document that was received and registered."""

    application: str
    entry_number: str
    regulation: str
    channel: str
    sender: str
    """System that submitted the application, and gets the answers."""
    request_digest: str
    """Of the message that submitted it; every answer is bound to it."""
    received_at: datetime
    registered_at: datetime
    status: str = EntryStatus.REGISTERED.value
    decided_at: datetime | None = None
    rejection: str | None = None
    """Why the provider's or the sender's system did not take a message about it."""
    provider_digest: str | None = None
    """Of the message the provider has the application by: the assignment, or the consent to its offer. Everything
    between here and the provider is bound to it."""
    passed: list[Passed] = field(default_factory=list)
    """What was sent about it, in order."""

    @property
    def decided(self) -> bool:
        """Whether the provider has answered."""
        return self.status in (EntryStatus.GRANTED, EntryStatus.REFUSED)

    def reopened(self, passed: Passed, why: str) -> "JournalEntry":
        """A message about it was not taken: the entry waits for another one of the kind."""
        noted = [{**item, "rejected": why} if item["digest"] == passed["digest"] else item for item in self.passed]
        entry = replace(self, rejection=why, passed=noted)  # type: ignore[arg-type]
        if passed["type"] in _ANSWERS and entry.decided:
            return replace(entry, status=EntryStatus.IN_REVIEW.value, decided_at=None)
        if passed["digest"] != self.provider_digest:
            return entry
        return replace(entry, status=EntryStatus.REJECTED.value)


@dataclass(frozen=True, slots=True)
class Counter:
    """A number that only grows, one at a time; saved in the transaction that uses it, so it leaves no gap."""

    name: str
    last: int = 0

    def next(self) -> "Counter":
        """One more."""
        return replace(self, last=self.last + 1)


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A place on a queue. ``place`` is how many stood up to and with this one when it was given."""

    application: str
    queue: str
    number: int
    place: int
    person_iin: str
    placed_at: datetime
    released_at: datetime | None = None
    """When the child left the queue, so that everybody behind moved up."""
    released_for: str | None = None
    """Why: a voucher, withdrawn, grown up."""


def year_counter(at: datetime, timezone: str) -> str:
    """Name of the counter of entry numbers for the calendar year of ``at`` where the gateway stands."""
    return f"journal:{at.astimezone(ZoneInfo(timezone)).year}"


def entry_number(counter: Counter) -> str:
    """The number people see, e.g. ``2026-000001``."""
    return f"{counter.name.removeprefix('journal:')}-{counter.last:06d}"


def length_counter(queue: str) -> str:
    """Name of the counter of how many stand on a queue."""
    return f"standing:{queue}"


def queue_counter(queue: str) -> str:
    """Name of the counter of a queue."""
    return f"queue:{queue}"
