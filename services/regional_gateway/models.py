"""Tables of the regional gateway."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.schema import service_metadata
from shared.db.types import UTCDateTime
from shared.messaging.tables import MessagingTables


class RegionalTable(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the regional gateway's tables; its own metadata, because several services may share a process."""


MESSAGING = MessagingTables.define(RegionalTable.metadata)


class JournalEntryRow(RegionalTable, table=True):
    """The registration journal."""

    __tablename__ = "registration_journal"

    application: str = Field(primary_key=True)
    entry_number: str = Field(unique=True)
    regulation: str = Field(index=True)
    channel: str
    sender: str
    request_digest: str
    received_at: datetime = Field(sa_type=UTCDateTime)
    registered_at: datetime = Field(sa_type=UTCDateTime)
    status: str = Field(index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    rejection: str | None = None
    provider_digest: str | None = None
    passed: list[Any] = Field(sa_column=Column(JSON, nullable=False))


class CounterRow(RegionalTable, table=True):
    """Last number given, by counter."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    last: int


class QueuePlaceRow(RegionalTable, table=True):
    """Who stands where."""

    __tablename__ = "queue_places"

    application: str = Field(primary_key=True)
    queue: str = Field(index=True)
    number: int
    place: int
    person_iin: str
    placed_at: datetime = Field(sa_type=UTCDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    released_for: str | None = None
