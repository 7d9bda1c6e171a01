"""Waiting wakes on a notification, notices a silent change, gives up in time, and leaves nothing behind."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from shared.web import wait
from shared.web.wait import Changes, WaitSeconds, wait_until

Until = Callable[[Callable[[], bool]], Awaitable[None]]


class State:
    """Something that several parties read; ``readings`` tells how often."""

    def __init__(self) -> None:
        self.value = "submitted"
        self.readings = 0

    async def read(self) -> str:
        self.readings += 1
        return self.value


def granted(value: str) -> bool:
    return value == "granted"


class TestWaitUntil:
    async def test_answers_at_once_when_done(self) -> None:
        state = State()
        state.value = "granted"
        assert await wait_until(state.read, granted, 60, Changes(), "a") == "granted"
        assert state.readings == 1

    async def test_no_wait_reads_once(self) -> None:
        state = State()
        assert await wait_until(state.read, granted, 0, Changes(), "a") == "submitted"
        assert state.readings == 1

    async def test_notification_wakes_without_polling(self, monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
        monkeypatch.setattr(wait, "POLL_S", 3600)
        state, changes = State(), Changes()
        waiting = asyncio.create_task(wait_until(state.read, granted, 60, changes, "a"))
        await until(lambda: state.readings == 1)
        state.value = "granted"
        changes.notify("a")
        async with asyncio.timeout(5):
            assert await waiting == "granted"

    async def test_change_during_a_reading_is_not_missed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wait, "POLL_S", 3600)
        state, changes = State(), Changes()

        async def read_slowly() -> str:
            seen = await state.read()
            if state.readings == 1:
                state.value = "granted"
                changes.notify("a")
            return seen

        async with asyncio.timeout(5):
            assert await wait_until(read_slowly, granted, 60, changes, "a") == "granted"

    async def test_change_by_another_replica_is_found_by_polling(
        self, monkeypatch: pytest.MonkeyPatch, until: Until
    ) -> None:
        monkeypatch.setattr(wait, "POLL_S", 0.01)
        state = State()
        waiting = asyncio.create_task(wait_until(state.read, granted, 60, Changes(), "a"))
        await until(lambda: state.readings >= 3)
        state.value = "granted"
        async with asyncio.timeout(5):
            assert await waiting == "granted"

    async def test_gives_the_last_reading_when_time_is_up(self) -> None:
        async with asyncio.timeout(5):
            assert await wait_until(State().read, granted, 0.02, Changes(), "a") == "submitted"

    async def test_another_key_does_not_wake(self, monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
        monkeypatch.setattr(wait, "POLL_S", 3600)
        state, changes = State(), Changes()
        waiting = asyncio.create_task(wait_until(state.read, granted, 0.05, changes, "a"))
        await until(lambda: state.readings == 1)
        changes.notify("b")
        await waiting
        assert state.readings == 2  # the first, and the one when time was up

    async def test_a_failing_reading_leaves_no_watcher(self) -> None:
        changes = Changes()

        async def fail() -> str:
            raise LookupError

        with pytest.raises(LookupError):
            await wait_until(fail, granted, 60, changes, "a")
        assert changes._events == {}


class TestChanges:
    async def test_wait_tells_whether_it_came(self, until: Until) -> None:
        changes = Changes()
        assert await changes.wait("a", 0.01) is False
        waiting = asyncio.create_task(changes.wait("a", 5))
        await until(lambda: "a" in changes._events)
        changes.notify("a")
        assert await waiting is True
        assert changes._events == {}

    async def test_everyone_is_woken(self) -> None:
        changes = Changes()
        with changes.watch("a") as one, changes.watch("a") as two:
            changes.notify("a")
            assert one.is_set()
            assert two.is_set()

    def test_nobody_waits(self) -> None:
        Changes().notify("a")


class TestParameter:
    @pytest.mark.parametrize(
        ("value", "status"), [("0", 200), ("60", 200), ("0.5", 200), ("61", 422), ("-1", 422), ("nan", 422), ("x", 422)]
    )
    async def test_bounds(self, value: str, status: int) -> None:
        app = FastAPI()

        @app.get("/")
        async def get(seconds: WaitSeconds = 0) -> float:
            return seconds

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://stand") as client:
            assert (await client.get("/", params={"wait": value})).status_code == status
