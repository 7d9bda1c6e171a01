"""Tables of the notary registry."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.registries.common.models import AccessEntryColumns, HeldAnswerColumns
from shared.db.schema import service_metadata
from shared.db.switches import SwitchColumns
from shared.db.types import UTCDateTime
from shared.messaging.tables import MessagingTables

Json = dict[str, Any]


class NotaryTable(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the registry's tables; its own metadata, because several services may share a process."""


MESSAGING = MessagingTables.define(NotaryTable.metadata)


class PowerOfAttorneyRow(NotaryTable, table=True):
    """Powers of attorney of the register of notarial acts."""

    __tablename__ = "powers_of_attorney"
    __table_args__ = (
        Index("ix_powers_number", "register_number", "notarised_on"),
        Index("ix_powers_parties", "principal_iin", "attorney_iin"),
    )

    id: str = Field(primary_key=True)
    register_number: str
    notarised_on: date
    licence: str
    notary: Json = Field(sa_type=JSON)
    notarised_at: datetime = Field(sa_type=UTCDateTime)
    principal_iin: str
    attorney_iin: str
    principal: Json = Field(sa_type=JSON)
    attorney: Json = Field(sa_type=JSON)
    powers: list[Json] = Field(sa_type=JSON)
    valid_from: date
    valid_until: date
    revoked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    revocation_reason: Json | None = Field(default=None, sa_type=JSON)
    fate: str | None = None
    changed_at: datetime = Field(sa_type=UTCDateTime)


class AccessEntryRow(NotaryTable, AccessEntryColumns, table=True):
    """Who looked at whose data."""

    __tablename__ = "access_log"


class HeldAnswerRow(NotaryTable, HeldAnswerColumns, table=True):
    """Answers that a fault keeps back."""

    __tablename__ = "held_answers"


class SwitchRow(NotaryTable, SwitchColumns, table=True):
    """Faults that are armed."""

    __tablename__ = "switches"
