"""Tables of the provider."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.types import UTCDateTime
from shared.messaging.tables import MessagingTables


class ProviderTable(SQLModel, registry=registry()):
    """Base of the provider's tables; its own metadata, because several services may share a process."""

    metadata = MetaData()


MESSAGING = MessagingTables.define(ProviderTable.metadata)


class MatterRow(ProviderTable, table=True):
    """One application and its decision."""

    __tablename__ = "matters"
    __table_args__ = (
        # The officers' list, newest first, with and without a state.
        Index("ix_matters_provider", "provider_bin", "application"),
        Index("ix_matters_provider_state", "provider_bin", "state", "application"),
    )

    application: str = Field(primary_key=True)
    provider_bin: str
    regulation: str
    channel: str
    entry_number: str
    registered_at: datetime = Field(sa_type=UTCDateTime)
    received_at: datetime = Field(sa_type=UTCDateTime)
    document: str
    signature: str
    signature_report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    assignment_id: str
    assignment_digest: str
    state: str
    findings: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    review_started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    decision: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    decided_by: str | None = None
    grounds: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    note: str | None = None
    placement_digest: str | None = None
    queue_number: int | None = None
    queue_place: int | None = None
    act: str | None = None
    act_sha256: str | None = Field(default=None, index=True)
    act_signature: str | None = None
    decision_digest: str | None = None
    returned_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    trouble: str | None = None


class AttachmentRow(ProviderTable, table=True):
    """One attachment; its bytes lie in the content-addressed store."""

    __tablename__ = "attachments"

    key: str = Field(primary_key=True)
    application: str = Field(index=True)
    document: str
    name: str
    media_type: str
    size: int
    sha256: str
    href: str
    state: str = Field(index=True)


class PrintableRow(ProviderTable, table=True):
    """A rendered and signed PDF, by SHA-256 of the act and language."""

    __tablename__ = "printables"

    key: str = Field(primary_key=True)
    pdf: bytes


class OfficerSessionRow(ProviderTable, table=True):
    """A signed-in officer."""

    __tablename__ = "officer_sessions"

    token_hash: str = Field(primary_key=True)
    login: str
    expires_at: datetime = Field(sa_type=UTCDateTime)


class LockoutRow(ProviderTable, table=True):
    """Failed sign-ins, by login."""

    __tablename__ = "lockouts"

    login: str = Field(primary_key=True)
    failures: int
    since: datetime = Field(sa_type=UTCDateTime)
