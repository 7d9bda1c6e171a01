"""Tables of the centre."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.complaints import ComplaintColumns, complaint_indexes
from shared.db.kept_files import FileUseColumns
from shared.db.schema import service_metadata
from shared.db.types import UTCDateTime
from shared.db.visits import VisitColumns, visit_indexes
from shared.messaging.tables import MessagingTables


class CentreTable(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the centre's tables; its own metadata, because several services may share a process."""


MESSAGING = MessagingTables.define(CentreTable.metadata)


def _maybe_json() -> Any:
    return Column(JSON(none_as_null=True))


def _json() -> Any:
    return Column(JSON, nullable=False)


class SessionRow(CentreTable, table=True):
    """Granted sign-ins, by the hash of their token."""

    __tablename__ = "sessions"

    token_hash: str = Field(primary_key=True)
    login: str = Field(index=True)
    opened_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    ends_s: float


class AttemptsRow(CentreTable, table=True):
    """Failed sign-ins, by whom and from where they are counted."""

    __tablename__ = "sign_in_attempts"

    subject: str = Field(primary_key=True)
    failures: list[float] = Field(sa_column=_json())
    ends_s: float = Field(index=True)


class MatterRow(CentreTable, table=True):
    """Visitors' matters; ids sort by time."""

    __tablename__ = "matters"
    __table_args__ = (
        Index("ix_matters_centre_id", "centre", "id"),
        Index("ix_matters_centre_state", "centre", "state", "id"),
        Index("ix_matters_kept_until", "kept_until"),
        Index("ix_matters_watch_at", "watch_at"),
    )

    id: str = Field(primary_key=True)
    centre: str
    operator: str
    service: str
    channel: str
    state: str
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    form: dict[str, Any] | None = Field(default=None, sa_column=_maybe_json())
    entered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    consent: dict[str, Any] | None = Field(default=None, sa_column=_maybe_json())
    enquiries: list[Any] = Field(sa_column=_json())
    papers: list[Any] = Field(sa_column=_json())
    timeline: list[Any] = Field(sa_column=_json())
    number: str | None = Field(default=None, index=True)
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    accepted_by: str | None = None
    ready_by: datetime | None = Field(default=None, sa_type=UTCDateTime)
    message_id: str | None = None
    message_digest: str | None = None
    entry_number: str | None = Field(default=None, index=True)
    decision: str | None = None
    received_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    kept_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    handing_out: dict[str, Any] | None = Field(default=None, sa_column=_maybe_json())
    return_digest: str | None = None
    closing: dict[str, Any] | None = Field(default=None, sa_column=_maybe_json())
    trouble: str | None = None
    visit: str | None = None
    variant: str | None = None
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    overdue_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    open_step: dict[str, Any] | None = Field(default=None, sa_column=_maybe_json())
    step_overdue: bool = False
    watch_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    notices: list[Any] = Field(sa_column=_json())
    demands: list[Any] = Field(sa_column=_json())


class EnquiryRow(CentreTable, table=True):
    """Questions to registries and their answers."""

    __tablename__ = "enquiries"
    __table_args__ = (Index("ix_enquiries_due_at", "due_at"),)

    key: str = Field(primary_key=True)
    matter: str = Field(index=True)
    about: str
    system: str
    search: dict[str, Any] = Field(sa_column=_json())
    include: list[Any] = Field(sa_column=_json())
    clause: str
    state: str
    asked: list[Any] = Field(sa_column=_json())
    attempts: int
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    found: bool | None = None
    not_found_reason: str | None = None
    content: str | None = Field(default=None, sa_column=Column(Text))
    signature: str | None = Field(default=None, sa_column=Column(Text))
    document_sha256: str | None = Field(default=None, index=True)
    document_size: int
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    trouble: str | None = None


class SignedRequestRow(CentreTable, table=True):
    """What was signed and sent."""

    __tablename__ = "signed_requests"

    application: str = Field(primary_key=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    certificate: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    report: dict[str, Any] = Field(sa_column=_json())
    signed_by: str
    submitted_at: datetime = Field(sa_type=UTCDateTime)


class SignedSupplementRow(CentreTable, table=True):
    """What was signed and sent afterwards, by the notice that asked for it."""

    __tablename__ = "signed_supplements"

    notice: str = Field(primary_key=True)
    application: str = Field(index=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    certificate: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    report: dict[str, Any] = Field(sa_column=_json())
    signed_by: str
    submitted_at: datetime = Field(sa_type=UTCDateTime)


class IssuedDocumentRow(CentreTable, table=True):
    """Results and refusals with the provider's signature."""

    __tablename__ = "issued_documents"

    application: str = Field(primary_key=True)
    sha256: str = Field(index=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    report: dict[str, Any] = Field(sa_column=_json())
    provider_bin: str
    granted: bool
    received_at: datetime = Field(sa_type=UTCDateTime)


class VisitRow(CentreTable, VisitColumns, table=True):
    """The electronic queue."""

    __tablename__ = "visits"
    __table_args__ = visit_indexes()


class SlotUseRow(CentreTable, table=True):
    """How many are booked for a slot."""

    __tablename__ = "slot_uses"
    __table_args__ = (Index("ix_slot_uses_centre", "centre", "starts_at"),)

    key: str = Field(primary_key=True)
    centre: str
    starts_at: datetime = Field(sa_type=UTCDateTime)
    taken: int


class CounterRow(CentreTable, table=True):
    """Last number given, by counter."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    last: int


class AccessRow(CentreTable, table=True):
    """Who looked at whose data."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_centre_key", "centre", "key"),)

    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UTCDateTime)
    operator: str
    centre: str
    matter: str
    look: str
    iin: str = Field(index=True)
    role: str


class FileUseRow(CentreTable, FileUseColumns, table=True):
    """Which matter uses which scan."""

    __tablename__ = "file_uses"


class ComplaintRow(CentreTable, ComplaintColumns, table=True):
    """Complaints about people of the centres, and their answers."""

    __tablename__ = "complaints"
    __table_args__ = complaint_indexes()
