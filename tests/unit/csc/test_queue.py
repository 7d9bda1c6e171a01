"""The electronic queue: opening hours, booking, walk-ins, being called."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.factories.pages import walked
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import QUEUE

MASKED = "******300***"


async def slots(bench: Bench, day: str, centre: str = "almaly") -> list[dict[str, Any]]:
    """The slots of a day."""
    answer = await bench.http.get("/queue/slots", params={"centre": centre, "day": day})
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def book(bench: Bench, starts_at: str, **more: Any) -> Any:
    """Try to book."""
    body = {"centre": "almaly", "starts_at": starts_at, "visitor": MASKED, **more}
    return await bench.book("POST", "/bookings", json=body)


class TestSlots:
    @pytest.mark.parametrize(
        ("day", "open_"),
        [
            ("2026-06-03", True),
            ("2026-06-06", True),  # Saturday
            ("2026-06-07", False),  # Sunday
            ("2026-06-01", False),  # past
            ("2026-09-01", False),  # too far ahead
        ],
    )
    async def test_monday_to_saturday(self, bench: Bench, day: str, open_: bool) -> None:
        assert bool(await slots(bench, day)) is open_

    async def test_closed_on_holidays(self, bench: Bench) -> None:
        bench.clock.advance(timedelta(days=30))
        assert await slots(bench, "2026-07-06") == []  # Capital Day, a Monday
        assert await slots(bench, "2026-07-07")

    async def test_from_nine_to_twenty_local_time(self, bench: Bench) -> None:
        found = await slots(bench, "2026-06-03")
        starts = [datetime.fromisoformat(slot["starts_at"]) for slot in found]
        assert len(found) == 44
        assert starts[0].isoformat() == "2026-06-03T09:00:00+05:00"
        assert found[-1]["ends_at"] == "2026-06-03T20:00:00+05:00"
        assert {slot["free"] for slot in found} == {3}

    async def test_today_from_now_on(self, bench: Bench) -> None:
        found = await slots(bench, "2026-06-02")  # it is 14:00 in Almaty
        assert found[0]["starts_at"] == "2026-06-02T14:15:00+05:00"

    async def test_an_unknown_centre(self, bench: Bench) -> None:
        answer = await bench.http.get("/queue/slots", params={"centre": "nowhere", "day": "2026-06-03"})
        assert answer.status_code == 404


class TestBooking:
    async def test_takes_a_window_of_the_slot(self, bench: Bench) -> None:
        start = (await slots(bench, "2026-06-03"))[0]["starts_at"]
        visit = (await book(bench, start, service=QUEUE)).json()
        assert visit["number"] == "B001"
        assert (await slots(bench, "2026-06-03"))[0]["free"] == 2

    async def test_no_more_than_there_are_windows(self, bench: Bench) -> None:
        start = (await slots(bench, "2026-06-03"))[0]["starts_at"]
        codes = [answer.status_code for answer in await asyncio.gather(*(book(bench, start) for _ in range(5)))]
        assert sorted(codes) == [201, 201, 201, 409, 409]
        assert (await slots(bench, "2026-06-03"))[0]["free"] == 0

    async def test_given_up_it_is_free_again(self, bench: Bench) -> None:
        start = (await slots(bench, "2026-06-03"))[0]["starts_at"]
        visit = (await book(bench, start)).json()
        assert (await bench.book("DELETE", f"/bookings/{visit['id']}")).status_code == 204
        assert (await slots(bench, "2026-06-03"))[0]["free"] == 3
        assert (await bench.book("DELETE", f"/bookings/{visit['id']}")).status_code == 409

    @pytest.mark.parametrize(
        "wrong",
        [
            {"priority": True},
            {"accelerated": True},
            {"visitor": "900101300017"},
            {"starts_at": "2026-06-03T09:07:00+05:00"},
            {"starts_at": "2026-06-07T09:00:00+05:00"},
            {"starts_at": "2026-06-02T09:00:00+05:00"},
            {"starts_at": "2026-06-03T09:00:00"},
        ],
    )
    async def test_what_cannot_be_booked(self, bench: Bench, wrong: dict[str, Any]) -> None:
        start = "2026-06-03T09:00:00+05:00"
        assert (await book(bench, **{"starts_at": start, **wrong})).status_code == 422

    async def test_a_service_that_is_not_rendered_here(self, bench: Bench) -> None:
        assert (await book(bench, "2026-06-03T09:00:00+05:00", service="nowhere/nothing")).status_code == 404

    async def test_the_slots_address_books_as_well(self, bench: Bench) -> None:
        body = {"centre": "almaly", "starts_at": "2026-06-03T09:00:00+05:00", "visitor": MASKED}
        assert (await bench.book("POST", "/queue/slots", json=body)).status_code == 201


class TestCalling:
    async def come_in(self, bench: Bench, centre: str = "almaly") -> str:
        answer = await bench.call("POST", "/queue/walk-ins", json={"centre": centre})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    async def test_whoever_is_due_first(self, bench: Bench) -> None:
        late = (await slots(bench, "2026-06-02"))[1]["starts_at"]
        booked = (await book(bench, late)).json()["number"]
        first = await self.come_in(bench)
        bench.clock.advance(timedelta(minutes=20))
        second = await self.come_in(bench)
        bench.clock.advance(timedelta(minutes=20))
        third = await self.come_in(bench)
        board = (await bench.http.get("/queue", params={"centre": "almaly"})).json()
        assert [line["number"] for line in board] == [first, second, booked, third]
        called = [(await bench.call("POST", "/queue/next")).json()["number"] for _ in range(4)]
        assert called == [first, second, booked, third]
        assert (await bench.call("POST", "/queue/next")).status_code == 204

    async def test_nobody_is_called_before_the_booked_time(self, bench: Bench) -> None:
        await book(bench, "2026-06-03T09:00:00+05:00")
        assert (await bench.call("POST", "/queue/next")).status_code == 204

    async def test_two_operators_never_call_the_same_visitor(self, bench: Bench) -> None:
        numbers = [await self.come_in(bench) for _ in range(4)]
        await bench.call("GET", "/matters")
        answers = await asyncio.gather(*(bench.call("POST", "/queue/next") for _ in range(4)))
        assert sorted(answer.json()["number"] for answer in answers) == sorted(numbers)

    async def test_each_centre_has_its_own_queue(self, bench: Bench) -> None:
        mine = bench.headers = await bench.sign_in()
        bench.headers = await bench.sign_in("olga")
        await self.come_in(bench, "auezov")
        bench.headers = mine
        assert (await bench.call("POST", "/queue/next")).status_code == 204

    async def test_numbers_begin_anew_each_day(self, bench: Bench) -> None:
        assert [await self.come_in(bench), await self.come_in(bench)] == ["A001", "A002"]
        bench.clock.advance(timedelta(days=1))
        bench.headers = {}
        assert await self.come_in(bench) == "A001"

    async def test_numbers_are_given_at_ones_own_centre_and_not_without_end(self, bench: Bench) -> None:
        answer = await bench.http.post("/queue/walk-ins", json={"centre": "almaly"})
        assert answer.status_code == 401
        assert (await bench.call("POST", "/queue/walk-ins", json={"centre": "auezov"})).status_code == 403
        bench.settings.waiting_visitors = 2
        for status in (201, 201, 409):
            assert (await bench.call("POST", "/queue/walk-ins", json={"centre": "almaly"})).status_code == status
        (await bench.call("POST", "/queue/next")).raise_for_status()
        assert (await bench.call("POST", "/queue/walk-ins", json={"centre": "almaly"})).status_code == 201

    async def test_closed_centres_take_nobody(self, bench: Bench) -> None:
        bench.clock.advance(timedelta(hours=7))  # 21:00 in Almaty
        answer = await bench.call("POST", "/queue/walk-ins", json={"centre": "almaly"})
        assert answer.status_code == 409
        assert answer.json()["opens_at"] == "2026-06-03T04:00:00.000Z"

    async def test_the_centres_are_listed(self, bench: Bench) -> None:
        listed = (await bench.http.get("/centres", headers={"accept-language": "kk"})).json()
        assert [centre["code"] for centre in listed[:2]] == ["almaly", "auezov"]
        assert {centre["channel"] for centre in listed} == {"csc", "employment_centre"}
        assert "Алмалы ауданы" in listed[0]["name"]


async def test_visits_are_listed_in_pages(bench: Bench) -> None:
    for _ in range(3):
        (await bench.call("POST", "/queue/walk-ins", json={"centre": "almaly"})).raise_for_status()
    get = partial(bench.call, "GET")
    whole = (await get("/queue/visits")).json()
    assert len(whole) == 3
    assert await walked(get, "/queue/visits") == whole
