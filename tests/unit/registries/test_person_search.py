"""Searching persons: three modes, names that do not exist, namesakes."""

from datetime import UTC, date, datetime
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registries.persons.domain import NaturalPerson, names_key, search_key
from services.registries.persons.service.population import Population
from services.registries.persons.service.seed import RegisterSeed
from services.registries.persons.settings import Settings
from shared.messages.extracts import PersonName
from shared.messages.registry import ByDocument, ByIIN, ByNames, Part
from tests.unit.registries.bench import Bench, person_extract

MOTHER = "900412412107"


@lru_cache(maxsize=1)
def population() -> Population:
    """Everybody of the register."""
    settings = Settings()
    return RegisterSeed(settings.people_file, settings.families_file).population(datetime(2026, 6, 2, tzinfo=UTC))


def names(born: str = "1990-04-12", **given_names: str) -> ByNames:
    """A search by names."""
    return ByNames(birth_date=date.fromisoformat(born), **given_names)


async def found(bench: Bench, search: ByIIN | ByNames | ByDocument) -> str:
    """The IIN of who was found, or why nobody was."""
    answer = await bench.ask(search)
    return answer.not_found_reason or person_extract(answer).record.iin


async def test_by_iin(persons: Bench) -> None:
    assert await found(persons, ByIIN(iin=MOTHER)) == MOTHER


@pytest.mark.parametrize("iin", ["880818349011", "201020649025", "700101390000", "999999999999"])
async def test_documented_absentees_are_absent(persons: Bench, iin: str) -> None:
    assert await found(persons, ByIIN(iin=iin)) == "absent"


@pytest.mark.parametrize(
    "search",
    [
        names(surname="Сейітова", given_name="Әсел", patronymic="Маратқызы"),
        names(surname="Сеитова", given_name="Асель", patronymic="Маратовна"),
        names(surname=" СЕЙІТОВА ", given_name="әсел", patronymic="МАРАТҚЫЗЫ"),
    ],
    ids=["Kazakh", "Russian", "capitals and blanks"],
)
async def test_by_names_in_either_spelling(persons: Bench, search: ByNames) -> None:
    assert await found(persons, search) == MOTHER


@pytest.mark.parametrize(
    "search",
    [
        pytest.param(names(surname="Сейітова", given_name="Әсел"), id="no patronymic, but she has one"),
        pytest.param(names(given_name="Әсел", patronymic="Маратқызы"), id="no surname, but she has one"),
        pytest.param(names(surname="Сейітова", patronymic="Маратқызы"), id="no given name, but she has one"),
        pytest.param(names(surname="Сейітова", given_name="Асель", patronymic="Маратқызы"), id="spellings mixed"),
        pytest.param(
            names("1990-04-13", surname="Сейітова", given_name="Әсел", patronymic="Маратқызы"), id="another day"
        ),
    ],
)
async def test_a_missing_name_is_no_wildcard(persons: Bench, search: ByNames) -> None:
    assert await found(persons, search) == "absent"


async def test_who_has_no_patronymic_is_found_without(persons: Bench) -> None:
    known = {"surname": "Оспанов", "given_name": "Бауыржан"}
    assert await found(persons, names("1979-12-01", **known)) == "791201312319"
    assert await found(persons, names("1979-12-01", **known, patronymic="Маратұлы")) == "absent"


async def test_who_has_one_name_is_found_by_it(persons: Bench) -> None:
    assert await found(persons, names("1996-06-01", given_name="Шолпан")) == "960601442068"
    assert await found(persons, names("1996-06-01", surname="Шолпан")) == "absent"


async def test_namesakes_of_one_birthday_are_ambiguous_and_nobody_is_told(persons: Bench) -> None:
    answer = await persons.ask(names("1990-05-05", surname="Ахметов", given_name="Ермек", patronymic="Болатұлы"))
    assert (answer.found, answer.record, answer.not_found_reason) == (False, None, "ambiguous")
    assert await found(persons, ByIIN(iin="900505342079")) == "900505342079"
    assert await found(persons, ByIIN(iin="900505342089")) == "900505342089"


async def test_by_document_of_any_status(persons: Bench) -> None:
    documents = person_extract(await persons.ask(ByIIN(iin=MOTHER), Part.IDENTITY_DOCUMENTS)).record.identity_documents
    assert documents is not None
    assert {document.status for document in documents} == {"valid", "invalidated"}
    for document in documents:
        assert await found(persons, ByDocument(document_number=document.number.lower())) == MOTHER


async def test_birth_certificate_is_no_identity_document(persons: Bench) -> None:
    record = person_extract(await persons.ask(ByIIN(iin=MOTHER), Part.BIRTH_CERTIFICATE)).record
    assert record.birth_certificate is not None
    assert await found(persons, ByDocument(document_number=record.birth_certificate.number)) == "absent"


async def test_searches_of_a_batch_do_not_mix(persons: Bench) -> None:
    wanted = [
        (ByIIN(iin=MOTHER), MOTHER),
        (ByIIN(iin="700101390000"), None),
        (names("1996-06-01", given_name="Шолпан"), "960601442068"),
        (names("1990-05-05", surname="Ахметов", given_name="Ермек", patronymic="Болатұлы"), None),
        (ByIIN(iin="870930312179"), "870930312179"),
    ]
    requests = [
        persons.received(search, application=f"application-{number}") for number, (search, _) in enumerate(wanted)
    ]
    await persons.deliver(*requests)
    for request, (_, iin) in zip(requests, wanted, strict=True):
        (answer,) = await persons.answers(request)
        assert (answer.subject, answer.data["found"]) == (request.message.subject, iin is not None)
        assert iin is None or f'"iin":"{iin}"' in answer.data["record"]["content"]


def matching(key: str) -> set[str]:
    """Who the register finds under a search key of names."""
    sought = key.removeprefix("names:")
    return {p.iin for p in population().persons.values() if sought in (p.names_key_kk, p.names_key_ru)}


people = st.sampled_from(sorted(population().persons.values(), key=lambda person: person.iin))
spellings = st.sampled_from(["kk", "ru"])


@given(people, spellings, st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["", " ", "\t "]))
def test_everybody_is_found_by_the_names_they_have(
    person: NaturalPerson, spelling: str, case: type[str], blank: str
) -> None:
    written = {name: f"{blank}{case(value)}{blank}" for name, value in person.names[spelling].items()}
    assert person.iin in matching(search_key(ByNames(birth_date=person.birth_date, **written)))


@given(people, spellings, st.sampled_from(["surname", "given_name", "patronymic"]))
def test_nobody_is_found_with_one_name_fewer(person: NaturalPerson, spelling: str, left_out: str) -> None:
    kept = {name: value for name, value in person.names[spelling].items() if name != left_out}
    if left_out in person.names[spelling] and {"surname", "given_name"} & kept.keys():
        assert person.iin not in matching(search_key(ByNames(birth_date=person.birth_date, **kept)))


@given(people, spellings, st.text(alphabet="АӘБВГдеёқұ|-", min_size=1, max_size=8))
def test_nobody_is_found_with_a_name_too_many(person: NaturalPerson, spelling: str, extra: str) -> None:
    own = person.names[spelling]
    added = {name: extra for name in ("surname", "patronymic") if name not in own}
    if added:
        assert person.iin not in matching(search_key(ByNames(birth_date=person.birth_date, **own, **added)))


_word = st.none() | st.text(alphabet="аАбӘ |\t-é", min_size=1, max_size=5).filter(lambda text: text.strip() != "")
_names = st.tuples(_word, _word, _word)


@given(_names, _names)
def test_different_names_never_share_a_key(first: tuple[str | None, ...], second: tuple[str | None, ...]) -> None:
    day = date(1990, 1, 1)
    keys = [names_key(PersonName.model_construct(**dict(zip(_FIELDS, n, strict=True))), day) for n in (first, second)]
    same = [_folded(word) for word in first] == [_folded(word) for word in second]
    assert (keys[0] == keys[1]) == same


_FIELDS = ("surname", "given_name", "patronymic")


def _folded(word: str | None) -> str:
    return " ".join((word or "").casefold().split())
