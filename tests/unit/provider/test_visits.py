"""The electronic queue of the provider's own counter: numbers, calls, and the longest wait and service of the texts."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from tests.factories.pages import walked
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import MONDAY
from tests.unit.provider.counter import hand_in, journal, verdict

PMP = "almaty-city/pmp-examination-consultation"
FAMILY = "almaty-city/family-consultation"
STANDARD = "national/preschool-queue-2012"
QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


async def come(bench: Bench, regulation: str = PMP, organisation: str = "all") -> dict[str, Any]:
    body, headers = {"organisation": organisation, "regulation": regulation}, await bench.signed_in()
    answer = await bench.http.post("/queue/walk-ins", json=body, headers=headers)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def post(bench: Bench, path: str, login: str = "aliya") -> httpx.Response:
    return await bench.http.post(path, headers=await bench.signed_in(login))


async def called(bench: Bench) -> dict[str, Any]:
    answer = await post(bench, "/queue/next")
    assert answer.status_code == httpx.codes.OK, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(bench: Bench, overdue: str = "true", login: str = "aliya") -> list[str]:
    headers = await bench.signed_in(login)
    answer = await bench.http.get("/queue/visits", params={"overdue": overdue}, headers=headers)
    return [visit["number"] for visit in answer.json()]


async def late(bench: Bench, application: str) -> list[tuple[str | None, datetime | None]]:
    """The terms of the matter that are journaled as overdue."""
    marks = [event for event in await journal(bench, application) if event.kind == "mark" and event.step == "overdue"]
    return [(event.detail, event.due_at) for event in marks if event.detail in ("waiting", "service")]


class TestComingIn:
    async def test_everybody_gets_a_number_and_is_called_in_turn(self, town: Bench) -> None:
        first = await come(town)
        town.tick()
        second = await come(town, FAMILY)
        assert [first["number"], second["number"]] == ["A001", "A002"]
        board = (await town.http.get("/queue", params={"organisation": "all"})).json()
        assert [place["number"] for place in board] == ["A001", "A002"]
        assert set(board[0]) == {"number", "booked", "due_at"}
        assert [(await called(town))["id"] for _ in range(2)] == [first["id"], second["id"]]
        assert (await post(town, "/queue/next")).status_code == httpx.codes.NO_CONTENT

    async def test_the_terms_are_those_of_the_regulation(self, town: Bench) -> None:
        """15 and 15 minutes (City PMP), 30 and 30 at the body (2012, clause 7)."""
        for regulation, minutes in ((PMP, 15), (STANDARD, 30)):
            await come(town, regulation)
            visit = await called(town)
            terms = [datetime.fromisoformat(visit[name]) for name in ("wait_due_at", "service_due_at")]
            assert terms == [MONDAY + timedelta(minutes=minutes)] * 2

    @pytest.mark.parametrize(
        ("organisation", "regulation", "status"),
        [
            ("nobody", PMP, httpx.codes.NOT_FOUND),
            ("all", "no/such", httpx.codes.NOT_FOUND),
            ("other", PMP, httpx.codes.CONFLICT),
            ("all", "almaty-oblast/rehabilitated-person-certificate", httpx.codes.CONFLICT),
        ],
    )
    async def test_nobody_waits_where_nothing_is_taken(
        self, town: Bench, organisation: str, regulation: str, status: int
    ) -> None:
        body = {"organisation": organisation, "regulation": regulation}
        headers = await town.signed_in("stranger" if organisation == "other" else "aliya")
        answer = await town.http.post("/queue/walk-ins", json=body, headers=headers)
        assert answer.status_code == status, answer.text

    async def test_numbers_are_given_at_ones_own_counter_and_not_without_end(
        self, town: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = {"organisation": "all", "regulation": PMP}
        assert (await town.http.post("/queue/walk-ins", json=body)).status_code == httpx.codes.UNAUTHORIZED
        stranger = await town.http.post("/queue/walk-ins", json=body, headers=await town.signed_in("stranger"))
        assert stranger.status_code == httpx.codes.FORBIDDEN
        monkeypatch.setattr("services.provider.service.visits.MOST_WAITING", 1)
        await come(town)
        full = await town.http.post("/queue/walk-ins", json=body, headers=await town.signed_in())
        assert full.status_code == httpx.codes.CONFLICT

    async def test_nobody_comes_in_while_the_office_is_closed(self, town: Bench) -> None:
        town.turn_clock(MONDAY + timedelta(hours=12))
        answer = await town.http.post(
            "/queue/walk-ins", json={"organisation": "all", "regulation": PMP}, headers=await town.signed_in()
        )
        assert answer.status_code == httpx.codes.CONFLICT
        assert answer.json()["opens_at"]

    async def test_the_organisations_are_named(self, town: Bench) -> None:
        found = (await town.http.get("/organisations")).json()
        assert [organisation["code"] for organisation in found] == ["all", "other"]


async def test_who_has_booked_stands_on_the_queue_for_that_time(town: Bench) -> None:
    at = MONDAY + timedelta(hours=1)
    body = {"regulation": PMP, "at": at.isoformat(), "name": "Тестов", "phone": "+77010000000", "means": "telephone"}
    for _ in range(2):  # the same booking again is no second visit
        booked = await town.http.post("/bookings", json=body, headers=await town.signed_in())
        assert booked.status_code == httpx.codes.CREATED, booked.text
    assert (await post(town, "/queue/next")).status_code == httpx.codes.NO_CONTENT
    town.turn_clock(at)
    visit = await called(town)
    assert (visit["number"], visit["booked"]) == ("B001", True)
    assert (await post(town, "/queue/next")).status_code == httpx.codes.NO_CONTENT


class TestTooLong:
    async def test_a_wait_is_noted_without_anybody_and_journaled_of_the_matter(self, town: Bench) -> None:
        await come(town, FAMILY)
        town.turn_clock(MONDAY + QUARTER)
        assert (await town.look(), await listed(town)) == (0, [])
        town.turn_clock(MONDAY + QUARTER + MINUTE)
        assert await town.look() == 1
        assert await town.look() == 0
        assert await listed(town) == ["A001"]
        visit = await called(town)
        taken = await hand_in(town, FAMILY, visit=visit["id"])
        assert taken.status_code == httpx.codes.CREATED, taken.text
        application = taken.json()["summary"]["application"]
        assert await late(town, application) == [("waiting", MONDAY + QUARTER)]
        assert taken.json()["intake"]["visit"] == visit["id"]

    async def test_a_service_is_noted_and_journaled_once(self, town: Bench) -> None:
        await come(town, FAMILY)
        visit = await called(town)
        taken = await hand_in(town, FAMILY, visit=visit["id"])
        application = taken.json()["summary"]["application"]
        town.turn_clock(MONDAY + QUARTER + MINUTE)
        await town.look()
        finished = (await post(town, f"/queue/visits/{visit['id']}/finish")).json()
        assert (finished["state"], bool(finished["service_overdue_at"])) == ("served", True)
        assert await late(town, application) == [("service", MONDAY + QUARTER)]
        assert await listed(town) == ["A001"]

    async def test_in_time_is_not_overdue(self, town: Bench) -> None:
        await come(town, FAMILY)
        visit = await called(town)
        town.turn_clock(MONDAY + QUARTER - MINUTE)
        await post(town, f"/queue/visits/{visit['id']}/finish")
        town.turn_clock(MONDAY + timedelta(hours=1))
        await town.look()
        assert (await listed(town), await listed(town, "false")) == ([], ["A001"])

    async def test_the_marks_are_no_deviation(self, town: Bench) -> None:
        await come(town, FAMILY)
        town.turn_clock(MONDAY + QUARTER + MINUTE)
        visit = await called(town)
        taken = await hand_in(town, FAMILY, visit=visit["id"])
        application = taken.json()["summary"]["application"]
        assert len(await late(town, application)) == 1
        assert (await verdict(town, application)).deviations == ()


class TestNotTaken:
    async def test_a_request_names_a_visit_that_was_called_here(self, town: Bench) -> None:
        waiting = await come(town, FAMILY)
        early = await hand_in(town, FAMILY, visit=waiting["id"])
        assert early.status_code == httpx.codes.CONFLICT
        unknown = await hand_in(town, FAMILY, visit="0198c0de-0000-7000-8000-0000000000ff")
        assert unknown.json()["faults"][0]["path"] == "/visit"

    async def test_a_visit_is_that_of_one_matter(self, town: Bench) -> None:
        await come(town, FAMILY)
        visit = await called(town)
        assert (await hand_in(town, FAMILY, visit=visit["id"])).status_code == httpx.codes.CREATED
        assert (await hand_in(town, FAMILY, visit=visit["id"])).status_code == httpx.codes.CONFLICT
        # And whoever has handed in has come.
        assert (await post(town, f"/queue/visits/{visit['id']}/no-show")).status_code == httpx.codes.CONFLICT

    async def test_who_does_not_come_is_passed_over(self, town: Bench) -> None:
        await come(town, FAMILY)
        visit = await called(town)
        missed = await post(town, f"/queue/visits/{visit['id']}/no-show")
        assert missed.json()["state"] == "no_show"
        assert (await post(town, f"/queue/visits/{visit['id']}/finish")).status_code == httpx.codes.CONFLICT

    async def test_another_organisations_visit_does_not_exist(self, town: Bench) -> None:
        await come(town, FAMILY)
        visit = await called(town)
        answer = await post(town, f"/queue/visits/{visit['id']}/finish", "stranger")
        assert answer.status_code == httpx.codes.NOT_FOUND
        assert await listed(town, "false", "stranger") == []
        assert (await town.http.post("/queue/next")).status_code == httpx.codes.UNAUTHORIZED


async def test_visits_are_listed_in_pages(town: Bench) -> None:
    for _ in range(3):
        await come(town)
        town.tick()
    headers = await town.signed_in("aliya")
    found = await walked(partial(town.http.get, headers=headers), "/queue/visits")
    assert [visit["number"] for visit in found] == ["A003", "A002", "A001"]
