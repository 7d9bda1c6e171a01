"""The load of a rotation: so many under way at once, for as long as faults are played."""

import asyncio
import random
from typing import Any

import httpx
import pytest

from tests.faults import clients, load
from tests.faults.clients import GaveUp, Patience
from tests.faults.load import Load
from tests.faults.run import Gate


class Desk:
    """Ends an application when told to."""

    def __init__(self) -> None:
        self.free = asyncio.Semaphore(0)
        self.asked: list[int] = []

    async def apply(self, number: int) -> str:
        """Wait; every fifth client gives up."""
        self.asked.append(number)
        await self.free.acquire()
        if number % 5 == 4:
            raise GaveUp(str(number))
        return str(number)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.setattr(load, "_KNOCK_PER_S", 1e6)
    same: Any = desk
    return Load(same, same, window=3, chance=random.Random(1))


async def under_way(made: Load, count: int) -> None:
    async with asyncio.timeout(5):
        await load.reached(lambda: len(made.under_way) == count)


async def test_so_many_and_no_more(made: Load, desk: Desk) -> None:
    running = asyncio.create_task(made.run(7))
    await under_way(made, 3)
    for _ in range(7):
        desk.free.release()
    await running
    assert sorted(desk.asked) == list(range(7))
    assert (made.started, made.finished, made.gave_up) == (7, 7, ["4"])


async def test_new_ones_come_until_it_is_enough(made: Load, desk: Desk) -> None:
    enough = asyncio.Event()
    running = asyncio.create_task(made.run(4, window=4, enough=enough.is_set))
    for ended in range(6):
        await under_way(made, 4)
        desk.free.release()
        await load.reached(lambda ended=ended: made.finished > ended)
    await under_way(made, 4)
    enough.set()
    for _ in range(4):
        desk.free.release()
    await running
    assert made.finished == made.started == 10


async def test_patience_lasts_as_long_as_something_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    patience, loop = Patience(), asyncio.get_running_loop()
    then = loop.time()
    monkeypatch.setattr(clients, "PATIENCE_S", 0.0)
    assert not patience.lasts(then)
    monkeypatch.setattr(clients, "PATIENCE_S", 1000.0)
    assert patience.lasts(then)
    patience.went_on_at = then - 2000
    assert not patience.lasts(then - 2000)
    patience.went_on()
    assert patience.lasts(then - 2000)


async def test_gate_lets_so_many_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    out, most = 0, 0

    async def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal out, most
        out += 1
        most = max(most, out)
        await asyncio.sleep(0)
        out -= 1
        return httpx.Response(200, content=b"here")

    gate = Gate(2)
    monkeypatch.setattr(gate, "_inner", httpx.MockTransport(answer))
    async with httpx.AsyncClient(transport=gate) as http:
        answers = await asyncio.gather(*(http.get("http://x/") for _ in range(9)))
    assert [item.content for item in answers] == [b"here"] * 9
    assert most == 2
