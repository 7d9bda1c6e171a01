"""The table of an electronic queue: the columns of ``shared.regulations.visits.Visit``, for whoever has a counter."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from shared.db.types import UTCDateTime


class VisitColumns(SQLModel):
    """A visitor's place; each service with a counter puts it into its own metadata."""

    id: str = Field(primary_key=True)
    place: str
    number: str
    booked: bool
    due_at: datetime = Field(sa_type=UTCDateTime)
    taken_at: datetime = Field(sa_type=UTCDateTime)
    service: str | None = None
    visitor: str | None = None
    state: str
    called_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    called_by: str | None = None
    matter: str | None = None
    wait_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    service_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    wait_overdue_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    service_overdue_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    watch_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


def visit_indexes() -> tuple[Index, Index]:
    """Who waits at a counter, and which visits have a term that ends."""
    return Index("ix_visits_waiting", "place", "state", "due_at"), Index("ix_visits_watch_at", "watch_at")
