"""The faults: each is injected, lasts, and ends; what comes after is the stand's business."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx

from services.stand.processes import CODES
from shared.kit.clock import rfc3339
from shared.kit.duration import parse_duration
from shared.messages.systems import System
from shared.messaging.broker import SESSION_MS
from tests.faults.history import Tampered
from tests.faults.interception import Interception, Taken
from tests.faults.load import hold
from tests.faults.recorder import digest_of
from tests.faults.rig import REPLICATED, RESEND_AFTER_S, SMALL_DISK_OF, Rig

AHEAD = "4m"
"""How far the stand's clock jumps: twice so far is less than the shortest term (ten minutes), so nothing is late."""


@dataclass
class Play:
    """One injection of one fault."""

    rig: Rig
    chance: random.Random
    tampered: list[Tampered]
    over_at: float | None = None
    """When the part was let go on: from then on recovery is measured."""
    note: str = ""
    """What exactly was done."""

    def over(self) -> None:
        """The fault ends now."""
        self.over_at = asyncio.get_running_loop().time()

    def one_of(self, code: str) -> str:
        """A process of the service, by chance; noted."""
        self.note = self.chance.choice(self.rig.replicas(code))
        return self.note

    async def last(self, shortest: float, longest: float) -> None:
        """Let the fault last for a while."""
        await hold(self.chance.uniform(shortest, longest))


@dataclass(frozen=True)
class Fault:
    """What goes wrong. ``play`` returns when the fault is over."""

    name: str
    what: str
    play: Callable[[Play], Awaitable[None]]


def _killed(code: str) -> Fault:
    async def play(now: Play) -> None:
        name = now.one_of(code)
        await now.rig.kill_process(name)
        await now.last(0.2, 1.5)
        now.over()
        await now.rig.start_process(name)

    return Fault(f"kill-{code}", f"kill -9 of {code}, started again", play)


def _frozen(code: str) -> Fault:
    async def play(now: Play) -> None:
        name = now.one_of(code)
        now.rig.signal_process(name, signal.SIGSTOP)
        await now.last(1.0, 4.0)
        now.over()
        now.rig.signal_process(name, signal.SIGCONT)

    return Fault(f"freeze-{code}", f"SIGSTOP of {code}, SIGCONT", play)


async def _rolled(now: Play) -> None:
    for code in REPLICATED:
        for name in now.rig.replicas(code):
            await now.rig.restart_process(name)
    now.over()


async def _expelled(now: Play) -> None:
    name = now.one_of(now.chance.choice(_READERS).value)
    now.rig.signal_process(name, signal.SIGSTOP)
    await now.last(SESSION_MS / 1000 + 6.0, SESSION_MS / 1000 + 8.0)
    now.over()
    now.rig.signal_process(name, signal.SIGCONT)


async def _broker_killed(now: Play) -> None:
    await asyncio.to_thread(now.rig.kafka.kill)
    await now.last(0.5, 2.0)
    now.over()
    await asyncio.to_thread(now.rig.kafka.start)


async def _broker_frozen(now: Play) -> None:
    now.rig.kafka.freeze()
    await now.last(1.0, 4.0)
    now.over()
    now.rig.kafka.thaw()


async def _broker_unreachable(now: Play) -> None:
    await now.rig.broker_relay.cut()
    await now.last(1.0, 4.0)
    now.over()
    await now.rig.broker_relay.heal()


async def _broker_silent(now: Play) -> None:
    now.rig.broker_relay.silence()
    await now.last(2.0, 4.0)
    now.over()
    await now.rig.broker_relay.heal()


async def _broker_slow(now: Play) -> None:
    now.rig.broker_relay.slow(0.2)
    await now.last(3.0, 5.0)
    now.over()
    await now.rig.broker_relay.heal()


async def _database_restarted(now: Play) -> None:
    await asyncio.to_thread(now.rig.postgres.stop, "immediate")
    await now.last(0.5, 2.0)
    now.over()
    await asyncio.to_thread(now.rig.postgres.start)


async def _database_unreachable(now: Play) -> None:
    now.note = now.chance.choice(sorted(now.rig.database_relays))
    relay = now.rig.database_relays[now.note]
    await relay.cut()
    await now.last(1.0, 4.0)
    now.over()
    await relay.heal()


async def _database_slow(now: Play) -> None:
    relays = now.rig.database_relays.values()
    for relay in relays:
        relay.slow(0.05)
    await now.last(3.0, 5.0)
    now.over()
    for relay in relays:
        await relay.heal()


async def _disk_full(now: Play) -> None:
    disk = now.rig.disk
    assert disk is not None
    await asyncio.to_thread(disk.fill)
    await now.last(3.0, 5.0)
    now.over()
    disk.empty()


_WORTHWHILE = 8
"""Unread records from which on an interception begins at once."""
_READERS = (System.GATEWAY, System.REGIONAL_GATEWAY, System.PROVIDER, System.PORTAL, System.CSC)
_Change = Callable[[Play, list[Taken]], Sequence[Taken]]


def _intercepted(name: str, what: str, change: _Change, *, late_s: float = 0.0) -> Fault:
    async def play(now: Play) -> None:
        for system in now.chance.sample(_READERS, len(_READERS)):
            interception, taken = Interception(now.rig.bootstrap, system), list[Taken]()
            with _standing_still(now.rig, system):
                await _gathered(interception)
                taken = await interception.take()
                if not late_s:
                    await interception.give_back(change(now, taken))
            if late_s and taken:
                await hold(late_s)
                await interception.give_back(change(now, taken))
            now.note = f"{len(taken)} records for {system.value}"
            # Who has nothing to read now cannot lose anything; then somebody else's records are taken.
            if taken:
                break
        now.over()

    return Fault(name, what, play)


@contextmanager
def _standing_still(rig: Rig, system: System) -> Iterator[None]:
    """All processes of a system stand still."""
    for replica in rig.replicas(system.value):
        rig.signal_process(replica, signal.SIGSTOP)
    try:
        yield
    finally:
        for replica in rig.replicas(system.value):
            rig.signal_process(replica, signal.SIGCONT)


async def _gathered(interception: Interception) -> None:
    """Wait until there is something to take away; not as long as a group waits for a silent member, so that the
    partitions stay where they are."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 0.6 * SESSION_MS / 1000
    while loop.time() < deadline and len(await interception.unread()) < _WORTHWHILE:  # noqa: ASYNC110
        await asyncio.sleep(0.2)


def _some_lost(now: Play, taken: list[Taken]) -> Sequence[Taken]:
    return [record for record in taken if now.chance.random() < 0.5]


def _doubled(_now: Play, taken: list[Taken]) -> Sequence[Taken]:
    return [copy for record in taken for copy in (record, record)]


def _reordered(now: Play, taken: list[Taken]) -> Sequence[Taken]:
    return now.chance.sample(taken, len(taken))


def _unchanged(_now: Play, taken: list[Taken]) -> Sequence[Taken]:
    return taken


def _corrupted(now: Play, taken: list[Taken]) -> Sequence[Taken]:
    given = []
    for record in taken:
        if now.chance.random() < 0.5:
            record = record.corrupted(now.chance)  # noqa: PLW2901
            now.tampered.append(Tampered(record.place.topic, digest_of(record.value), "one bit turned over"))
        given.append(record)
    return given


async def _clock_forward(now: Play) -> None:
    await _move(now, {"advance": AHEAD})
    now.over()


async def _clock_back(now: Play) -> None:
    await _move(now, {"advance": AHEAD})
    await now.last(0.5, 2.0)
    async with httpx.AsyncClient(timeout=10) as http:
        shown = (await http.get(f"{now.rig.addresses.of('pki')}/__stand/clock")).raise_for_status().json()["now"]
    # Not to real time: the suite runs in the stand's working time, whatever hour it is.
    await _move(now, {"set": rfc3339(datetime.fromisoformat(shown) - parse_duration(AHEAD))})
    now.over()


async def _move(now: Play, change: dict[str, str]) -> None:
    async with httpx.AsyncClient(timeout=10) as http:
        (await http.post(f"{now.rig.addresses.of('pki')}/__stand/clock", json=change)).raise_for_status()


async def _none(now: Play) -> None:
    now.over()


FAULTS: tuple[Fault, ...] = (
    Fault("none", "nothing, for comparison", _none),
    *(_killed(code) for code in CODES),
    *(_frozen(code) for code in CODES),
    Fault(
        "rolling-restart", f"each process of {', '.join(REPLICATED)} stopped and started, one after the other", _rolled
    ),
    Fault("freeze-long", "SIGSTOP of a service for longer than group and database wait for it", _expelled),
    Fault("broker-killed", "kill -9 of Kafka, started again", _broker_killed),
    Fault("broker-frozen", "SIGSTOP of Kafka, SIGCONT", _broker_frozen),
    Fault("broker-unreachable", "all connections to Kafka break, new ones are refused", _broker_unreachable),
    Fault("broker-silent", "connections to Kafka stay, no byte passes", _broker_silent),
    Fault("broker-slow", "every byte to and from Kafka is 0.2 s late", _broker_slow),
    Fault("database-restarted", "PostgreSQL stopped without a checkpoint, started again", _database_restarted),
    Fault("database-unreachable", "one service cannot reach PostgreSQL", _database_unreachable),
    Fault("database-slow", "every byte to and from PostgreSQL is 0.05 s late", _database_slow),
    Fault("disk-full", f"no room on the disk of the database of {SMALL_DISK_OF}", _disk_full),
    _intercepted("records-lost", "the broker forgets half of what one service has not read", _some_lost),
    _intercepted("records-duplicated", "what one service has not read stands there twice", _doubled),
    _intercepted("records-reordered", "what one service has not read is shuffled", _reordered),
    _intercepted(
        "records-delayed",
        "what one service has not read comes after it was sent again",
        _unchanged,
        late_s=1.5 * RESEND_AFTER_S,
    ),
    _intercepted("records-corrupted", "in half of what one service has not read one bit is wrong", _corrupted),
    Fault("clock-forward", f"the stand's clock jumps {AHEAD} ahead", _clock_forward),
    Fault("clock-back", f"the stand's clock jumps {AHEAD} ahead and back again", _clock_back),
)


def possible(rig: Rig, names: Sequence[str] = ()) -> tuple[list[Fault], dict[str, str]]:
    """The faults that can be played here (of ``names``, if any), and why not for the others. Raises ``ValueError`` for
    a name that no fault has."""
    unknown = sorted(set(names) - {fault.name for fault in FAULTS})
    if unknown:
        raise ValueError(f"no fault {', '.join(unknown)}")
    wanted = [fault for fault in FAULTS if not names or fault.name in names]
    missing = {"disk-full": rig.no_disk} if rig.disk is None else {}
    return [fault for fault in wanted if fault.name not in missing], missing
