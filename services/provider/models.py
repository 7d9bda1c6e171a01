"""Tables of the provider."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.complaints import ComplaintColumns, complaint_indexes
from shared.db.schema import service_metadata
from shared.db.switches import SwitchColumns
from shared.db.types import UTCDateTime
from shared.db.visits import VisitColumns, visit_indexes
from shared.messaging.tables import MessagingTables


class ProviderTable(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the provider's tables; its own metadata, because several services may share a process."""


MESSAGING = MessagingTables.define(ProviderTable.metadata)


class MatterRow(ProviderTable, table=True):
    """One application and its decision."""

    __tablename__ = "matters"
    __table_args__ = (
        # The officers' list, newest first, with and without a state.
        Index("ix_matters_provider", "provider_bin", "application"),
        Index("ix_matters_provider_state", "provider_bin", "state", "application"),
        Index("ix_matters_watch", "watch_at"),
        Index("ix_matters_register", "register_key"),
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
    rejected: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    submitted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    variant: str
    driver: str | None = None
    started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    overdue_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    task: str | None = None
    task_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    task_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    task_overdue_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    resume_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    watch_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    register_number: str | None = None
    register_key: str | None = None
    executor: str | None = None
    contract: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    book_entry: str | None = None
    sealed: bool
    awaits: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    extended: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    course: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    notices: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    intake: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    handed_out: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    recipient_iin: str | None = None
    result: str | None = None
    asker: str | None = None
    announced: bool
    placing: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    registries: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))


class EnquiryRow(ProviderTable, table=True):
    """Questions to registries and their answers."""

    __tablename__ = "enquiries"
    __table_args__ = (Index("ix_enquiries_due_at", "due_at"),)

    key: str = Field(primary_key=True)
    matter: str = Field(index=True)
    about: str
    system: str
    search: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    include: list[str] = Field(sa_column=Column(JSON, nullable=False))
    clause: str
    state: str
    asked: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    attempts: int
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    found: bool | None = None
    not_found_reason: str | None = None
    content: str | None = None
    signature: str | None = None
    document_sha256: str | None = None
    document_size: int
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    trouble: str | None = None


class VisitRow(ProviderTable, VisitColumns, table=True):
    """The electronic queues of the organisations' counters."""

    __tablename__ = "visits"
    __table_args__ = visit_indexes()


class TaskRow(ProviderTable, table=True):
    """One task of a matter's procedure, open or done."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_application", "application", "position"),
        Index("ix_tasks_open", "provider_bin", "state", "key"),
    )

    key: str = Field(primary_key=True)
    application: str
    task: str
    position: int
    provider_bin: str
    regulation: str
    channel: str
    variant: str
    role: str | None = None
    clause: str
    started_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    state: str
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    done_by: str | None = None
    note: str | None = None
    overdue_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    acts: list[str] = Field(sa_column=Column(JSON, nullable=False))


class CounterRow(ProviderTable, table=True):
    """The last number given in a register: one for each organisation and year."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    last: int


class BookingRow(ProviderTable, table=True):
    """A time at the office that somebody booked."""

    __tablename__ = "bookings"

    key: str = Field(primary_key=True)
    provider_bin: str = Field(index=True)
    regulation: str
    at: datetime = Field(sa_type=UTCDateTime)
    name: str
    phone: str
    means: str
    booked_by: str
    booked_at: datetime = Field(sa_type=UTCDateTime)


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
    trouble: str | None = None


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
    ends_s: float


class AttemptsRow(ProviderTable, table=True):
    """Failed sign-ins, by whom and from where they are counted."""

    __tablename__ = "sign_in_attempts"

    subject: str = Field(primary_key=True)
    failures: list[float] = Field(sa_column=Column(JSON, nullable=False))
    ends_s: float = Field(index=True)


class KindergartenRow(ProviderTable, table=True):
    """The places of a preschool organisation."""

    __tablename__ = "kindergartens"

    code: str = Field(primary_key=True)
    provider_bin: str = Field(index=True)
    places: int
    taken: int


class WaitingRow(ProviderTable, table=True):
    """Children on the queue for a place."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_order", "provider_bin", "left_at", "rank"),
        Index("ix_waiting_age", "left_at", "grows_up_at"),
    )

    application: str = Field(primary_key=True)
    provider_bin: str
    regulation: str
    queue: str
    number: int
    rank: str
    wanted: str | None = None
    since: datetime = Field(sa_type=UTCDateTime)
    grows_up_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    left_for: str | None = None


class VoucherRow(ProviderTable, table=True):
    """Vouchers for places."""

    __tablename__ = "vouchers"
    __table_args__ = (Index("ix_vouchers_due", "state", "expires_at"),)

    application: str = Field(primary_key=True)
    kindergarten: str
    provider_bin: str
    regulation: str
    issued_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    act: str
    act_sha256: str = Field(index=True)
    act_signature: str
    state: str
    changed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ComplaintRow(ProviderTable, ComplaintColumns, table=True):
    """Complaints and their answers."""

    __tablename__ = "complaints"
    __table_args__ = complaint_indexes()


class QualityNormRow(ProviderTable, table=True):
    """Norms and targets of the quality of services."""

    __tablename__ = "quality_norms"

    key: str = Field(primary_key=True)
    regulation: str
    year: int
    indicator: str
    norm: float | None = None
    target: float | None = None
    order_number: str
    order_date: date
    entered_by: str
    entered_at: datetime = Field(sa_type=UTCDateTime)


class SwitchRow(ProviderTable, SwitchColumns, table=True):
    """Switches of the stand, the autopilot among them."""

    __tablename__ = "switches"
