"""The register by hand: look up, add and change persons. For tests; other systems ask by message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registries.common.errors import AlreadyRecorded
from services.registries.common.service.tools import tool_look
from services.registries.persons import repository
from services.registries.persons.domain import (
    FamilyRelation,
    FoundPerson,
    NaturalPerson,
    both_sides,
    changed,
    document_number,
    held_document,
)
from services.registries.persons.repository import DOCUMENTS, KINDS, PERSONS, RELATIONS, SEARCHES
from shared.kit.errors import InvalidInput, NotFound
from shared.messages.extracts import IdentityDocument, RelationKind
from shared.messaging.platform import Platform
from shared.messaging.work import Work


@dataclass(frozen=True, slots=True)
class RelationWanted:
    """A relation to record: ``iin`` is the ``relation`` of the person."""

    relation: RelationKind
    iin: str
    since: date | None = None
    until: date | None = None


class RegisterDesk:
    """The persons register for the stand's tools."""

    async def open(self, platform: Platform) -> None:
        """Work on the register of ``platform`` from now on."""
        self._platform = platform

    async def persons(
        self, *, fate: str | None, special: bool | None, after: str | None, limit: int
    ) -> list[NaturalPerson]:
        """The people of the register, by IIN. A list of invented people: no look in the sense of the access log."""
        async with self._platform.database.session() as session:
            return await repository.list_persons(session, fate=fate, special=special, after=after, limit=limit)

    async def person(self, iin: str) -> FoundPerson:
        """Everything about one person; logged as a look at the person and the relatives. Raises ``NotFound``."""
        found = await self._read(iin)
        async with self._platform.runtime.work([]) as work:
            seen = [found.person.iin, *(relative.iin for _, relative in found.relatives)]
            for entry in tool_look(work, "iin", {"iin": iin}, seen):
                work.put(KINDS.access, entry)
        return found

    async def add(
        self, person: NaturalPerson, documents: Sequence[IdentityDocument], relations: Sequence[RelationWanted]
    ) -> FoundPerson:
        """Record a person with documents and relations to people of the register.

        Raises ``AlreadyRecorded`` for an IIN or document number the register has, ``InvalidInput`` for an unknown
        relative.
        """
        async with self._platform.runtime.work(_keys(person.iin, documents, relations)) as work:
            if work.get(PERSONS, person.iin) is not None:
                raise AlreadyRecorded("the register has this IIN")
            work.put(PERSONS, person)
            _attach(work, person.iin, documents, relations)
        return await self._read(person.iin)

    async def change(
        self,
        iin: str,
        changes: dict[str, Any],
        documents: Sequence[IdentityDocument],
        relations: Sequence[RelationWanted],
    ) -> FoundPerson:
        """Change fields of a person; add or change documents (by number) and relations. Nothing is ever deleted.

        Raises ``NotFound``, and as ``add``.
        """
        async with self._platform.runtime.work(_keys(iin, documents, relations)) as work:
            person = work.get(PERSONS, iin)
            if person is None:
                raise NotFound("the register has nobody with this IIN")
            work.put(PERSONS, changed(person, work.now, **changes))
            _attach(work, iin, documents, relations)
        return await self._read(iin)

    async def _read(self, iin: str) -> FoundPerson:
        key = f"iin:{iin}"
        async with self._platform.database.session() as session:
            found = (await SEARCHES.load(session, [key])).get(key)
        if found is None:
            raise NotFound("the register has nobody with this IIN")
        return found.persons[0]


def _keys(iin: str, documents: Sequence[IdentityDocument], relations: Sequence[RelationWanted]) -> list[Any]:
    return [
        (PERSONS, iin),
        *((PERSONS, wanted.iin) for wanted in relations),
        *((DOCUMENTS, document_number(document.number)) for document in documents),
        *((RELATIONS, relation.id) for relation in _relations(iin, relations)),
    ]


def _relations(iin: str, relations: Sequence[RelationWanted]) -> list[FamilyRelation]:
    return [side for item in relations for side in both_sides(iin, item.iin, item.relation, item.since, item.until)]


def _attach(work: Work, iin: str, documents: Sequence[IdentityDocument], relations: Sequence[RelationWanted]) -> None:
    for document in documents:
        new = held_document(iin, document)
        known = work.get(DOCUMENTS, new.number)
        if known is not None and known.iin != iin:
            raise AlreadyRecorded(f"document {new.number} is somebody else's")
        work.put(DOCUMENTS, new)
    faults = [
        {"in": "body", "path": f"/relations/{number}/iin", "message": "the register has no such relative"}
        for number, wanted in enumerate(relations)
        if wanted.iin == iin or work.get(PERSONS, wanted.iin) is None
    ]
    if faults:
        raise InvalidInput(faults=faults)
    for relation in _relations(iin, relations):
        work.put(RELATIONS, relation)
