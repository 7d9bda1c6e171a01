"""Tables of the persons registry."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.registries.common.models import AccessEntryColumns, HeldAnswerColumns
from shared.db.schema import service_metadata
from shared.db.switches import SwitchColumns
from shared.db.types import UTCDateTime
from shared.messaging.tables import MessagingTables

Json = dict[str, Any]


class PersonsTable(SQLModel, registry=registry(metadata=service_metadata(__file__))):
    """Base of the registry's tables; its own metadata, because several services may share a process."""


MESSAGING = MessagingTables.define(PersonsTable.metadata)


class NaturalPersonRow(PersonsTable, table=True):
    """Natural persons."""

    __tablename__ = "natural_persons"

    iin: str = Field(primary_key=True)
    names: Json = Field(sa_type=JSON)
    names_key_kk: str = Field(index=True)
    names_key_ru: str = Field(index=True)
    sex: str
    birth_date: date
    citizenship: Json = Field(sa_type=JSON)
    life_status: str
    died_on: date | None = None
    removed: bool = False
    birth_certificate: Json | None = Field(default=None, sa_type=JSON)
    death_certificate: Json | None = Field(default=None, sa_type=JSON)
    birth_place: Json | None = Field(default=None, sa_type=JSON)
    nationality: Json | None = Field(default=None, sa_type=JSON)
    address: Json | None = Field(default=None, sa_type=JSON)
    former_addresses: list[Json] = Field(sa_type=JSON)
    capability: Json = Field(sa_type=JSON)
    restrictions: list[Json] = Field(sa_type=JSON)
    repatriation: Json | None = Field(default=None, sa_type=JSON)
    benefits: list[Json] = Field(sa_type=JSON)
    fate: str | None = None
    changed_at: datetime = Field(sa_type=UTCDateTime)


class HeldDocumentRow(PersonsTable, table=True):
    """Identity documents; ``number`` as it is compared in a search."""

    __tablename__ = "identity_documents"

    number: str = Field(primary_key=True)
    iin: str = Field(index=True)
    type: str
    series: str | None = None
    issued_on: date
    expires_on: date | None = None
    issued_by: Json = Field(sa_type=JSON)
    status: str
    invalidated_on: date | None = None


class FamilyRelationRow(PersonsTable, table=True):
    """Family relations, each from both sides."""

    __tablename__ = "family_relations"

    id: str = Field(primary_key=True)
    person_iin: str = Field(index=True)
    relative_iin: str
    relation: str
    since: date | None = None
    until: date | None = None


class AccessEntryRow(PersonsTable, AccessEntryColumns, table=True):
    """Who looked at whose data."""

    __tablename__ = "access_log"


class HeldAnswerRow(PersonsTable, HeldAnswerColumns, table=True):
    """Answers that a fault keeps back."""

    __tablename__ = "held_answers"


class SwitchRow(PersonsTable, SwitchColumns, table=True):
    """Faults that are armed."""

    __tablename__ = "switches"
