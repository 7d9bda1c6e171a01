"""Stand time moves only when every run waits for it, and then to the first instant that is waited for."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.stand.paths.pace import Pace

START = datetime(2026, 3, 2, 5, tzinfo=UTC)
DAY = timedelta(days=1)


class Time:
    """A clock that remembers where it was moved."""

    def __init__(self) -> None:
        self.now = START
        self.moves: list[datetime] = []

    async def advance(self, instant: datetime) -> None:
        self.moves.append(instant)
        self.now = instant


@pytest.fixture
def time() -> Time:
    return Time()


async def test_time_waits_for_the_slowest_and_stops_at_every_instant(time: Time) -> None:
    pace = Pace(lambda: time.now, time.advance, runs=3, at_once=1)
    seen: list[tuple[str, datetime]] = []

    async def run(name: str, *days: int) -> None:
        async with pace.run():
            for day in days:
                await pace.until(START + day * DAY)
                seen.append((name, time.now))

    await asyncio.gather(run("month", 30), run("days", 2, 40), run("none"))
    assert time.moves == [START + 2 * DAY, START + 30 * DAY, START + 40 * DAY]
    assert seen == [("days", START + 2 * DAY), ("month", START + 30 * DAY), ("days", START + 40 * DAY)]


async def test_what_has_passed_is_not_waited_for(time: Time) -> None:
    pace = Pace(lambda: time.now, time.advance, runs=1, at_once=1)
    async with pace.run():
        await pace.until(START - DAY)
    assert time.moves == []


async def test_runs_that_wait_leave_their_place_to_others(time: Time) -> None:
    pace = Pace(lambda: time.now, time.advance, runs=2, at_once=1)
    order: list[str] = []

    async def waiting() -> None:
        async with pace.run():
            order.append("waits")
            await pace.until(START + DAY)
            order.append("goes on")

    async def working() -> None:
        async with pace.run():
            order.append("works")

    await asyncio.gather(waiting(), working())
    assert order == ["waits", "works", "goes on"]


async def test_a_clock_that_cannot_be_moved_ends_every_run_that_waits() -> None:
    async def broken(_: datetime) -> None:
        raise ConnectionError("no stand")

    pace = Pace(lambda: START, broken, runs=2, at_once=2)

    async def run() -> None:
        async with pace.run():
            await pace.until(START + DAY)

    results = await asyncio.gather(run(), run(), return_exceptions=True)
    assert [type(result) for result in results] == [ConnectionError, ConnectionError]
