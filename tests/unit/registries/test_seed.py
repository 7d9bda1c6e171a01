"""The seeded register: always the same people, numbers in order, families that hold together."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from services.registries.notary.service.seed import RegisterSeed as NotarySeed
from services.registries.notary.settings import Settings as NotarySettings
from services.registries.persons.domain import FamilyRelation
from services.registries.persons.service.population import AS_OF, Population
from services.registries.persons.service.seed import RegisterSeed
from services.registries.persons.settings import Settings
from shared.kit.iin import birth_date_of, is_valid
from shared.messages.extracts import PersonRecord
from tests.unit.registries.bench import Bench

AT = datetime(2026, 6, 2, 9, tzinfo=UTC)


def seed(**changes: Path) -> RegisterSeed:
    """The seed of the stand, with other files if wanted."""
    settings = Settings(**changes)
    return RegisterSeed(settings.people_file, settings.families_file)


@pytest.fixture(scope="module")
def population() -> Population:
    """Everybody."""
    return seed().population(AT)


def test_is_the_same_every_time(population: Population) -> None:
    again = seed().population(AT)
    assert again == population
    later = seed().population(AT + timedelta(days=400))
    assert later.persons.keys() == population.persons.keys()
    assert (later.documents, later.relations) == (population.documents, population.relations)


def test_hundreds_of_people_of_all_ages(population: Population) -> None:
    assert 300 <= len(population.persons) <= 600
    decades = {person.birth_date.year // 10 for person in population.persons.values()}
    assert decades >= set(range(193, 203))
    assert {person.sex for person in population.persons.values()} == {"male", "female"}
    assert any(person.life_status == "dead" for person in population.persons.values() if person.fate is None)


def test_every_number_is_well_formed_and_stands_once(population: Population) -> None:
    assert all(is_valid(iin) for iin in population.persons)
    assert all(birth_date_of(iin) == person.birth_date for iin, person in population.persons.items())
    certificates = [p.birth_certificate["number"] for p in population.persons.values() if p.birth_certificate]
    assert len(certificates) == len(set(certificates))


def test_nobody_has_a_number_documented_as_absent(population: Population) -> None:
    absent = seed().absent
    assert len(absent) >= 3
    assert all(is_valid(iin) for iin in absent)
    assert not absent & population.persons.keys()


def test_people_of_the_stand_and_their_children_are_in_the_register(population: Population) -> None:
    people = yaml.safe_load(Settings().people_file.read_text(encoding="utf-8"))["people"]
    for parent in people:
        for person in (parent, *parent.get("children", ())):
            kept = population.persons[person["iin"]]
            assert kept.names["kk"] == person["names"]["kk"]
            assert kept.names["ru"] == person["names"]["ru"]
        for child in parent.get("children", ()):
            assert f"{child['iin']}:{parent['iin']}:parent" in population.relations


def test_relations_stand_on_both_sides(population: Population) -> None:
    other = {"child": "parent", "parent": "child", "spouse": "spouse", "guardian": "ward", "ward": "guardian"}
    for relation in population.relations.values():
        back = population.relations[f"{relation.relative_iin}:{relation.person_iin}:{other[relation.relation]}"]
        assert (back.since, back.until) == (relation.since, relation.until)


def test_parents_are_older_than_children_and_of_two_sexes(population: Population) -> None:
    persons = population.persons
    parents: dict[str, list[FamilyRelation]] = {}
    for relation in population.relations.values():
        if relation.relation == "parent":
            parents.setdefault(relation.person_iin, []).append(relation)
    assert len(parents) > 100
    for child, found in parents.items():
        assert len({persons[item.relative_iin].sex for item in found}) == len(found) <= 2
        for item in found:
            assert persons[child].birth_date - persons[item.relative_iin].birth_date > timedelta(days=15 * 365)


def test_adults_have_a_valid_document_unless_said_otherwise(population: Population) -> None:
    owners = {d.iin for d in population.documents.values() if d.status == "valid" and d.expires_on > AT.date()}
    for person in population.persons.values():
        adult = AS_OF - person.birth_date > timedelta(days=17 * 365)
        if adult and person.life_status == "alive" and person.fate != "expired-card":
            assert person.iin in owners, person.iin
        if AS_OF - person.birth_date < timedelta(days=15 * 365):
            assert person.iin not in owners


def test_documents_are_in_order(population: Population) -> None:
    for number, document in population.documents.items():
        owner = population.persons[document.iin]
        assert document.number == number
        assert owner.birth_date < document.issued_on < (document.invalidated_on or date(2100, 1, 1))
        assert (document.status == "valid") == (document.invalidated_on is None)


def test_nobody_moves_in_before_birth_or_after_death(population: Population) -> None:
    for person in population.persons.values():
        assert person.address is not None
        since = date.fromisoformat(person.address["since"])
        assert person.birth_date <= since <= (person.died_on or AS_OF), person.iin


async def test_every_record_fits_the_schema_of_the_extract(persons: Bench) -> None:
    summaries = (await persons.http.get("/persons", params={"limit": 1000})).json()
    assert len(summaries) > 300
    for summary in summaries[::7]:
        answer = (await persons.http.get(f"/persons/{summary['iin']}")).json()
        assert PersonRecord.model_validate(answer["record"]).iin == summary["iin"]


async def test_seeding_is_quick_and_happens_once(persons: Bench) -> None:
    changed = await persons.http.patch("/persons/900412412107", json={"fate": "changed"})
    assert changed.status_code == 200
    await persons.close()
    await persons.open()
    (found,) = (await persons.http.get("/persons", params={"fate": "changed"})).json()
    assert found["iin"] == "900412412107"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"iin": "900412412107", "names": {"kk": {}, "ru": {}}}, "stands twice"),
        ({"iin": "880818349011", "names": {"kk": {}, "ru": {}}}, "absent"),
        ({"iin": "880319341013", "names": {"kk": {}, "ru": {}}, "spouse": "999999999999"}, "not in the register"),
        ({"iin": "880319341013", "names": {"kk": {}, "ru": {}}, "hair": "red"}, "Extra inputs"),
        ({"iin": "889919341013", "names": {"kk": {}, "ru": {}}}, "date of birth"),
    ],
)
def test_files_that_do_not_hold_together_are_refused(tmp_path: Path, entry: dict[str, object], fault: str) -> None:
    absent = [{"iin": "880818349011", "fate": {"kk": "", "ru": "", "en": ""}}]
    file = tmp_path / "families.yaml"
    file.write_text(yaml.safe_dump({"absent": absent, "people": [entry]}), encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        seed(families_file=file).population(AT)


def test_powers_are_the_same_every_time_and_move_with_the_day() -> None:
    settings = NotarySettings()
    files = (settings.powers_file, settings.people_file, settings.families_file, settings.timezone)
    first, again = (NotarySeed(*files).entries(AT) for _ in range(2))
    later = NotarySeed(*files).entries(AT + timedelta(days=10))
    assert first == again
    assert {b.valid_until - a.valid_until for a, b in zip(first, later, strict=True)} == {timedelta(days=10)}
    assert len({entry.id for entry in first}) == len(first) >= 10


def test_parties_of_the_powers_are_people_of_the_register(population: Population) -> None:
    settings = NotarySettings()
    for entry in NotarySeed(
        settings.powers_file, settings.people_file, settings.families_file, settings.timezone
    ).entries(AT):
        for party in (entry.principal, entry.attorney):
            person = population.persons[party["iin"]]
            assert (party["names"]["kk"], party["names"]["ru"]) == (person.names["kk"], person.names["ru"])
