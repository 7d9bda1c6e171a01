"""The table of complaints: the columns of ``shared.regulations.hearing.Complaint``, for whoever has addressees."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from shared.db.session import DatabaseSession
from shared.db.states import StateKind
from shared.db.types import UTCDateTime
from shared.regulations.hearing import Complaint


class ComplaintColumns(SQLModel):
    """A complaint; each system puts it into its own metadata."""

    id: str = Field(primary_key=True)
    organisation: str
    addressee: str
    regulation: str
    level: str
    way: str
    application: str | None = None
    content: dict[str, Any] = Field(sa_type=JSON)
    state: str
    received_at: datetime = Field(sa_type=UTCDateTime)
    number: str | None = None
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    accepted_by: str | None = None
    accepted_by_name: str | None = None
    accused: list[Any] = Field(sa_type=JSON)
    history: list[Any] = Field(sa_type=JSON)
    answer: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reference: str | None = None
    request_digest: str | None = None
    signed: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))


def complaint_indexes() -> tuple[Index, ...]:
    """Those of an organisation in their order, and the one a message brought."""
    return (
        Index("ix_complaints_organisation", "organisation", "id"),
        Index("ix_complaints_reference", "reference"),
    )


async def list_complaints(
    session: DatabaseSession, kind: StateKind[Complaint], organisation: str, *, before: str | None, limit: int
) -> list[Complaint]:
    """The complaints that ``organisation`` has, newest first."""
    columns = kind.sql.c
    query = kind.select().where(columns.organisation == organisation)
    if before is not None:
        query = query.where(columns["id"] < before)
    return await kind.read(session, query.order_by(columns["id"].desc()).limit(limit))
