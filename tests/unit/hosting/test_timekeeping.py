"""One time for every process: followers take it over, pass changes on and say when they are at rest."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from httpx import ASGITransport

from shared.hosting import timekeeping
from shared.hosting.timekeeping import Follower, keep
from shared.hosting.watch import Watch
from shared.kit.clock import Clock
from shared.kit.errors import Conflict, InvalidInput, Unavailable
from tests.factories.keepers import keeper

THEN = datetime(2026, 6, 2, 9, tzinfo=UTC)


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds; fails after five seconds."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 — there is no event for it
            await asyncio.sleep(0.01)


@pytest.fixture
def kept() -> Clock:
    return Clock()


@pytest.fixture
async def followed(kept: Clock) -> AsyncIterator[Clock]:
    """A clock of another process that follows ``kept``."""
    mine = Clock()
    http = httpx.AsyncClient(transport=ASGITransport(keeper(kept)))
    follower = Follower(mine, "http://keeper", "portal@here:1", http)
    await follower.start()
    yield mine
    await follower.stop()


class TestFollower:
    async def test_takes_over_the_time_at_the_start(self, kept: Clock) -> None:
        kept.set(THEN, freeze=True)
        mine = Clock()
        follower = Follower(mine, "http://keeper", "x", httpx.AsyncClient(transport=ASGITransport(keeper(kept))))
        await follower.start()
        assert mine.now() == THEN
        await follower.stop()

    async def test_follows_what_is_changed_later(self, kept: Clock, followed: Clock) -> None:
        kept.advance(timedelta(days=3))
        await eventually(lambda: followed.position == kept.position)
        kept.set(THEN, freeze=True)
        await eventually(lambda: followed.now() == THEN)

    async def test_asks_at_once_when_it_is_told_to(self, kept: Clock, followed: Clock) -> None:
        kept.set(THEN, freeze=True)
        assert followed.catch_up is not None
        await followed.catch_up()
        assert followed.now() == THEN

    async def test_knows_by_how_much_it_was_set_back_before(self, kept: Clock, followed: Clock) -> None:
        kept.set(THEN, freeze=True)
        kept.advance(-timedelta(hours=1))
        await eventually(lambda: followed.set_back_s == kept.set_back_s >= 3600)

    async def test_passes_a_change_on_to_the_keeper(self, kept: Clock, followed: Clock) -> None:
        assert followed.forward is not None
        answer = await followed.forward({"set": "2026-06-02T09:00:00Z", "freeze": True}, 5)
        assert answer["settled"] is True
        assert kept.now() == followed.now() == THEN

    @pytest.mark.parametrize(
        ("change", "error"), [({"advance": "soon"}, InvalidInput), ({"set": "1990-01-01T00:00:00Z"}, Conflict)]
    )
    async def test_tells_what_the_keeper_refuses(
        self, kept: Clock, followed: Clock, change: dict[str, str], error: type[Exception]
    ) -> None:
        assert followed.forward is not None
        before = kept.changes
        with pytest.raises(error):
            await followed.forward(change, 0)
        assert kept.changes == before

    async def test_says_that_the_keeper_is_away(self, kept: Clock, followed: Clock) -> None:
        def away(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("away")

        follower = Follower(followed, "http://keeper", "x", httpx.AsyncClient(transport=httpx.MockTransport(away)))
        with pytest.raises(Unavailable):
            await follower._forward({"advance": "3d"}, 0)
        await follower.stop()


class TestSettling:
    async def test_waits_for_what_is_busy_elsewhere(self, kept: Clock, followed: Clock) -> None:
        busy: list[str | None] = ["2 messages without a receipt"]

        async def probe(_changes: int) -> str | None:
            return busy[0]

        followed.participants.join("portal", probe)
        async with httpx.AsyncClient(transport=ASGITransport(keeper(kept)), base_url="http://keeper") as http:
            await eventually(lambda: bool(kept.participants._reports["portal@here:1"].busy))
            answer = (await http.post("/__stand/clock", json={"advance": "1d"}, params={"wait": 0.5})).json()
            assert answer["settled"] is False
            assert answer["busy"] in (["portal: 2 messages without a receipt"], ["portal@here:1: has another time"])
            busy[0] = None
            assert (await http.get("/__stand/clock", params={"wait": 5})).json()["settled"] is True

    async def test_one_that_is_gone_is_not_waited_for(self, kept: Clock) -> None:
        kept.participants.report("gone", 0, ("busy for ever",), now=10.0)
        assert await kept.participants.busy(0, now=11.0) == ("busy for ever",)
        assert await kept.participants.busy(0, now=14.0) == ()


class TestKeeping:
    def test_a_restart_does_not_throw_the_stand_back(self, tmp_path: Path, kept: Clock) -> None:
        keep(kept, tmp_path / "clock.json")
        kept.advance(timedelta(days=400))
        again = Clock()
        keep(again, tmp_path / "clock.json")
        assert abs(again.now() - kept.now()) < timedelta(seconds=5)
        assert again.changes == kept.changes
        again.set(THEN, freeze=True)
        third = Clock()
        keep(third, tmp_path / "clock.json")
        assert third.now() == THEN
        assert third.set_back_s == again.set_back_s > 0


class TestWatch:
    async def test_looks_at_once_when_time_moves(self, kept: Clock) -> None:
        seen: list[datetime] = []

        async def turn() -> int:
            seen.append(kept.now())
            return 0

        kept.set(THEN, freeze=True)
        watch = Watch(kept, turn, every_s=60)
        watch.start()
        await eventually(lambda: watch.at_rest(kept.changes))
        kept.advance(timedelta(days=1))
        assert not watch.at_rest(kept.changes)
        await eventually(lambda: watch.at_rest(kept.changes))
        assert seen == [THEN, THEN + timedelta(days=1)]
        await watch.stop()

    async def test_goes_on_until_nothing_is_due_and_outlives_a_fault(self, kept: Clock) -> None:
        left = [3]

        async def turn() -> int:
            left[0] -= 1
            if left[0] == 1:
                raise OSError("the disk is full")
            return max(left[0], 0)

        watch = Watch(kept, turn, every_s=60)
        watch.start()
        await eventually(lambda: watch.at_rest(kept.changes))
        assert left[0] <= 0
        await watch.stop()


class TestWhoCannotSay:
    """A probe that breaks or hangs keeps nobody from the stand's time."""

    async def test_follows_on_when_a_probe_breaks(
        self, kept: Clock, followed: Clock, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def broken(_changes: int) -> str | None:
            raise LookupError("planned")

        followed.participants.join("broken", broken)
        await eventually(lambda: "cannot say what is busy" in caplog.text)
        kept.advance(timedelta(hours=1))
        await eventually(lambda: abs(followed.now() - kept.now()) < timedelta(seconds=5))

    async def test_follows_on_when_a_probe_hangs(
        self, kept: Clock, followed: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = asyncio.Event()

        async def hanging(_changes: int) -> str | None:
            asked.set()
            await asyncio.Event().wait()
            return None

        monkeypatch.setattr("shared.hosting.timekeeping._SAYS_WITHIN_S", 0.02)
        followed.participants.join("hanging", hanging)
        await asked.wait()
        kept.advance(timedelta(hours=1))
        await eventually(lambda: abs(followed.now() - kept.now()) < timedelta(seconds=5))


class TestBrokenFiles:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        file = tmp_path / "clock.json"
        clock = Clock()
        keep(clock, file)
        clock.set(THEN, freeze=True)
        return file

    def test_a_file_cut_at_any_byte_leaves_real_time(self, file: Path, caplog: pytest.LogCaptureFixture) -> None:
        whole = file.read_bytes()
        for cut in range(len(whole)):
            file.write_bytes(whole[:cut])
            clock = Clock()
            keep(clock, file)
            assert clock.position == (0.0, None)
            assert "real time again" in caplog.text
            caplog.clear()

    def test_a_full_disk_does_not_stop_the_clock(
        self, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        clock = Clock()
        keep(clock, file)
        assert clock.now() == THEN
        monkeypatch.setattr(timekeeping, "replace_file", full)
        clock.advance(timedelta(days=1))
        assert clock.now() == THEN + timedelta(days=1)
        assert "No space left" in caplog.text
