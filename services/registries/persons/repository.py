"""Queries of the persons registry."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields

from sqlalchemy import or_, select

from services.registries.common.domain import AccessEntry, HeldAnswer
from services.registries.common.repository import RegistryKinds
from services.registries.persons.domain import (
    FamilyRelation,
    FoundPerson,
    FoundPersons,
    HeldDocument,
    NaturalPerson,
)
from services.registries.persons.models import (
    AccessEntryRow,
    FamilyRelationRow,
    HeldAnswerRow,
    HeldDocumentRow,
    NaturalPersonRow,
    SwitchRow,
)
from shared.db.session import DatabaseSession
from shared.db.statements import among, keys_parameter
from shared.db.states import StateKind
from shared.db.switches import Switch

PERSONS = StateKind(NaturalPersonRow, NaturalPerson, "iin")
DOCUMENTS = StateKind(HeldDocumentRow, HeldDocument, "number")
RELATIONS = StateKind(FamilyRelationRow, FamilyRelation, "id")
KINDS = RegistryKinds(
    access=StateKind(AccessEntryRow, AccessEntry, "key"),
    held=StateKind(HeldAnswerRow, HeldAnswer, "request_id"),
    faults=StateKind(SwitchRow, Switch, "name"),
)

_PERSON, _DOCUMENT, _RELATION = PERSONS.sql.c, DOCUMENTS.sql.c, RELATIONS.sql.c
_PERSON_COLUMNS = [_PERSON[item.name] for item in fields(NaturalPerson)]
_RELATION_COLUMNS = [_RELATION[item.name] for item in fields(FamilyRelation)]


@dataclass(frozen=True, eq=False)
class PersonSearchKind(StateKind[FoundPersons]):
    """Searches as states: what a search key finds, read and never written. All searches of a batch share their
    queries."""

    async def load(self, session: DatabaseSession, keys: Collection[str]) -> dict[str, FoundPersons]:
        """What each of ``keys`` finds; keys that find nobody are left out."""
        by_key = await _iins_by_key(session, keys)
        found = await _found(session, {iin for iins in by_key.values() for iin in iins})
        return {
            key: FoundPersons(key, persons)
            for key, iins in by_key.items()
            if (persons := tuple(found[iin] for iin in sorted(iins) if iin in found))
        }

    async def save(self, session: DatabaseSession, records: Iterable[FoundPersons]) -> None:  # noqa: ARG002 — what every kind takes
        """Raises ``TypeError``: a finding is no record."""
        raise TypeError("findings are not saved")


SEARCHES = PersonSearchKind(NaturalPersonRow, FoundPersons, "key")


async def _iins_by_key(session: DatabaseSession, keys: Collection[str]) -> dict[str, set[str]]:
    sought: dict[str, set[str]] = {"iin": set(), "document": set(), "names": set()}
    for key in keys:
        mode, _, value = key.partition(":")
        sought[mode].add(value)
    found = {f"iin:{iin}": {iin} for iin in sought["iin"]}
    if sought["document"]:
        query = select(_DOCUMENT.number, _DOCUMENT.iin).where(among(_DOCUMENT.number, session.dialect))
        rows = await session.execute(query, keys_parameter(sought["document"], session.dialect))
        found |= {f"document:{number}": {iin} for number, iin in rows}
    if sought["names"]:
        spelled = or_(*(among(names, session.dialect) for names in (_PERSON.names_key_kk, _PERSON.names_key_ru)))
        named = select(_PERSON.iin, _PERSON.names_key_kk, _PERSON.names_key_ru).where(spelled)
        for iin, kk, ru in await session.execute(named, keys_parameter(sought["names"], session.dialect)):
            for key in sought["names"].intersection((kk, ru)):
                found.setdefault(f"names:{key}", set()).add(iin)
    return found


async def _found(session: DatabaseSession, iins: Collection[str]) -> dict[str, FoundPerson]:
    """These persons with documents and relatives, by IIN: three queries, however many they are."""
    if not iins:
        return {}
    wanted = keys_parameter(iins, session.dialect)
    persons = await PERSONS.read(session, PERSONS.select().where(among(_PERSON.iin, session.dialect)), wanted)
    found = {person.iin: person for person in persons}
    if not found:
        return {}
    documents: dict[str, list[HeldDocument]] = {iin: [] for iin in found}
    query = DOCUMENTS.select().where(among(_DOCUMENT.iin, session.dialect)).order_by(_DOCUMENT.issued_on.desc())
    for document in await DOCUMENTS.read(session, query, wanted):
        documents[document.iin].append(document)
    relatives: dict[str, list[tuple[FamilyRelation, NaturalPerson]]] = {iin: [] for iin in found}
    split = len(_RELATION_COLUMNS)
    joined = select(*_RELATION_COLUMNS, *_PERSON_COLUMNS).join(PERSONS.sql, _PERSON.iin == _RELATION.relative_iin)
    joined = joined.where(among(_RELATION.person_iin, session.dialect)).order_by(_PERSON.birth_date, _PERSON.iin)
    for row in await session.execute(joined, wanted):
        relation = FamilyRelation(*row[:split])
        relatives[relation.person_iin].append((relation, NaturalPerson(*row[split:])))
    return {iin: FoundPerson(person, tuple(documents[iin]), tuple(relatives[iin])) for iin, person in found.items()}


async def list_persons(
    session: DatabaseSession, *, fate: str | None, special: bool | None, after: str | None, limit: int
) -> list[NaturalPerson]:
    """Persons by IIN; with ``fate``, or with any fate or none (``special``); from the IIN after ``after`` on."""
    query = PERSONS.select().order_by(_PERSON.iin).limit(limit)
    if fate is not None:
        query = query.where(_PERSON.fate == fate)
    if special is not None:
        query = query.where(_PERSON.fate.is_not(None) if special else _PERSON.fate.is_(None))
    if after is not None:
        query = query.where(_PERSON.iin > after)
    return await PERSONS.read(session, query)
