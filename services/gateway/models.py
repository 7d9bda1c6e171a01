"""Tables of the gateway."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.schema import service_metadata
from shared.db.types import UTCDateTime
from shared.messaging.tables import MessagingTables


class GatewayTable(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the gateway's tables; its own metadata, because several services may share a process."""


MESSAGING = MessagingTables.define(GatewayTable.metadata)


class LoggedMessageRow(GatewayTable, table=True):
    """The message log: one row per relayed message."""

    __tablename__ = "message_log"

    message_id: str = Field(primary_key=True)
    source: str = Field(index=True)
    destination: str = Field(index=True)
    type: str = Field(index=True)
    messagetype: str
    serviceid: str
    subject: str = Field(index=True)
    correlationid: str
    causationid: str | None = None
    digest: str
    sent_at: datetime = Field(sa_type=UTCDateTime)
    relayed_at: datetime = Field(sa_type=UTCDateTime)
    delivery_state: str = Field(index=True)
    delivered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    journaled: str


class EvidenceRow(GatewayTable, table=True):
    """Bytes and signatures of a logged message."""

    __tablename__ = "message_evidence"

    message_id: str = Field(primary_key=True)
    value: bytes
    jws: str
    jws_gateway: str
    report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class JournalEntryRow(GatewayTable, table=True):
    """The journal: append-only, in order of arrival."""

    __tablename__ = "journal"

    seq: int | None = Field(default=None, primary_key=True)
    place: str = Field(unique=True)
    number: int
    event_id: str
    kind: str
    application: str = Field(index=True)
    regulation: str
    channel: str
    step: str
    clause: str
    actor: str
    at: datetime = Field(sa_type=UTCDateTime)
    passed: bool | None = None
    message_id: str | None = None
    received_from: str | None = None
    signature: str | None = None
    detail: str | None = None
    variant: str | None = None
    role: str | None = None
    started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    journaled: str
    recorded_at: datetime = Field(sa_type=UTCDateTime)
    set_back_s: float


class ToldEndRow(GatewayTable, table=True):
    """Which step was told to be the end of a run that steps of several systems would end; it stays that."""

    __tablename__ = "told_ends"

    application: str = Field(primary_key=True)
    place: str
