"""What the regional gateway answers over HTTP."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from services.regional_gateway.domain import EntryStatus, JournalEntry, QueuePlace
from shared.kit.iin import masked


class EntryRead(BaseModel):
    """A line of the registration journal; no personal data."""

    application: str
    entry_number: str
    regulation: str
    channel: str
    sender: str
    received_at: datetime
    registered_at: datetime
    status: EntryStatus
    decided_at: datetime | None
    rejection: str | None

    @classmethod
    def of(cls, entry: JournalEntry) -> Self:
        """From the journal."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class StatusRead(BaseModel):
    """What is told by telephone: no word about whom."""

    entry_number: str
    regulation: str
    status: EntryStatus
    registered_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, entry: JournalEntry) -> Self:
        """From the journal."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class PlaceRead(BaseModel):
    """A place on a queue; the person only by a masked IIN."""

    number: int
    place: int
    """When the number was given."""
    current_place: int
    """Now: whoever leaves moves everybody behind up; 0 for who has left."""
    application: str
    person: str
    placed_at: datetime
    released_at: datetime | None
    released_for: str | None

    @classmethod
    def of(cls, place: QueuePlace, current_place: int) -> Self:
        """From the queue."""
        return cls(
            number=place.number,
            place=place.place,
            current_place=current_place,
            application=place.application,
            person=masked(place.person_iin),
            placed_at=place.placed_at,
            released_at=place.released_at,
            released_for=place.released_for,
        )


class QueueRead(BaseModel):
    """A queue: its length, and where its places are."""

    queue: str
    length: int
    links: dict[str, str]
