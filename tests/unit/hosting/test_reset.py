"""A reset goes through every process in stages; whoever is away or stays busy is named, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from httpx import ASGITransport

from shared.hosting import timekeeping
from shared.hosting.timekeeping import Follower
from shared.kit import gate, resets
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable
from shared.kit.gate import Gate
from shared.kit.resets import Phase, Stage
from shared.messages.systems import System
from tests.factories.keepers import keeper

SYSTEMS = ["pki", *(system.value for system in System)]


class Part:
    """Notes what it is told to do; ``fails`` in one phase."""

    def __init__(self, log: list[str], name: str, fails: Phase | None = None) -> None:
        self.log, self.name, self.fails = log, name, fails

    async def pause(self) -> None:
        await self._do(Phase.PAUSE)

    async def forget(self) -> None:
        await self._do(Phase.FORGET)

    async def resume(self) -> None:
        await self._do(Phase.RESUME)

    async def _do(self, phase: Phase) -> None:
        await asyncio.sleep(0)
        self.log.append(f"{phase}")
        if phase is self.fails:
            raise Unavailable("Kafka does not answer")


@asynccontextmanager
async def stand(log: list[str], fails: Phase | None = None, away: str = "") -> AsyncIterator[tuple[Clock, Clock]]:
    """The clocks of two processes: the leader's, and that of one that follows and holds portal and provider."""
    first, second = Clock(), Clock()
    for name in SYSTEMS:
        there = second if name in ("portal", "provider") else first
        if name != away:
            there.resets.join(name, Part(log, name, fails if name == "provider" else None))
    http = httpx.AsyncClient(transport=ASGITransport(keeper(first)))
    follower = Follower(second, "http://localhost", "portal+provider@here:1", http)
    await follower.start()
    try:
        yield first, second
    finally:
        await follower.stop()


async def test_everybody_pauses_before_anybody_forgets_and_goes_on_when_all_have() -> None:
    log: list[str] = []
    async with stand(log) as (_, follower):
        assert follower.resets.forward is not None
        await follower.resets.forward()
    assert log == [*["pause"] * len(SYSTEMS), *["forget"] * len(SYSTEMS), *["resume"] * len(SYSTEMS)]


async def test_two_at_once_are_done_one_after_the_other() -> None:
    log: list[str] = []
    async with stand(log) as (first, follower):
        assert follower.resets.forward is not None
        await asyncio.gather(first.resets.run(SYSTEMS), follower.resets.forward())
        assert first.resets.stage == Stage(2, Phase.RESUME)
    once = [*["pause"] * len(SYSTEMS), *["forget"] * len(SYSTEMS), *["resume"] * len(SYSTEMS)]
    assert log == once * 2


async def test_who_is_away_is_named_before_anything_happens() -> None:
    log: list[str] = []
    async with stand(log, away="notary") as (first, follower):
        assert follower.resets.forward is not None
        with pytest.raises(Unavailable, match="nothing was reset: notary"):
            await follower.resets.forward()
        with pytest.raises(Unavailable) as named:
            await first.resets.run(SYSTEMS)
    assert (named.value.members["missing"], log) == (["notary"], [])


async def test_who_cannot_stand_still_is_named_and_nothing_is_forgotten() -> None:
    log: list[str] = []
    async with stand(log, fails=Phase.PAUSE) as (first, _):
        with pytest.raises(Unavailable, match="nothing was reset: provider: Kafka does not answer"):
            await first.resets.run(SYSTEMS)
        async with asyncio.timeout(5):
            while log.count("resume") < len(SYSTEMS):  # noqa: ASYNC110 — there is no event for it
                await asyncio.sleep(0.01)
    assert "forget" not in log


async def test_who_cannot_forget_is_named() -> None:
    async with stand([], fails=Phase.FORGET) as (first, _):
        with pytest.raises(Unavailable, match="the others were reset; reset again: provider"):
            await first.resets.run(SYSTEMS)


async def test_a_process_that_ends_in_the_midst_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resets, "WITHIN_S", 0.1)
    monkeypatch.setattr(resets, "_GONE_AFTER_S", 0.3)
    log: list[str] = []
    async with stand(log) as (first, _):
        running = asyncio.create_task(first.resets.run(SYSTEMS))
        await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="does not answer"):
        await running
    assert first.resets.stage.phase is Phase.RESUME


async def test_a_process_left_standing_goes_on_when_its_leader_starts_anew() -> None:
    log: list[str] = []
    async with stand(log) as (first, _):
        first.resets.stage = Stage(5, Phase.PAUSE)
        async with asyncio.timeout(5):
            while "pause" not in log:  # noqa: ASYNC110 — there is no event for it
                await asyncio.sleep(0.01)
            first.resets.stage = Stage()
            while "resume" not in log:  # noqa: ASYNC110 — there is no event for it
                await asyncio.sleep(0.01)


async def test_a_process_left_standing_goes_on_when_its_leader_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timekeeping, "ABANDONED_AFTER_S", 0.2)
    log: list[str] = []
    async with stand(log) as (first, follower):
        first.resets.stage = Stage(5, Phase.PAUSE)
        async with asyncio.timeout(5):
            while "pause" not in log:  # noqa: ASYNC110 — there is no event for it
                await asyncio.sleep(0.01)
            first.resets.report = silent  # type: ignore[method-assign]
            while "resume" not in log:  # noqa: ASYNC110 — there is no event for it
                await asyncio.sleep(0.01)
        assert follower.resets.forward is not None


def silent(*_report: object) -> None:
    """A leader that does not get so far as to answer."""
    raise Unavailable("ended")


async def test_who_began_before_the_gate_was_closed_is_told_so_whenever_it_comes() -> None:
    closed = Gate()

    async def command(*, go_on: asyncio.Event) -> bool:
        gate.begin()
        await go_on.wait()
        async with closed.passing() as outdated:
            return outdated

    before, after = asyncio.Event(), asyncio.Event()
    early = asyncio.create_task(command(go_on=before))
    await asyncio.sleep(0)
    await closed.close()
    closed.open()
    late = asyncio.create_task(command(go_on=after))
    before.set()
    after.set()
    assert (await early, await late) == (True, False)
    async with closed.passing() as outdated:
        assert not outdated  # what is no command has read nothing before


async def test_a_closed_gate_lets_those_inside_finish_and_nobody_in() -> None:
    closed, order = Gate(), []
    leave = asyncio.Event()

    async def visit(name: str) -> bool:
        async with closed.passing() as waited:
            order.append(name)
            await leave.wait()
        return waited

    inside = asyncio.create_task(visit("inside"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(closed.close())
    await asyncio.sleep(0)
    outside = asyncio.create_task(visit("outside"))
    await asyncio.sleep(0)
    assert (closing.done(), order) == (False, ["inside"])
    leave.set()
    await closing
    assert not outside.done()
    closed.open()
    assert (await inside, await outside) == (False, True)
