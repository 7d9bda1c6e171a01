"""The people of the register as they are put together: facts everybody has, documents, relations.

What is not given is drawn at random, from a generator seeded with the IIN: the same person is the same in every
stand, and somebody added changes nobody else.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from services.registries.persons.domain import (
    FamilyRelation,
    HeldDocument,
    NaturalPerson,
    both_sides,
    held_document,
    new_person,
)
from services.registries.persons.service.places import ALMATY, COUNTRIES, NATIONALITIES, address_in
from shared.messages.extracts import (
    Address,
    CivilCertificate,
    Coded,
    DocumentStatus,
    DocumentType,
    IdentityDocument,
    LifeStatus,
    Named,
    PersonNames,
    RelationKind,
)

AS_OF = date(2026, 1, 1)
"""The day the population is drawn for. Not today: the same people with the same documents, whenever a stand is
started."""
_OF_AGE_FOR_A_CARD = timedelta(days=16 * 365 + 4)
_MINISTRY = Coded(code="002", kk="ҚР Ішкі істер министрлігі", ru="Министерство внутренних дел РК")
_CIVIL_STATUS = Named(kk="ТЕСТ АХАЖ бөлімі, Алматы қ.", ru="ТЕСТ отдел РАГС, г. Алматы")


@dataclass
class Population:
    """Persons, documents and relations by their keys."""

    at: datetime
    persons: dict[str, NaturalPerson] = field(default_factory=dict)
    documents: dict[str, HeldDocument] = field(default_factory=dict)
    relations: dict[str, FamilyRelation] = field(default_factory=dict)

    def add(
        self,
        iin: str,
        names: PersonNames,
        *,
        place: str = ALMATY,
        nationality: str | None = None,
        card: str | None = "valid",
        home: Address | None = None,
        **facts: Any,
    ) -> NaturalPerson:
        """Record somebody. ``facts`` replace what would be drawn; ``card`` as in ``families.yaml``; ``home`` where a
        family lives.

        Raises ``ValueError`` for an IIN that is there already.
        """
        if iin in self.persons:
            raise ValueError(f"{iin} stands twice in the register")
        draw = Random(iin)  # noqa: S311 — invented people are no secrets
        person = new_person(iin, names, self.at)
        born = person.birth_date
        lived_until = facts.get("died_on") or AS_OF
        drawn: dict[str, Any] = {
            "nationality": NATIONALITIES.get(nationality or _nationality(names)),
            "birth_place": COUNTRIES[place],
            "birth_certificate": _birth_certificate(draw, born, abroad=place != ALMATY),
            "address": _moved_in(home, born, lived_until)
            if home
            else address_in(draw, since=_between(draw, max(born, date(2005, 1, 1)), lived_until)),
        }
        if draw.random() < 0.2 and "former_addresses" not in facts and born.year < 2000:
            drawn["former_addresses"] = [address_in(draw, since=date(2000, 5, 1), until=date(2004, 12, 1))]
        if facts.get("died_on"):
            drawn["life_status"] = LifeStatus.DEAD
        person = new_person(iin, names, self.at, **{**drawn, **facts})
        self.persons[iin] = person
        if lived_until - born >= _OF_AGE_FOR_A_CARD and card is not None:
            self._give_documents(draw, person, card)
        return person

    def relate(
        self, person: str, relative: str, relation: RelationKind, since: date | None = None, until: date | None = None
    ) -> None:
        """Record that ``relative`` is the ``relation`` of ``person``. Raises ``ValueError`` if one of them is not
        there."""
        for iin in (person, relative):
            if iin not in self.persons:
                raise ValueError(f"a relative {iin} is not in the register")
        for side in both_sides(person, relative, relation, since, until):
            self.relations[side.id] = side

    def _give_documents(self, draw: Random, person: NaturalPerson, card: str) -> None:
        kind = DocumentType.RESIDENCE_PERMIT if card == "residence-permit" else DocumentType.IDENTITY_CARD
        first = person.birth_date + _OF_AGE_FOR_A_CARD
        earliest = max(first, date(2013, 2, 1) if card == "expired" else date(2019, 1, 10))
        issued = _between(draw, earliest, date(2014, 12, 20) if card == "expired" else date(2025, 11, 28))
        self._document(draw, person.iin, kind, issued, lost=card == "lost")
        if issued - first > timedelta(days=365):
            before = _between(draw, max(first, date(2008, 1, 10)), issued - timedelta(days=30))
            self._document(draw, person.iin, kind, before, replaced_on=issued)
        if draw.random() < 0.4 and kind is DocumentType.IDENTITY_CARD:
            passport = _between(draw, max(first, date(2018, 1, 10)), date(2025, 11, 28))
            self._document(draw, person.iin, DocumentType.PASSPORT, passport)

    def _document(
        self,
        draw: Random,
        iin: str,
        kind: DocumentType,
        issued: date,
        *,
        replaced_on: date | None = None,
        lost: bool = False,
    ) -> None:
        letter = "N" if kind is DocumentType.PASSPORT else ""
        digits = 8 if letter else 9
        number = ""
        while not number or number in self.documents:
            number = f"{letter}{draw.randrange(10 ** (digits - 1), 10**digits)}"
        status = DocumentStatus.INVALIDATED if replaced_on else DocumentStatus.LOST if lost else DocumentStatus.VALID
        document = IdentityDocument(
            type=kind,
            number=number,
            issued_on=issued,
            expires_on=_after_ten_years(issued),
            issued_by=_MINISTRY,
            status=status,
            invalidated_on=replaced_on or (date(2025, 12, 15) if lost else None),
        )
        self.documents[number] = held_document(iin, document)


def _nationality(names: PersonNames) -> str:
    # Where nothing else is known: a Kazakh patronymic tells, anything else does not, and then none is recorded.
    return "kazakh" if (names.kk.patronymic or "").endswith(("ұлы", "қызы")) else ""


def _moved_in(home: Address, born: date, lived_until: date) -> Address:
    """The family's address for one of them, who lives there no earlier than born and no later than died."""
    since = min(max(home.since or born, born), lived_until)
    return home.model_copy(update={"since": since})


def _birth_certificate(draw: Random, born: date, *, abroad: bool) -> CivilCertificate | None:
    if abroad:
        return None  # what another state issued is not in this register
    issued = born + timedelta(days=draw.randrange(3, 40))
    number = f"{draw.randrange(1, 20):02d}-{draw.randrange(1, 900):03d}-{born:%y}-{draw.randrange(10**6):07d}"
    return CivilCertificate(number=number, issued_on=issued, issued_by=_CIVIL_STATUS)


def _between(draw: Random, first: date, last: date) -> date:
    return first + timedelta(days=draw.randrange(max((last - first).days, 1)))


def _after_ten_years(day: date) -> date:
    return date(day.year + 10, day.month, min(day.day, 28))
