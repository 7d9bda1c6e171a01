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


class PlaceRead(BaseModel):
    """A place on a queue; the person only by a masked IIN."""

    number: int
    place: int
    application: str
    person: str
    placed_at: datetime

    @classmethod
    def of(cls, place: QueuePlace) -> Self:
        """From the queue."""
        return cls(
            number=place.number,
            place=place.place,
            application=place.application,
            person=masked(place.person_iin),
            placed_at=place.placed_at,
        )


class QueueRead(BaseModel):
    """A queue: its length and a page of places."""

    queue: str
    length: int
    places: list[PlaceRead]
