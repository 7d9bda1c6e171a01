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


def _position(**changes: object) -> dict[str, object]:
    """What a keeper answers."""
    return {
        "ahead_s": 0.0,
        "frozen_at": None,
        "changes": 9,
        "set_back_s": 0.0,
        "reset": 0,
        "phase": "resume",
        **changes,
    }


@pytest.fixture
def kept() -> Clock:
    return Clock()


@pytest.fixture
async def followed(kept: Clock) -> AsyncIterator[Clock]:
    """A clock of another process that follows ``kept``."""
    mine = Clock()
    http = httpx.AsyncClient(transport=ASGITransport(keeper(kept)))
    follower = Follower(mine, "http://localhost", "portal@here:1", http)
    await follower.start()
    yield mine
    await follower.stop()


class TestFollower:
    async def test_takes_over_the_time_at_the_start(self, kept: Clock) -> None:
        kept.set(THEN, freeze=True)
        mine = Clock()
        follower = Follower(mine, "http://localhost", "x", httpx.AsyncClient(transport=ASGITransport(keeper(kept))))
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

        follower = Follower(followed, "http://localhost", "x", httpx.AsyncClient(transport=httpx.MockTransport(away)))
        with pytest.raises(Unavailable):
            await follower._forward({"advance": "3d"}, 0)
        await follower.stop()


class TestSomebodyElseInPlaceOfTheKeeper:
    """Another program on its port after a restart: the follower goes on asking, says so, and follows again."""

    @pytest.fixture
    def answers(self, kept: Clock) -> list[httpx.Response | Exception]:
        """What comes in place of the keeper's own answers, for as long as there is something."""
        return []

    @pytest.fixture
    async def following(
        self, kept: Clock, answers: list[httpx.Response | Exception], monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[tuple[Follower, Clock]]:
        monkeypatch.setattr(timekeeping, "SILENT_AFTER_S", 0.0)
        monkeypatch.setattr(timekeeping, "_ASK_EVERY_S", 0.01)
        real = ASGITransport(keeper(kept))

        async def answer(request: httpx.Request) -> httpx.Response:
            if not answers:
                return await real.handle_async_request(request)
            if isinstance(answers[0], Exception):
                raise answers[0]
            return httpx.Response(answers[0].status_code, content=answers[0].content)

        mine = Clock()
        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        follower = Follower(mine, "http://localhost", "portal@here:1", http)
        await follower.start()
        yield follower, mine
        await follower.stop()

    @pytest.mark.parametrize(
        "nonsense",
        [
            httpx.Response(200, content=b"<html>It works!</html>"),
            httpx.Response(200, content=b"\xff\xfe"),
            httpx.Response(200, content=b""),
            httpx.Response(200, json={}),
            httpx.Response(200, json=[]),
            httpx.Response(200, json=None),
            httpx.Response(200, json={"ahead_s": 0, "changes": 1, "set_back_s": 0, "reset": 0, "phase": "resume"}),
            httpx.Response(200, json=_position(phase="nap")),
            httpx.Response(200, json=_position(frozen_at="yesterday")),
            httpx.Response(200, json=_position(frozen_at="2026-06-02T09:00:00")),
            httpx.Response(200, json=_position(ahead_s=1e300)),
            httpx.Response(200, json=_position(ahead_s=1e12)),
            httpx.Response(200, json=_position(set_back_s=1e300)),
            httpx.Response(200, content=b'{"ahead_s": NaN, "frozen_at": null, "changes": 9, "set_back_s": 0}'),
            httpx.Response(404, content=b"no"),
            httpx.Response(500),
            httpx.Response(302),
            httpx.ConnectError("refused"),
            httpx.RemoteProtocolError("no HTTP"),
            RuntimeError("a defect"),
        ],
    )
    async def test_is_said_and_outlived(
        self,
        kept: Clock,
        following: tuple[Follower, Clock],
        answers: list[httpx.Response | Exception],
        nonsense: httpx.Response | Exception,
    ) -> None:
        _, mine = following
        assert mine.fault is None
        answers.append(nonsense)
        await eventually(lambda: mine.fault is not None)
        kept.set(THEN, freeze=True)
        answers.clear()
        await eventually(lambda: mine.now() == THEN)

    async def test_is_told_whoever_moves_the_time(
        self, following: tuple[Follower, Clock], answers: list[httpx.Response | Exception]
    ) -> None:
        follower, mine = following
        for status in (200, 409, 422, 500):
            answers[:] = [httpx.Response(status, content=b"<html>")]
            with pytest.raises(Unavailable):
                await follower._forward({"advance": "1d"}, 0)
            answers[:] = [httpx.Response(max(status, 400), content=b"<html>")]
            with pytest.raises(Unavailable):
                await follower._reset()
        assert mine.changes == 0

    async def test_one_that_is_restarted_is_not_told(
        self,
        following: tuple[Follower, Clock],
        answers: list[httpx.Response | Exception],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        follower, mine = following
        monkeypatch.setattr(timekeeping, "SILENT_AFTER_S", 3600.0)
        answers.append(httpx.ConnectError("refused"))
        await follower._ask()
        assert mine.fault is None


class TestSettling:
    async def test_waits_for_what_is_busy_elsewhere(self, kept: Clock, followed: Clock) -> None:
        busy: list[str | None] = ["2 messages without a receipt"]

        async def probe(_changes: int) -> str | None:
            return busy[0]

        followed.participants.join("portal", probe)
        async with httpx.AsyncClient(transport=ASGITransport(keeper(kept)), base_url="http://localhost") as http:
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
        watch = Watch(kept, turn, 60, "portal")
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

        watch = Watch(kept, turn, 60, "portal")
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

    async def test_what_the_disk_did_not_take_is_written_as_soon_as_it_does(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        working, room = timekeeping.replace_file, []

        def full_at_first(path: Path, content: bytes) -> None:
            if not room:
                raise OSError(errno.ENOSPC, "No space left on device")
            working(path, content)

        monkeypatch.setattr(timekeeping, "replace_file", full_at_first)
        monkeypatch.setattr(timekeeping, "_WRITE_EVERY_S", 0.01)
        clock = Clock()
        keep(clock, file)
        clock.advance(timedelta(days=1))
        clock.advance(timedelta(days=1))
        async with httpx.AsyncClient(transport=ASGITransport(keeper(clock)), base_url="http://localhost") as http:
            answer = await http.get("/readyz")
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert "No space left" in answer.json()["reasons"]["clock"]
            room.append(True)
            await eventually(lambda: clock.fault is None)
            assert (await http.get("/readyz")).json()["checks"] == ["clock"]
        again = Clock()
        keep(again, file)
        assert again.now() == THEN + timedelta(days=2)
