"""Waiting for a state to change: ``?wait=SECONDS`` and event streams.

A change made in this process wakes its waiters at once; a change made by another replica is found by reading again. A
waiter costs next to nothing: who waits for the same thing shares its readings, all of a service together read a hundred
times a second at most for the sake of other replicas, and there is room for so many and no more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf, nextafter
from typing import Annotated, Any, Generic, TypeVar, cast

from fastapi import Query

from shared.kit.errors import Unavailable
from shared.web.presence import while_there

T = TypeVar("T")

POLL_S = 0.25
"""How often a state is read at first while somebody waits, for changes made by another replica."""
WAITERS = 1000
"""So many calls of one service wait at the same time, event streams included; an operator may change it."""
WAITERS_OF_A_KEY = 250
"""So many wait for the same application or matter."""
_SLOWEST_S = 1.0
_SLOWER = 8
"""A change by another replica is found late by an eighth of the time that was waited, at most."""
_POLLS_A_SECOND = 100
_READING_AT_A_TIME = 5
"""Half of the pool of connections: messages and commands never find all of them taken by who waits."""
_COME_BACK_S = 5

WaitSeconds = Annotated[
    float,
    Query(alias="wait", ge=0, le=60, description="Answer when the state has changed, at the latest after this long"),
]
"""The query parameter ``wait``; give it the default 0."""


class NoRoom(Unavailable):
    """As many wait as may. No fault of the service: it is counted, and not worth a line in the log each time."""


class Changes:
    """Tells waiters in this process that the thing with some key has changed. Costs nothing while nobody waits."""

    def __init__(self, waiters: int = WAITERS, of_a_key: int = WAITERS_OF_A_KEY) -> None:
        self.waiters = waiters
        self._of_a_key = of_a_key
        self._events: dict[str, set[asyncio.Event]] = {}
        self._waiting = 0
        self._readings: dict[Hashable, Readings[Any]] = {}
        self._slots = asyncio.Semaphore(_READING_AT_A_TIME)

    @property
    def readers(self) -> int:
        """How many requests wait for anything here."""
        return self._waiting

    def notify(self, key: str) -> None:
        """Wake everyone who waits for ``key``. Call it from the event loop, after the commit."""
        for event in self._events.get(key, ()):
            event.set()

    def require_room(self, key: str) -> None:
        """Raise ``NoRoom`` if no further call may wait for ``key`` just now."""
        if self._waiting >= self.waiters or len(self._events.get(key, ())) >= self._of_a_key:
            raise NoRoom("too many calls wait already; without waiting it answers", retry_after=_COME_BACK_S)

    @contextmanager
    def watch(self, key: str) -> Iterator[asyncio.Event]:
        """An event that every ``notify(key)`` sets while the block runs; clear it before reading the state.

        Raises ``NoRoom``.
        """
        self.require_room(key)
        event = asyncio.Event()
        self._events.setdefault(key, set()).add(event)
        self._waiting += 1
        try:
            yield event
        finally:
            self._waiting -= 1
            self._events[key].discard(event)
            if not self._events[key]:
                del self._events[key]

    @contextmanager
    def readings(self, key: str, share: Hashable) -> Iterator["Readings[Any]"]:
        """The readings of the thing with ``key`` that all who name the same ``share`` have in common; ``None``: one's
        own."""
        share = object() if share is None else share
        found = self._readings.setdefault((key, share), Readings(self._slots))
        found.users += 1
        try:
            yield found
        finally:
            found.users -= 1
            if not found.users:
                del self._readings[key, share]

    def pause_s(self, waited: float) -> float:
        """After how many seconds to read again, who has waited for so many."""
        read_by_all = len(self._readings) / _POLLS_A_SECOND
        return max(POLL_S, min(_SLOWEST_S, waited / _SLOWER), read_by_all)

    async def wait(self, key: str, timeout: float) -> bool:  # noqa: ASYNC109 — False is an answer
        """Wait up to ``timeout`` seconds for the next ``notify(key)``; whether it came."""
        with self.watch(key) as event:
            return await pause(event, timeout)


class Readings(Generic[T]):
    """What several want to know of the same thing, read by one of them at a time."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self.users = 0
        self._slots = slots
        self._next: asyncio.Task[Reading[T]] | None = None
        self._running: tuple[float, asyncio.Task[Reading[T]]] | None = None
        self._latest: Reading[T] | None = None

    async def since(self, moment: float, read: Callable[[], Awaitable[T]]) -> "Reading[T]":
        """What was read no earlier than at ``moment`` of the loop's time."""
        if self._latest is not None and self._latest.began >= moment:
            return self._latest
        # Whoever goes away takes the reading from nobody.
        if self._running is not None and self._running[0] >= moment:
            return await asyncio.shield(self._running[1])
        if self._next is None:
            self._next = asyncio.create_task(self._read(read))
            self._next.add_done_callback(_looked_at)
        return await asyncio.shield(self._next)

    async def _read(self, read: Callable[[], Awaitable[T]]) -> "Reading[T]":
        async with self._slots:
            # Who comes from now on may have to know what changes while this reading runs.
            began, reading, self._next = asyncio.get_running_loop().time(), self._next, None
            assert reading is not None
            running = self._running = began, reading
            try:
                found = Reading(began, await read())
            finally:
                if self._running is running:
                    self._running = None
        if self._latest is None or self._latest.began < began:
            self._latest = found
        return found


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What was read, and when the reading began, by the loop's time."""

    began: float
    value: T


def _looked_at(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()


async def pause(event: asyncio.Event, seconds: float) -> bool:
    """Wait for ``event``, at most ``seconds``; whether it was set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def again(event: asyncio.Event, reading: Reading[Any], pause_s: float, end: float = inf) -> float:
    """Wait for ``event``, until ``pause_s`` seconds have gone since ``reading``, or until ``end``; since which moment
    what is read next must be true.

    A poll is content with what another has read since: so all who share it are late by one pause at most, and read once
    in each. A change, and the end, want the state as it is now.
    """
    loop = asyncio.get_running_loop()
    notified = await pause(event, min(reading.began + pause_s, end) - loop.time())
    return loop.time() if notified or loop.time() >= end else nextafter(reading.began, inf)


async def wait_until(
    read: Callable[[], Awaitable[T]],
    done: Callable[[T], bool],
    seconds: float,
    changes: Changes,
    key: str,
    share: Hashable = None,
) -> T:
    """Read until ``done`` accepts what was read, at most ``seconds`` (real ones, not the stand's); the last reading.

    The value is read at least once, and always after the last notification, so no change is missed. Calls that name the
    same ``share`` read the same whoever reads: their ``read`` must not depend on anything else, on rights least of all.
    Raises ``NoRoom`` if too many wait already.
    """
    loop = asyncio.get_running_loop()
    fresh = began = loop.time()
    end = began + seconds
    with changes.readings(key, share) as readings:
        if seconds <= 0:
            return cast("T", (await readings.since(began, read)).value)
        async with while_there():
            with changes.watch(key) as event:
                while True:
                    event.clear()
                    reading: Reading[T] = await readings.since(fresh, read)
                    now = loop.time()
                    if done(reading.value) or now >= end:
                        return reading.value
                    fresh = await again(event, reading, changes.pause_s(now - began), end)
