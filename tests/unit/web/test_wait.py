"""Waiting wakes on a notification, notices a silent change, gives up in time, and leaves nothing behind."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI

from shared.kit.errors import Unavailable
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


class TestManyWaiters:
    """What it costs is told by the readings, not by the time."""

    async def waiters(
        self, until: Until, count: int, state: State, changes: Changes, share: str
    ) -> list[asyncio.Task[str]]:
        """So many more calls that wait for the same, after their first look."""
        readings, watching = state.readings, len(changes._events.get("a", ()))
        waiting = [
            asyncio.create_task(wait_until(state.read, granted, 60, changes, "a", share=share)) for _ in range(count)
        ]
        await until(lambda: len(changes._events.get("a", ())) == watching + count and state.readings > readings)
        return waiting

    async def test_they_share_every_reading(self, monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
        monkeypatch.setattr(wait, "POLL_S", 3600)
        state, changes = State(), Changes()
        waiting = await self.waiters(until, 200, state, changes, "journal")
        await until(lambda: state.readings == 1)
        changes.notify("a")
        await until(lambda: state.readings == 2)
        state.value = "granted"
        changes.notify("a")
        async with asyncio.timeout(5):
            assert set(await asyncio.gather(*waiting)) == {"granted"}
        assert state.readings == 3
        assert changes._readings == {}

    async def test_polls_are_shared_too(self, monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
        monkeypatch.setattr(wait, "POLL_S", 0.05)
        state, changes = State(), Changes()
        waiting = await self.waiters(until, 200, state, changes, "journal")
        await until(lambda: state.readings == 4)
        state.value = "granted"
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)
        # Two at most are under way when the value changes; without sharing it would be hundreds.
        assert state.readings <= 8

    async def test_a_reading_is_never_older_than_the_change(
        self, monkeypatch: pytest.MonkeyPatch, until: Until
    ) -> None:
        monkeypatch.setattr(wait, "POLL_S", 3600)
        state, changes, go_on = State(), Changes(), asyncio.Event()

        async def read_slowly() -> str:
            seen = await state.read()
            if state.readings == 1:
                await go_on.wait()
            return seen

        early = asyncio.create_task(wait_until(read_slowly, granted, 60, changes, "a", share="journal"))
        await until(lambda: state.readings == 1)
        state.value = "granted"
        late = await wait_until(read_slowly, granted, 0, changes, "a", share="journal")
        assert late == "granted"  # and not what the reading under way will say
        changes.notify("a")
        go_on.set()
        async with asyncio.timeout(5):
            assert await early == "granted"

    async def test_others_share_nothing(self, monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
        monkeypatch.setattr(wait, "POLL_S", 3600)
        state, changes = State(), Changes()
        waiting = [
            *await self.waiters(until, 1, state, changes, "one"),
            *await self.waiters(until, 2, state, changes, "two"),
        ]
        assert state.readings == 2
        state.value = "granted"
        changes.notify("a")
        await asyncio.gather(*waiting)
        assert state.readings == 4

    async def test_who_goes_away_takes_the_reading_from_nobody(self, until: Until) -> None:
        state, changes = State(), Changes()
        first, second = await self.waiters(until, 2, state, changes, "journal")
        first.cancel()
        state.value = "granted"
        changes.notify("a")
        async with asyncio.timeout(5):
            assert await second == "granted"

    async def test_so_many_read_at_a_time_and_no_more(self, until: Until) -> None:
        changes, go_on, reading, most = Changes(), asyncio.Event(), 0, 0

        async def read() -> str:
            nonlocal reading, most
            reading += 1
            most = max(most, reading)
            await go_on.wait()
            reading -= 1
            return "granted"

        waiting = [asyncio.create_task(wait_until(read, granted, 0, changes, str(n))) for n in range(50)]
        await until(lambda: most >= wait._READING_AT_A_TIME)
        go_on.set()
        await asyncio.gather(*waiting)
        assert most == wait._READING_AT_A_TIME

    async def test_a_failing_reading_fails_for_all(self) -> None:
        changes = Changes()

        async def fail() -> str:
            await asyncio.sleep(0)
            raise LookupError

        calls = (wait_until(fail, granted, 60, changes, "a", share="journal") for _ in range(3))
        assert [type(error) for error in await asyncio.gather(*calls, return_exceptions=True)] == [LookupError] * 3
        assert (changes._events, changes._readings, changes._waiting) == ({}, {}, 0)

    @pytest.mark.parametrize(("changes", "keys"), [(Changes(of_a_key=2), "aa"), (Changes(waiters=2), "bc")])
    async def test_there_is_room_for_so_many(self, changes: Changes, keys: str, until: Until) -> None:
        state = State()
        waiting = [asyncio.create_task(wait_until(state.read, granted, 60, changes, key)) for key in keys]
        await until(lambda: changes._waiting == 2)
        with pytest.raises(Unavailable) as refused:
            await wait_until(state.read, granted, 60, changes, "a")
        assert refused.value.retryable
        assert refused.value.members["retry_after"] > 0
        assert await wait_until(state.read, granted, 0, changes, "a") == "submitted"  # without waiting it answers
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert changes._waiting == 0


class TestPace:
    def test_the_pause_grows_with_the_wait_and_with_what_is_waited_for(self) -> None:
        changes = Changes()
        assert [changes.pause_s(waited) for waited in (0, 1, 4, 60)] == [0.25, 0.25, 0.5, 1.0]
        with ExitStack() as watches:
            for number in range(300):
                watches.enter_context(changes.readings("a", number % 2 or None))
            assert changes.pause_s(0) == 1.51  # who shares nothing is read for alone


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
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await client.get("/", params={"wait": value})).status_code == status
