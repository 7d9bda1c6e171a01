"""Annex 1 of the externat: fifteen rows as both texts have them, one place for every school of the form."""

from typing import Any

import pytest

from shared.kit.text import Text
from shared.regulations.loader import Regulations
from shared.regulations.places import Places
from tests.unit.regulations.conftest import Faults

EXTERNAT = "almaty-city/externat-permission"
NAME = Text(kk="мектеп", ru="школа", en="school")


@pytest.fixture
def annex(regulations: Regulations) -> Places:
    """The list."""
    places = regulations[EXTERNAT].places
    assert places is not None
    return places


def test_every_row_has_district_address_telephone_and_stands_in_order(annex: Places) -> None:
    assert [place.row for place in annex.places] == list(range(1, 16))
    assert all(place.telephones and place.address.kk.startswith("Алматы қаласы, ") for place in annex.places)
    assert [place.group.ru for place in annex.places] == [
        "Алатауский район",
        *["Алмалинский район"] * 2,
        *["Ауэзовский район"] * 2,
        *["Бостандыкский район"] * 3,
        "Жетысуский район",
        *["Медеуский район"] * 2,
        "Турксибский район",
        annex.places[12].group.ru,
        *["Негосударственные организации образования"] * 2,
    ]


def test_the_rows_are_the_schools_of_the_form(annex: Places, regulations: Regulations) -> None:
    office = regulations[EXTERNAT].channel("office")
    assert office.form is not None
    school = next(field for field in office.form.fields if f"/{field.name}" == annex.field)
    assert [place.value for place in annex.places] == [option.value for option in school.options]


@pytest.mark.parametrize(
    ("row", "kk", "ru", "telephones"),
    [
        (1, "Докучаев көшесі, 31 а", "улица Докучаева, 31а", ("8(727) 276-33-31",)),
        (
            5,
            "Тоқтабаев көшесі, 64",
            "микрорайон «Таугуль» улица Сулейменова, 64",
            ("8(727) 255-27-44", "8(727) 255-27-55"),
        ),
        (9, "Ақбаев көшесі, 59 а", "улица Акпаева, 59", ("8(727) 297-95-64",)),
        (10, "Абдуллиндер көшесі, 11", "улица Абдуллиных, 11", ("8(727) 230-27-24", "8(727) 390-82-43")),
        (15, "Марков көшесі, 47 б", "улица Маркова, 47 б", ("8(727) 260-59-90",)),
    ],
)
def test_a_row_of_annex_1(annex: Places, row: int, kk: str, ru: str, telephones: tuple[str, ...]) -> None:
    place = annex.places[row - 1]
    assert place.address.kk == f"Алматы қаласы, {kk}"
    assert place.address.ru == f"город Алматы, {ru}"
    assert place.telephones == telephones


def test_where_the_languages_differ_both_stand_and_a_note_says_so(annex: Places, regulations: Regulations) -> None:
    differing = [place for place in annex.places if place.stated]
    assert [place.row for place in differing] == [5, 9, 11, 14, 15]
    codes = {note.code for note in regulations[EXTERNAT].notes}
    assert all((place.note or "").removeprefix("See the note ").rstrip(".") in codes for place in differing)


def test_reception_is_on_the_days_on_which_both_texts_agree(annex: Places) -> None:
    assert annex.hours.days == tuple(day for day in annex.stated["kk"].days if day in annex.stated["ru"].days)


def test_a_place_is_found_by_the_form_and_described_in_three_languages(annex: Places) -> None:
    place = annex.of({"school": "externat-school-01"})
    assert place is not None
    assert annex.described(place, NAME).en.startswith("school; Alatau district; Almaty city, Dokuchayev street")
    for form in ({}, {"school": "externat-school-16"}, {"school": ["externat-school-01"]}):
        assert annex.of(form) is None


LISTED: dict[str, Any] = {
    "field": "/born",
    "clause": "annex 1",
    "reception": NAME.model_dump(),
    "hours": {"opens": "09:00", "closes": "18:00"},
    "places": [{"value": "one", "row": 1, "group": NAME.model_dump(), "address": NAME.model_dump()}],
}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, "places.places: 'one' is not both a place and an option of '/born'"),
        ({"field": "/none"}, "places.field: no form has a field '/none'"),
        ({"places": LISTED["places"] * 2}, "places.places[1].value: "),
    ],
)
def test_a_list_that_does_not_fit_its_field(
    small: dict[str, Any], faults: Faults, changes: dict[str, Any], fault: str
) -> None:
    small["places"] = {**LISTED, **changes}
    assert any(fault in found for found in faults(small))
