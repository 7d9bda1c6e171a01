"""Some three hundred generated people: three generations, large and small families, people who live alone."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from services.registries.persons.service import names
from services.registries.persons.service.places import address_in
from services.registries.persons.service.population import AS_OF, Population
from shared.kit.iin import Sex, make_iin
from shared.messages.extracts import Address, RelationKind

FAMILIES, SINGLES = 64, 24
_SEED = "families of the stand"


@dataclass(frozen=True)
class _Kin:
    """A generated person as far as relatives need it."""

    iin: str
    given: tuple[str, str]
    born: date


@dataclass(frozen=True)
class _Line:
    """What runs in a family."""

    surname: tuple[str, str]
    slavic: bool
    home: Address

    def given(self, draw: Random, sex: Sex) -> tuple[str, str]:
        """Some given name."""
        return draw.choice((names.SLAVIC_GIVEN if self.slavic else names.KAZAKH_GIVEN)[sex])


def grow_families(population: Population, taken: frozenset[str]) -> None:
    """Add the generated families. ``taken`` are numbers that nobody may get."""
    draw = Random(_SEED)  # noqa: S311 — invented people are no secrets
    nursery = _Nursery(population, draw, taken)
    for _ in range(FAMILIES):
        nursery.family(_line(draw))
    for _ in range(SINGLES):
        line = _line(draw)
        nursery.bear(line, draw.choice(("male", "female")), _day(draw, 1938, 2007), line.given(draw, "male"))


def _line(draw: Random) -> _Line:
    slavic = draw.random() < 0.2
    surname = draw.choice(names.SLAVIC_SURNAMES if slavic else names.KAZAKH_SURNAMES)
    return _Line(surname, slavic, address_in(draw, since=_day(draw, 2006, 2024)))


def _day(draw: Random, first_year: int, last_year: int) -> date:
    return date(first_year, 1, 1) + timedelta(days=draw.randrange((last_year - first_year + 1) * 365))


class _Nursery:
    """Bears the people of families into a population."""

    def __init__(self, population: Population, draw: Random, taken: frozenset[str]) -> None:
        self._population = population
        self._draw = draw
        self._taken = taken

    def bear(
        self, line: _Line, sex: Sex, born: date, father: tuple[str, str] | None, *, died_on: date | None = None
    ) -> _Kin:
        """One more person of the register."""
        draw, serial = self._draw, self._draw.randrange(1000, 3000)
        iin = make_iin(born, sex, serial)
        while iin in self._population.persons or iin in self._taken:
            serial += 1
            iin = make_iin(born, sex, serial)
        given = line.given(draw, sex)
        full = names.full_names(line.surname, given, father, sex, slavic=line.slavic)
        facts: dict[str, Any] = {} if died_on is None else {"died_on": died_on}
        nationality = "russian" if line.slavic else "kazakh"
        self._population.add(iin, full, nationality=nationality, home=line.home, **facts)
        return _Kin(iin, given, born)

    def family(self, line: _Line) -> None:
        """Husband and wife, their children, and for some the husband's parents."""
        draw = self._draw
        born = _day(draw, 1955, 1999)
        grandfather = self._grandparents(line, born) if draw.random() < 0.35 else None
        husband = self.bear(line, "male", born, grandfather.given if grandfather else line.given(draw, "male"))
        bride = born + timedelta(days=draw.randrange(-400, 1800))
        wife = self.bear(line, "female", bride, line.given(draw, "male"))
        wedding = max(husband.born, wife.born) + timedelta(days=draw.randrange(20 * 365, 26 * 365))
        divorced = wedding + timedelta(days=4000) if draw.random() < 0.15 else None
        ended = divorced if divorced and divorced < AS_OF else None
        self._relate(husband, wife, RelationKind.SPOUSE, min(wedding, AS_OF), ended)
        if grandfather is not None:
            self._relate(grandfather, husband, RelationKind.CHILD)
        arrival = wedding
        for _ in range(draw.choice((0, 1, 1, 2, 2, 2, 3, 4))):
            arrival += timedelta(days=draw.randrange(330, 1500))
            if arrival >= AS_OF:
                break
            child = self.bear(line, draw.choice(("male", "female")), arrival, husband.given)
            self._relate(husband, child, RelationKind.CHILD)
            self._relate(wife, child, RelationKind.CHILD)

    def _grandparents(self, line: _Line, child_born: date) -> _Kin:
        draw = self._draw
        died = _day(draw, 2009, 2024) if draw.random() < 0.4 else None
        father_born = child_born - timedelta(days=draw.randrange(22 * 365, 32 * 365))
        father = self.bear(line, "male", father_born, line.given(draw, "male"), died_on=died)
        mother_born = father_born + timedelta(days=draw.randrange(0, 1500))
        mother = self.bear(line, "female", mother_born, line.given(draw, "male"))
        self._relate(father, mother, RelationKind.SPOUSE, child_born - timedelta(days=700), died)
        return father

    def _relate(
        self, person: _Kin, relative: _Kin, kind: RelationKind, since: date | None = None, until: date | None = None
    ) -> None:
        self._population.relate(person.iin, relative.iin, kind, since, until)
