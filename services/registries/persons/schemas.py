"""What the stand's controls of the persons register take and give."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.registries.persons.domain import FoundPerson, NaturalPerson, new_person, record_of
from services.registries.persons.service.desk import RelationWanted
from shared.kit.iin import fault
from shared.messages.extracts import (
    Address,
    Benefit,
    Capability,
    CivilCertificate,
    Coded,
    IdentityDocument,
    LifeStatus,
    PersonNames,
    PersonRecord,
    RelationKind,
    Repatriation,
    Restriction,
)
from shared.messages.registry import Part, TwelveDigits

Fate = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$", description="What the person is for, in one word")]


def _well_formed(value: str) -> str:
    problem = fault(value)
    if problem is not None:
        raise ValueError(problem)
    return value


IIN = Annotated[str, AfterValidator(_well_formed), Field(pattern=r"^[0-9]{12}$")]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RelationCreate(_Input):
    """A relation to somebody of the register: ``iin`` is the ``relation`` of the person."""

    relation: RelationKind
    iin: TwelveDigits
    since: date | None = None
    until: date | None = None

    def wanted(self) -> RelationWanted:
        """For the use case."""
        return RelationWanted(self.relation, self.iin, self.since, self.until)


class PersonPatch(_Input):
    """Changes to a person. Members left out stay as they are; documents and relations are added, or changed by number
    and pair."""

    names: PersonNames | None = None
    citizenship: Coded | None = None
    life_status: LifeStatus | None = None
    died_on: date | None = None
    removed: bool | None = None
    birth_certificate: CivilCertificate | None = None
    death_certificate: CivilCertificate | None = None
    birth_place: Address | None = None
    nationality: Coded | None = None
    address: Address | None = None
    former_addresses: tuple[Address, ...] | None = None
    capability: Capability | None = None
    restrictions: tuple[Restriction, ...] | None = None
    repatriation: Repatriation | None = None
    benefits: tuple[Benefit, ...] | None = None
    fate: Fate | None = None
    identity_documents: tuple[IdentityDocument, ...] = ()
    relations: tuple[RelationCreate, ...] = ()

    def changes(self) -> dict[str, Any]:
        """The facts to change. ``null`` empties those that may be empty; for the others it is as if left out."""
        given = self.model_fields_set - {"identity_documents", "relations", "iin"}
        facts = {name: getattr(self, name) for name in given}
        return {name: value for name, value in facts.items() if value is not None or name in _MAY_BE_EMPTY}


_MAY_BE_EMPTY = {
    *("died_on", "birth_certificate", "death_certificate", "birth_place", "nationality", "address", "repatriation"),
    "fate",
}


class PersonCreate(PersonPatch):
    """A new person. Sex and date of birth are those of the IIN."""

    iin: IIN
    names: PersonNames

    def person(self, at: datetime) -> NaturalPerson:
        """The person to record."""
        return new_person(self.iin, at=at, **self.changes())


class PersonSummary(BaseModel):
    """One of the people of the register."""

    iin: str
    names: PersonNames
    birth_date: date
    life_status: LifeStatus
    fate: str | None

    @classmethod
    def of(cls, person: NaturalPerson) -> Self:
        """From the register."""
        names = PersonNames.model_validate(person.names)
        life_status = LifeStatus(person.life_status)
        return cls(iin=person.iin, names=names, birth_date=person.birth_date, life_status=life_status, fate=person.fate)


class PersonRead(BaseModel):
    """Everything about one person, with what the person is for."""

    record: PersonRecord
    fate: str | None
    changed_at: datetime

    @classmethod
    def of(cls, found: FoundPerson) -> Self:
        """From the register."""
        record: Mapping[str, Any] = record_of(found, Part)
        return cls(
            record=PersonRecord.model_validate(record), fate=found.person.fate, changed_at=found.person.changed_at
        )
