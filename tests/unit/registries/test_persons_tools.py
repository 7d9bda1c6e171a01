"""The persons register by hand: look up, add, change."""

from typing import Any

import httpx
import pytest

from shared.messages.registry import ByDocument, ByIIN, ByNames, Part
from tests.unit.registries.bench import Bench, person_extract

MOTHER = "900412412107"
NEW = "880818349011"
CARD: dict[str, Any] = {
    "type": "identity_card",
    "number": "040 123 456",
    "issued_on": "2024-01-01",
    "expires_on": "2034-01-01",
    "issued_by": {"code": "002", "kk": "ІІМ", "ru": "МВД"},
}


def person(**changes: Any) -> dict[str, Any]:
    """A new person."""
    names = {"kk": {"surname": "Жаңа", "given_name": "Адам"}, "ru": {"surname": "Новый", "given_name": "Адам"}}
    return {"iin": NEW, "names": names, **changes}


async def test_added_person_is_found_in_every_mode(persons: Bench) -> None:
    relation = {"relation": "child", "iin": "180603525616", "since": "2020-01-01"}
    added = await persons.http.post("/persons", json=person(identity_documents=[CARD], relations=[relation]))
    assert added.status_code == httpx.codes.CREATED, added.text
    assert (added.json()["record"]["birth_date"], added.json()["record"]["sex"]) == ("1988-08-18", "male")
    for search in (
        ByIIN(iin=NEW),
        ByNames(surname="Новый", given_name="Адам", birth_date="1988-08-18"),
        ByDocument(document_number="040123456"),
    ):
        record = person_extract(await persons.ask(search, Part.CHILDREN)).record
        assert record.iin == NEW
        assert [child.iin for child in record.children or ()] == ["180603525616"]
    child = person_extract(await persons.ask(ByIIN(iin="180603525616"), Part.PARENTS)).record
    assert NEW in {parent.iin for parent in child.parents or ()}


async def test_change_of_names_changes_how_the_person_is_found(persons: Bench) -> None:
    names = {"kk": {"surname": "Жаңа", "given_name": "Әсел"}, "ru": {"surname": "Новая", "given_name": "Асель"}}
    changed = await persons.http.patch(f"/persons/{MOTHER}", json={"names": names})
    assert changed.status_code == httpx.codes.OK, changed.text
    former = ByNames(surname="Сеитова", given_name="Асель", patronymic="Маратовна", birth_date="1990-04-12")
    assert not (await persons.ask(former)).found
    assert (await persons.ask(ByNames(surname="новая", given_name="асель", birth_date="1990-04-12"))).found


async def test_change_leaves_the_rest_as_it_was(persons: Bench) -> None:
    before = (await persons.http.get(f"/persons/{MOTHER}")).json()["record"]
    body = {"life_status": "dead", "died_on": "2026-06-01", "names": None}
    after = (await persons.http.patch(f"/persons/{MOTHER}", json=body)).json()["record"]
    assert after == {**before, "life_status": "dead", "died_on": "2026-06-01"}
    alive = {"life_status": "alive", "died_on": None}
    assert (await persons.http.patch(f"/persons/{MOTHER}", json=alive)).json()["record"] == before


async def test_document_is_changed_by_its_number(persons: Bench) -> None:
    for status in ("valid", "lost"):
        body = {"identity_documents": [{**CARD, "status": status}]}
        record = (await persons.http.patch(f"/persons/{MOTHER}", json=body)).json()["record"]
        held = [item for item in record["identity_documents"] if item["number"] == "040123456"]
        assert [item["status"] for item in held] == [status]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (person(iin=MOTHER), 409),
        (person(iin="900412412108"), 422),
        (person(sex="female"), 422),
        (person(relations=[{"relation": "child", "iin": "999999999999"}]), 422),
        (person(relations=[{"relation": "spouse", "iin": NEW}]), 422),
        ({"iin": NEW}, 422),
    ],
    ids=["known", "check digit", "unknown member", "unknown relative", "own relative", "no names"],
)
async def test_what_is_not_added(persons: Bench, body: dict[str, Any], status: int) -> None:
    assert (await persons.http.post("/persons", json=body)).status_code == status
    assert not (await persons.ask(ByIIN(iin=NEW))).found


async def test_document_of_somebody_else_is_a_conflict(persons: Bench) -> None:
    (held, *_) = (await persons.http.get(f"/persons/{MOTHER}")).json()["record"]["identity_documents"]
    answer = await persons.http.post("/persons", json=person(identity_documents=[{**CARD, "number": held["number"]}]))
    assert answer.status_code == httpx.codes.CONFLICT
    assert not (await persons.ask(ByIIN(iin=NEW))).found


async def test_nobody_is_not_found(persons: Bench) -> None:
    assert (await persons.http.get(f"/persons/{NEW}")).status_code == httpx.codes.NOT_FOUND
    assert (await persons.http.patch(f"/persons/{NEW}", json={})).status_code == httpx.codes.NOT_FOUND
    assert (await persons.http.get("/persons/1")).status_code == httpx.codes.UNPROCESSABLE_ENTITY


async def test_look_by_hand_is_logged_with_the_relatives(persons: Bench) -> None:
    await persons.http.get(f"/persons/{MOTHER}")
    (look,) = await persons.log(iin=MOTHER)
    (child,) = await persons.log(iin="180603525616")
    assert (look["system"], child["message_id"]) == ("stand-tools", look["message_id"])


async def test_people_with_a_fate_are_listed(persons: Bench) -> None:
    special = (await persons.http.get("/persons", params={"special": True, "limit": 1000})).json()
    assert {"dead", "incapable", "namesake", "one-name", "repatriate"} <= {entry["fate"] for entry in special}
    ordinary = (await persons.http.get("/persons", params={"special": False, "limit": 2})).json()
    assert [entry["fate"] for entry in ordinary] == [None, None]
    page = (await persons.http.get("/persons", params={"after": ordinary[0]["iin"], "limit": 1})).json()
    assert page[0]["iin"] > ordinary[0]["iin"]
    assert await persons.log() == []
