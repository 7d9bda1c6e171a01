"""Tables of the portal."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.kept_files import FileUseColumns
from shared.db.schema import service_metadata
from shared.db.types import UTCDateTime
from shared.messaging.tables import MessagingTables


class PortalTable(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the portal's tables; its own metadata, because several services may share a process."""


MESSAGING = MessagingTables.define(PortalTable.metadata)


class RecipientRow(PortalTable, table=True):
    """Registered recipients."""

    __tablename__ = "recipients"

    iin: str = Field(primary_key=True)
    password_hash: str
    registered_at: datetime = Field(sa_type=UTCDateTime)
    certificate: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class SessionRow(PortalTable, table=True):
    """Granted sign-ins, by the hash of their token."""

    __tablename__ = "sessions"

    token_hash: str = Field(primary_key=True)
    iin: str = Field(index=True)
    registered_at: datetime = Field(sa_type=UTCDateTime)
    opened_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    ends_s: float


class AttemptsRow(PortalTable, table=True):
    """What has failed, or was sent, and by whose name it is counted."""

    __tablename__ = "sign_in_attempts"

    subject: str = Field(primary_key=True)
    failures: list[float] = Field(sa_column=Column(JSON, nullable=False))
    ends_s: float = Field(index=True)


class ApplicationRow(PortalTable, table=True):
    """Applications; ids sort by time, so the cabinet pages by them."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_iin_id", "iin", "id"),
        Index("ix_applications_cabinet", "iin", "state", "id"),
        Index("ix_applications_until", "until"),
    )

    id: str = Field(primary_key=True)
    iin: str
    service: str
    channel: str
    state: str
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    form: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    attachments: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    timeline: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    message_id: str | None = None
    message_digest: str | None = None
    entry_number: str | None = None
    queue: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    closing: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    variant: str | None = None
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    counts_from: datetime | None = Field(default=None, sa_type=UTCDateTime)
    demands: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    offer: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    until: datetime | None = Field(default=None, sa_type=UTCDateTime)


class SignedRequestRow(PortalTable, table=True):
    """What was signed and sent; apart from the applications, which every message loads."""

    __tablename__ = "signed_requests"

    application: str = Field(primary_key=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    certificate: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    submitted_at: datetime = Field(sa_type=UTCDateTime)


class IssuedDocumentRow(PortalTable, table=True):
    """Results and refusals with the provider's signature."""

    __tablename__ = "issued_documents"

    application: str = Field(primary_key=True)
    sha256: str = Field(index=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    provider_bin: str
    granted: bool
    received_at: datetime = Field(sa_type=UTCDateTime)


class NoticeRow(PortalTable, table=True):
    """Notices of the cabinet; ids sort by time."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_iin_id", "iin", "id"),)

    id: str = Field(primary_key=True)
    iin: str
    application: str
    kind: str
    text: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=UTCDateTime)
    clause: str | None = None
    grounds: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    expects: str | None = None
    until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    document_sha256: str | None = Field(default=None, index=True)


class SignedSupplementRow(PortalTable, table=True):
    """What was signed and sent after the request: by the recipient, or by the portal for one who gave a password."""

    __tablename__ = "signed_supplements"

    notice: str = Field(primary_key=True)
    application: str = Field(index=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    certificate: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    submitted_at: datetime = Field(sa_type=UTCDateTime)


class DeviceRow(PortalTable, table=True):
    """Telephones of recipients. ``active_phone`` is the number once it is confirmed: nobody else may have it."""

    __tablename__ = "devices"

    id: str = Field(primary_key=True)
    iin: str = Field(index=True)
    phone: str
    active_phone: str | None = Field(default=None, unique=True)
    registered_at: datetime = Field(sa_type=UTCDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class OneTimePasswordRow(PortalTable, table=True):
    """One-time passwords that were sent, by what they are for; hashes only."""

    __tablename__ = "one_time_passwords"

    purpose: str = Field(primary_key=True)
    device: str
    password_hash: str
    sent_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)
    ends_s: float
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class AccessRequestRow(PortalTable, table=True):
    """What third parties have asked for about somebody, and the answers; ids sort by time."""

    __tablename__ = "access_requests"
    __table_args__ = (
        Index("ix_access_requests_requester", "requester_iin", "id"),
        Index("ix_access_requests_subject", "subject_iin", "id"),
    )

    id: str = Field(primary_key=True)
    requester_iin: str
    subject_iin: str
    service: str
    purpose: str
    state: str
    asked_at: datetime = Field(sa_type=UTCDateTime)
    until: datetime = Field(sa_type=UTCDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    means: str | None = None


class TextMessageRow(PortalTable, table=True):
    """The stand's telephone network: what the telephones have received. It stands outside of the portal."""

    __tablename__ = "text_messages"
    __table_args__ = (Index("ix_text_messages_phone_id", "phone", "id"),)

    id: str = Field(primary_key=True)
    phone: str
    text: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    sent_at: datetime = Field(sa_type=UTCDateTime, index=True)


class FileUseRow(PortalTable, FileUseColumns, table=True):
    """Which application uses which uploaded file."""

    __tablename__ = "file_uses"


class ComplaintRow(PortalTable, table=True):
    """Complaints that recipients have made here."""

    __tablename__ = "complaints"
    __table_args__ = (Index("ix_complaints_iin", "iin", "position"),)

    id: str = Field(primary_key=True)
    position: str
    iin: str
    service: str
    level: str
    addressee: str
    organisation: str | None = None
    application: str | None = None
    document: str = Field(sa_column=Column(Text, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    message_id: str
    message_digest: str
    submitted_at: datetime = Field(sa_type=UTCDateTime)
    state: str
    timeline: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    number: str | None = None
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    accepted_by: str | None = None
    answer: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    trouble: str | None = None
