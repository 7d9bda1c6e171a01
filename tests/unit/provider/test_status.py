"""Where a matter stands, by its number and without personal data (1414)."""

from dataclasses import replace

import httpx

from services.provider.domain.register import register_key_of
from services.provider.repository import MATTERS
from tests.unit.provider.applications import APPLICANT
from tests.unit.provider.bench import Bench
from tests.unit.provider.counter import hand_in

FAMILY = "almaty-city/family-consultation"


async def test_by_the_number_of_the_receipt_and_of_the_application(busy_town: Bench) -> None:
    taken = (await hand_in(busy_town, FAMILY)).json()
    number, application = taken["register_number"], taken["summary"]["application"]
    for asked in (number, application):
        answer = await busy_town.http.get(f"/status/{asked}")
        assert answer.status_code == httpx.codes.OK, answer.text
        told = answer.json()
        assert (told["number"], told["application"], told["regulation"]) == (number, application, FAMILY)
        assert (told["state"], told["organisation"], told["overdue"]) == ("in_review", "all", False)
        assert told["due_at"]


async def test_without_a_word_about_whom(busy_town: Bench) -> None:
    taken = (await hand_in(busy_town, FAMILY)).json()
    told = (await busy_town.http.get(f"/status/{taken['register_number']}")).text
    surname = taken["document"]["form"]["applicant"]["surname"]
    assert surname
    assert surname not in told
    assert APPLICANT not in told


async def test_what_has_no_such_number_is_not_found(busy_town: Bench) -> None:
    await hand_in(busy_town, FAMILY)
    for number in ("2026-999999", "0198c0de-0000-7000-8000-0000000000ff", "1414"):
        assert (await busy_town.http.get(f"/status/{number}")).status_code == httpx.codes.NOT_FOUND


async def test_a_number_of_several_registers_needs_the_organisation(busy_town: Bench) -> None:
    """Each organisation counts its own register from one."""
    taken = (await hand_in(busy_town, FAMILY)).json()
    application, number = taken["summary"]["application"], taken["register_number"]
    async with busy_town.runtime.work([(MATTERS, application)]) as work:
        matter = work.get(MATTERS, application)
        assert matter is not None
        other = "050640001236"
        key = register_key_of(other, 2026, 1)
        twin = replace(matter, application="twin", provider_bin=other, register_key=key)
        work.put(MATTERS, twin)
    several = await busy_town.http.get(f"/status/{number}")
    assert several.status_code == httpx.codes.CONFLICT
    assert several.json()["organisations"] == ["all", "other"]
    for code, found in (("all", application), ("other", "twin")):
        one = await busy_town.http.get(f"/status/{number}", params={"organisation": code})
        assert one.json()["application"] == found
    nobodys = await busy_town.http.get(f"/status/{number}", params={"organisation": "nobody"})
    assert nobodys.status_code == httpx.codes.NOT_FOUND
