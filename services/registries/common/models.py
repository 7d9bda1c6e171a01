"""Columns of the tables both registries have; each registry puts them into its own metadata."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from shared.db.types import UTCDateTime


class AccessEntryColumns(SQLModel):
    """The access log."""

    key: str = Field(primary_key=True)
    message_id: str = Field(index=True)
    looked_at: datetime = Field(sa_type=UTCDateTime)
    system: str
    asked_by: str
    regulation: str
    clause: str
    application: str = Field(index=True)
    consent: str | None = None
    mode: str
    searched: dict[str, Any] = Field(sa_type=JSON)
    included: list[str] = Field(sa_type=JSON)
    outcome: str
    iin: str | None = Field(default=None, index=True)
    role: str


class HeldAnswerColumns(SQLModel):
    """Answers that a fault keeps back."""

    request_id: str = Field(primary_key=True)
    destination: str
    subject: str
    correlation: str
    regulation: str | None = None
    request_digest: str
    payload: dict[str, Any] = Field(sa_type=JSON)
    copies: int
    held_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
