"""The queue of the centres behind the portal: whatever is in its place, nothing was booked, and that is said; a booking
belongs to who made it, and nobody has more than a few."""

from datetime import timedelta

import httpx
import pytest

from shared.crypto.testing import IIN, OTHER_IIN
from shared.kit.clock import rfc3339
from tests.unit.portal.bench import Bench

BOOKED = {"id": "0a", "centre": "almaty", "number": "B001", "due_at": "2026-06-02T10:00:00Z", "service": None}


async def book(bench: Bench, hours: int = 1) -> httpx.Response:
    """A time so many hours from now."""
    at = rfc3339(bench.clock.now() + timedelta(hours=hours))
    return await bench.call("POST", "/bookings", json={"centre": "almaty", "starts_at": at})


@pytest.fixture
async def booking(bench: Bench) -> str:
    """The id of a booking of who is signed in."""
    bench.headers = await bench.enter(IIN)
    bench.centre = httpx.Response(201, json=BOOKED)
    return str((await book(bench)).raise_for_status().json()["id"])


async def everything(bench: Bench, booking: str) -> list[int]:
    """How each of the four calls ends."""
    calls = (
        bench.call("GET", "/centres"),
        bench.call("GET", "/centres/almaty/slots?day=2026-06-02"),
        book(bench, 2),
        bench.call("DELETE", f"/bookings/{booking}"),
    )
    return [(await call).status_code for call in calls]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.Response(200, content=b"<html>It works!</html>"),
        httpx.Response(200, json="text"),
        httpx.Response(200, json=7),
        httpx.Response(404, content=b"<html>"),
        httpx.Response(409, json=[]),
        httpx.Response(500, json={"detail": "broken"}),
        httpx.Response(401, json={"detail": "who are you?"}),
        httpx.Response(302),
    ],
)
async def test_whatever_does_not_answer_as_it_should_is_unavailable(
    bench: Bench, booking: str, answer: httpx.Response | Exception
) -> None:
    bench.centre = answer
    assert await everything(bench, booking) == [503] * 4
    # Nothing was booked by that, and nothing given up.
    bench.centre = httpx.Response(201, json=BOOKED)
    assert [(await book(bench, hours)).status_code for hours in (1, 2, 3, 4)] == [409, 201, 201, 409]


@pytest.mark.parametrize("status", [404, 409, 422])
async def test_what_it_refuses_is_passed_on(bench: Bench, booking: str, status: int) -> None:
    bench.centre = httpx.Response(status, json={"detail": "because"})
    answer = await bench.call("DELETE", f"/bookings/{booking}")
    assert (answer.status_code, answer.json()["detail"]) == (status, "because")


async def test_so_many_are_booked_at_the_same_time_and_none_twice(bench: Bench, booking: str) -> None:
    assert (await book(bench)).status_code == 409
    assert [(await book(bench, hours)).status_code for hours in (2, 3, 4)] == [201, 201, 409]
    bench.centre = httpx.Response(204)
    assert (await bench.call("DELETE", f"/bookings/{booking}")).status_code == 204
    bench.centre = httpx.Response(201, json=BOOKED)
    assert (await book(bench, 4)).status_code == 201
    # What is over no longer counts.
    bench.clock.advance(timedelta(hours=5))
    assert [(await book(bench, hours)).status_code for hours in (1, 2, 3, 4)] == [201, 201, 201, 409]


async def test_nobody_gives_up_what_somebody_else_has_booked(bench: Bench, booking: str) -> None:
    bench.centre = httpx.Response(204)
    mine = bench.headers
    bench.headers = await bench.enter(OTHER_IIN)
    visit, moment, code = booking.split(".")
    for name in (booking, visit, f"{visit}.{moment}", f"{visit}..{code}", f"0b.{moment}.{code}", f"{visit}.1.{code}"):
        assert (await bench.call("DELETE", f"/bookings/{name}")).status_code == 404
    bench.headers = mine
    assert (await bench.call("DELETE", f"/bookings/{booking}")).status_code == 204
