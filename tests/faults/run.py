"""One run of the suite: rounds with one fault each, a rotation through all of them, and the table."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from services.stand.working_time import move_clock, next_morning
from shared.hosting.timekeeping import Follower
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from tests.faults.checks import Violation, check
from tests.faults.clients import Citizens, Patience, Visitors
from tests.faults.history import History
from tests.faults.load import Load, reached
from tests.faults.nemesis import Fault, Play
from tests.faults.onlooker import onlooker
from tests.faults.rig import Rig

WINDOW = 24
"""Applications under way at once while faults are played one by one."""
_LOOKS_PER_S = 25
"""How often all clients of a rotation together look after what they have sent."""

Say = Callable[[str], None]


@dataclass
class Row:
    """A line of the table."""

    fault: str
    applications: int
    """That went through."""
    recovery_s: float
    violations: list[Violation] = field(default_factory=list)
    note: str = ""

    def count(self, effect: str) -> int:
        """How many applications (or other things) have a violation of this kind."""
        return len({violation.about for violation in self.violations if violation.effect == effect})


class Suite:
    """Plays faults on a rig and proves each time what has become of the applications."""

    def __init__(
        self, rig: Rig, load: Load, patience: Patience, history: History, chance: random.Random, say: Say
    ) -> None:
        self.rig = rig
        self.history = history
        self.rows: list[Row] = []
        self._load = load
        self._patience = patience
        self._chance = chance
        self._say = say
        self._known: set[Violation] = set()

    async def one_by_one(self, faults: Sequence[Fault], each: int) -> None:
        """For each fault ``each`` applications, then rest and proof."""
        for fault in faults:
            running = asyncio.create_task(self._load.run(each))
            # The moment is a matter of chance, and somewhere in the middle.
            goal = self._load.started + max(1, round(each * self._chance.uniform(0.1, 0.5)))
            await reached(lambda goal=goal, running=running: self._load.started >= goal or running.done())
            await reached(lambda: False, within=self._chance.uniform(0.0, 0.5))
            async with _ended(running):
                now = await self._play(fault)
                recovery = await self._recovered(now)
                await running
            await self._proof(Row(fault.name, each, recovery, note=now.note))

    async def rotation(self, faults: Sequence[Fault], flight: int) -> None:
        """All faults one after the other, in random order, while ``flight`` applications are under way all the time:
        they are sent at once, and for each that ends a new one is sent until all faults were played. Then proof.

        The next fault comes as soon as all services are ready again and some applications have ended since, whatever
        has not recovered yet."""
        order = self._chance.sample(list(faults), len(faults))
        played = asyncio.Event()
        self._patience.look_every_s = flight / _LOOKS_PER_S if flight > WINDOW else 0.0
        before = self._load.started
        running = asyncio.create_task(self._load.run(flight, window=flight, enough=played.is_set))
        async with _ended(running):
            await reached(lambda: len(self._load.under_way) >= flight or running.done())
            for fault in order:
                goal = self._load.finished + max(1, flight // len(order))
                last = await self._play(fault)
                await self.rig.ready()
                await reached(lambda goal=goal: self._load.finished >= goal or running.done())
                self._say(f"    {fault.name:<22} {len(self._load.under_way):>12} under way  {last.note}".rstrip())
            played.set()
            recovery = await self._recovered(last)
            await running
        self._patience.look_every_s = 0.0
        done = self._load.started - before
        note = f"{flight} under way at once"
        await self._proof(Row(f"rotation of {len(order)} faults", done, recovery, note=note))

    async def _play(self, fault: Fault) -> Play:
        now = Play(self.rig, self._chance, self.history.tampered)
        await fault.play(now)
        return now

    async def _recovered(self, last: Play) -> float:
        """Seconds from the end of the fault until all services are ready and what was under way then has ended."""
        then = set(self._load.under_way)
        await self.rig.ready()
        await reached(lambda: not then & self._load.under_way)
        assert last.over_at is not None
        return asyncio.get_running_loop().time() - last.over_at

    async def _proof(self, row: Row) -> None:
        try:
            await self.rig.rest()
        except TimeoutError as restless:
            # What is still under way will not arrive any more: the checker says what that is.
            self._say(f"    {restless}")
        await self.rig.collect(self.history)
        row.violations = [violation for violation in check(self.history) if violation not in self._known]
        self._known.update(row.violations)
        self.rows.append(row)
        self._say(line(row))
        for violation in row.violations[:20]:
            self._say(f"    {violation}")


class Gate(httpx.AsyncBaseTransport):
    """Lets so many requests out at once; the others stand in line. (The pool of httpx goes through all its requests
    for each of them, which with hundreds costs more than the stand itself.)"""

    def __init__(self, width: int) -> None:
        self._free = asyncio.Semaphore(width)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=width)
        self._inner = httpx.AsyncHTTPTransport(limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, read to its end."""
        async with self._free:
            answer = await self._inner.handle_async_request(request)
            await answer.aread()
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


@asynccontextmanager
async def _ended(task: "asyncio.Task[None]") -> AsyncIterator[None]:
    """Nobody goes on when the round is broken off."""
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def suite(rig: Rig, seed: int, say: Say) -> AsyncIterator[Suite]:
    """The suite with its clients signed in."""
    chance, history, clock = random.Random(seed), History(), Clock()
    follower = Follower(clock, rig.addresses.of("pki"), "fault suite")
    async with httpx.AsyncClient(timeout=10, transport=Gate(WINDOW)) as http:
        await follower.start()
        try:
            # Visitors are given their results while the centre is open; a whole suite takes hours.
            await move_clock(http, rig.addresses, clock, next_morning(clock.now(), StandSettings()))
            patience = Patience()
            citizens = await Citizens.open(history.operations, patience, http, rig.addresses, clock)
            visitors = await Visitors.open(history.operations, patience, http, rig.addresses, clock)
            load = Load(citizens, visitors, window=WINDOW, chance=chance)
            async with onlooker(history, lambda: [rig.urls[name] for name in rig.replicas("gateway")]):
                yield Suite(rig, load, patience, history, chance, say)
        finally:
            await follower.stop()


def line(row: Row) -> str:
    """A row as text."""
    return (
        f"{row.fault:<26} {row.applications:>12} {row.count('lost'):>5} {row.count('doubled'):>8}"
        f" {row.count('wrong'):>6} {row.recovery_s:>13.1f}  {row.note}".rstrip()
    )


HEADING = f"{'fault':<26} {'applications':>12} {'lost':>5} {'doubled':>8} {'wrong':>6} {'recovery time':>13}"


def markdown(rows: Sequence[Row], what: dict[str, str]) -> str:
    """The table for ``docs/faults.md``."""
    lines = ["| Fault | What happens | Applications | Lost | Doubled | Wrong | Recovery time, s |"]
    lines.append("|---|---|---:|---:|---:|---:|---:|")
    lines += [
        f"| `{row.fault}` | {what.get(row.fault, 'one after the other, in random order')} | {row.applications}"
        f" | {row.count('lost')} | {row.count('doubled')} | {row.count('wrong')} | {row.recovery_s:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)
