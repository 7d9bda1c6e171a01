"""Persons, their documents and families: search keys, and the record as a registry states it.

Structured parts are kept as the JSON of their model in ``shared.messages.extracts``, written once when the person is
recorded or changed; an answer only picks the parts it was asked for.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from pydantic import BaseModel

from shared.kit.iin import birth_date_of
from shared.messages.extracts import (
    Capability,
    Coded,
    IdentityDocument,
    LifeStatus,
    PersonName,
    PersonNames,
    RelationKind,
)
from shared.messages.registry import ByDocument, ByIIN, ByNames, Part, PersonSearch

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NaturalPerson:
    """One person. ``fate`` says what the person is for in a stand, if for something."""

    iin: str
    names: Json
    names_key_kk: str
    names_key_ru: str
    sex: str
    birth_date: date
    citizenship: Json
    life_status: str
    died_on: date | None
    removed: bool
    birth_certificate: Json | None
    death_certificate: Json | None
    birth_place: Json | None
    nationality: Json | None
    address: Json | None
    former_addresses: list[Json]
    capability: Json
    restrictions: list[Json]
    repatriation: Json | None
    benefits: list[Json]
    fate: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """An identity document in the register, by its number."""

    number: str
    iin: str
    type: str
    series: str | None
    issued_on: date
    expires_on: date | None
    issued_by: Json
    status: str
    invalidated_on: date | None


@dataclass(frozen=True, slots=True)
class FamilyRelation:
    """``relative_iin`` is the ``relation`` of ``person_iin``; each pair stands in the register from both sides."""

    id: str
    person_iin: str
    relative_iin: str
    relation: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person with documents and relatives."""

    person: NaturalPerson
    documents: tuple[HeldDocument, ...]
    relatives: tuple[tuple[FamilyRelation, NaturalPerson], ...]


@dataclass(frozen=True, slots=True)
class FoundPersons:
    """Everybody whom a search key finds."""

    key: str
    persons: tuple[FoundPerson, ...]


_OTHER_SIDE = {
    RelationKind.CHILD: RelationKind.PARENT,
    RelationKind.PARENT: RelationKind.CHILD,
    RelationKind.SPOUSE: RelationKind.SPOUSE,
    RelationKind.GUARDIAN: RelationKind.WARD,
    RelationKind.WARD: RelationKind.GUARDIAN,
}
_RELATIVES: dict[Part, frozenset[RelationKind]] = {
    Part.CHILDREN: frozenset({RelationKind.CHILD}),
    Part.PARENTS: frozenset({RelationKind.PARENT}),
    Part.SPOUSES: frozenset({RelationKind.SPOUSE}),
    Part.GUARDIANSHIP: frozenset({RelationKind.GUARDIAN, RelationKind.WARD}),
}
ALWAYS = ("iin", "names", "sex", "birth_date", "citizenship", "life_status", "died_on", "removed")
"""What is told of everybody who is found."""


KAZAKHSTAN = Coded(code="398", kk="Қазақстан", ru="Казахстан")


def stored(value: Any) -> Any:
    """A value of the messages' models as it is kept: plain JSON, absent members left out."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list | tuple):
        return [stored(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def new_person(iin: str, names: PersonNames, at: datetime, **facts: Any) -> NaturalPerson:
    """A living, capable citizen, unless ``facts`` say otherwise. Sex and date of birth are those of the IIN.

    ``facts`` are fields of ``NaturalPerson`` as models of the messages. Raises ``ValueError`` for an IIN without a
    date.
    """
    born = birth_date_of(iin)
    if born is None:
        raise ValueError("the first six digits of an IIN are a date of birth")
    person = NaturalPerson(
        iin=iin,
        names={},
        names_key_kk="",
        names_key_ru="",
        sex="male" if int(iin[6]) % 2 else "female",
        birth_date=born,
        citizenship=stored(KAZAKHSTAN),
        life_status=LifeStatus.ALIVE.value,
        died_on=None,
        removed=False,
        birth_certificate=None,
        death_certificate=None,
        birth_place=None,
        nationality=None,
        address=None,
        former_addresses=[],
        capability=stored(Capability()),
        restrictions=[],
        repatriation=None,
        benefits=[],
        fate=None,
        changed_at=at,
    )
    return changed(person, at, names=names, **facts)


def changed(person: NaturalPerson, at: datetime, **facts: Any) -> NaturalPerson:
    """``person`` with some facts changed; whoever changes names changes how the person is found."""
    fields: dict[str, Any] = {name: stored(value) for name, value in facts.items()}
    names = facts.get("names")
    if isinstance(names, PersonNames):
        fields["names_key_kk"] = names_key(names.kk, person.birth_date)
        fields["names_key_ru"] = names_key(names.ru, person.birth_date)
    return replace(person, **fields, changed_at=at)


def held_document(iin: str, document: IdentityDocument) -> HeldDocument:
    """A document as it stands in the register."""
    return HeldDocument(
        number=document_number(document.number),
        iin=iin,
        type=document.type.value,
        series=document.series,
        issued_on=document.issued_on,
        expires_on=document.expires_on,
        issued_by=stored(document.issued_by),
        status=document.status.value,
        invalidated_on=document.invalidated_on,
    )


def both_sides(
    person: str, relative: str, relation: RelationKind, since: date | None = None, until: date | None = None
) -> tuple[FamilyRelation, FamilyRelation]:
    """``relative`` is the ``relation`` of ``person``, as it stands in the register on both sides."""
    pairs = ((person, relative, relation), (relative, person, _OTHER_SIDE[relation]))
    here, there = (FamilyRelation(f"{p}:{r}:{kind.value}", p, r, kind.value, since, until) for p, r, kind in pairs)
    return here, there


def document_number(text: str) -> str:
    """The number of a document as it is kept and compared: capitals without blanks."""
    return "".join(text.split()).upper()


def normalised(text: str | None) -> str:
    """A name as it is compared: case, outer and doubled blanks do not matter."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold() if text else ""


def names_key(name: PersonName | ByNames, birth_date: date) -> str:
    """What is compared in a search by names. A name that does not exist is part of the key: it is no wildcard."""
    parts = (name.surname, name.given_name, name.patronymic)
    # No normalised name contains a tab, so different names never share a key.
    return "\t".join((*(normalised(part) for part in parts), birth_date.isoformat()))


def search_key(search: PersonSearch) -> str:
    """The key under which a search finds persons: mode and what is sought."""
    match search:
        case ByIIN(iin=iin):
            return f"iin:{iin}"
        case ByDocument(document_number=number):
            return f"document:{document_number(number)}"
        case ByNames():
            return f"names:{names_key(search, search.birth_date)}"


def record_of(found: FoundPerson, include: Iterable[Part]) -> Json:
    """The person as the registry states them (``PersonRecord``): who it is, and the parts asked for."""
    record = {name: getattr(found.person, name) for name in ALWAYS}
    for part in include:
        if part is Part.IDENTITY_DOCUMENTS:
            record[part.value] = [_without(asdict(document), "iin") for document in found.documents]
        elif part in _RELATIVES:
            record[part.value] = [_relative(*pair) for pair in related(found, [part])]
        else:
            record[part.value] = getattr(found.person, part.value)
    told: Json = plain(record)
    return told


def related(found: FoundPerson, include: Iterable[Part]) -> list[tuple[FamilyRelation, NaturalPerson]]:
    """The relatives whose data the parts tell."""
    kinds = {kind for part in include for kind in _RELATIVES.get(part, ())}
    return [pair for pair in found.relatives if pair[0].relation in kinds]


def plain(value: Any) -> Any:
    """``value`` with dates as texts, ready for canonical JSON."""
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    return value.isoformat() if isinstance(value, date) else value


def _relative(relation: FamilyRelation, person: NaturalPerson) -> Json:
    relative = {
        "relation": relation.relation,
        "iin": person.iin,
        "names": person.names,
        "birth_date": person.birth_date,
        "life_status": person.life_status,
        "since": relation.since,
        "until": relation.until,
    }
    if relation.relation in (RelationKind.CHILD, RelationKind.WARD):
        relative["birth_certificate"] = person.birth_certificate
    return relative


def _without(fields: Json, name: str) -> Json:
    return {key: value for key, value in fields.items() if key != name}
