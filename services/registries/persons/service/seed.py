"""The register at its first start: the people of the stand, people with a fate, and generated families."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.registries.common.people import StandPerson, load_people
from services.registries.persons.repository import DOCUMENTS, PERSONS, RELATIONS
from services.registries.persons.service.families import grow_families
from services.registries.persons.service.names import with_latin
from services.registries.persons.service.population import Population
from shared.db.states import StateKind
from shared.kit.files import read_yaml
from shared.kit.text import Text
from shared.messages.extracts import (
    Benefit,
    Capability,
    CivilCertificate,
    Coded,
    LifeStatus,
    PersonNames,
    RelationKind,
    Repatriation,
    Restriction,
)

_OTHER = {"iin", "names", "spouse", "children", "guardian", "card", "place"}


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Absent(_Entry):
    iin: str
    fate: Text


class _Fated(_Entry):
    """Somebody of ``families.yaml``."""

    iin: str
    names: PersonNames
    fate: str | None = None
    spouse: str | None = None
    children: tuple[str, ...] = ()
    guardian: str | None = None
    place: Literal["almaty", "china", "mongolia", "uzbekistan"] = "almaty"
    card: Literal["valid", "expired", "lost", "residence-permit"] = "valid"
    citizenship: Coded | None = None
    life_status: LifeStatus | None = None
    died_on: date | None = None
    removed: bool | None = None
    death_certificate: CivilCertificate | None = None
    capability: Capability | None = None
    restrictions: tuple[Restriction, ...] | None = None
    repatriation: Repatriation | None = None
    benefits: tuple[Benefit, ...] | None = None

    def facts(self) -> dict[str, Any]:
        """What the file says of the person."""
        return {name: value for name in self.model_fields_set - _OTHER if (value := getattr(self, name)) is not None}


class _Families(_Entry):
    absent: tuple[_Absent, ...]
    people: tuple[_Fated, ...]


class RegisterSeed:
    """Reads the files once and puts the population together. Raises ``ValueError`` for files that do not hold
    together."""

    def __init__(self, people_file: Path, families_file: Path) -> None:
        self._people = load_people(people_file)
        self._families = _Families.model_validate(read_yaml(families_file))
        self.absent = frozenset(entry.iin for entry in self._families.absent)
        """Numbers nobody has."""

    def population(self, at: datetime) -> Population:
        """Everybody; the same at every moment but for ``changed_at``."""
        population = Population(at)
        for parent in self._people:
            self._settle(population, parent)
        for entry in self._families.people:
            facts = entry.facts()
            population.add(entry.iin, with_latin(entry.names), place=entry.place, card=entry.card, **facts)
        for entry in self._families.people:
            _bind(population, entry)
        there = sorted(self.absent & population.persons.keys())
        if there:
            raise ValueError(f"documented as absent, but in the register: {there}")
        grow_families(population, self.absent)
        return population

    def __call__(self, at: datetime) -> Mapping[StateKind[Any], Sequence[Any]]:
        """The rows of the register."""
        population = self.population(at)
        return {
            PERSONS: list(population.persons.values()),
            DOCUMENTS: list(population.documents.values()),
            RELATIONS: list(population.relations.values()),
        }

    def _settle(self, population: Population, parent: StandPerson) -> None:
        for person in (parent, *parent.children):
            population.add(person.iin, with_latin(person.names.names()))
        for child in parent.children:
            population.relate(parent.iin, child.iin, RelationKind.CHILD)


def _bind(population: Population, entry: _Fated) -> None:
    if entry.spouse:
        population.relate(entry.iin, entry.spouse, RelationKind.SPOUSE, until=entry.died_on)
    for child in entry.children:
        population.relate(entry.iin, child, RelationKind.CHILD)
    if entry.guardian:
        population.relate(entry.iin, entry.guardian, RelationKind.GUARDIAN)
