"""Waiting for a state to change: ``?wait=SECONDS`` and event streams.

A change made in this process wakes its waiters at once; a change made by another replica is found by reading again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

from fastapi import Query

T = TypeVar("T")

POLL_S = 0.25
"""How often the state is read while waiting, for changes made by another replica."""

WaitSeconds = Annotated[
    float,
    Query(alias="wait", ge=0, le=60, description="Answer when the state has changed, at the latest after this long"),
]
"""The query parameter ``wait``; give it the default 0."""


class Changes:
    """Tells waiters in this process that the thing with some key has changed. Costs nothing while nobody waits."""

    def __init__(self) -> None:
        self._events: dict[str, set[asyncio.Event]] = {}
        self.readers = 0
        """How many requests wait for anything here."""

    def notify(self, key: str) -> None:
        """Wake everyone who waits for ``key``. Call it from the event loop, after the commit."""
        for event in self._events.get(key, ()):
            event.set()

    @contextmanager
    def watch(self, key: str) -> Iterator[asyncio.Event]:
        """An event that every ``notify(key)`` sets while the block runs; clear it before reading the state."""
        event = asyncio.Event()
        self._events.setdefault(key, set()).add(event)
        try:
            yield event
        finally:
            self._events[key].discard(event)
            if not self._events[key]:
                del self._events[key]

    @contextmanager
    def reader(self, key: str) -> Iterator[asyncio.Event]:
        """As ``watch``, for a request that waits; counted."""
        self.readers += 1
        try:
            with self.watch(key) as event:
                yield event
        finally:
            self.readers -= 1

    async def wait(self, key: str, timeout: float) -> bool:  # noqa: ASYNC109 — False is an answer
        """Wait up to ``timeout`` seconds for the next ``notify(key)``; whether it came."""
        with self.watch(key) as event:
            return await pause(event, timeout)


async def pause(event: asyncio.Event, seconds: float) -> bool:
    """Wait for ``event``, at most ``seconds``; whether it was set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def wait_until(
    read: Callable[[], Awaitable[T]], done: Callable[[T], bool], seconds: float, changes: Changes, key: str
) -> T:
    """Read until ``done`` accepts what was read, at most ``seconds`` (real ones, not the stand's); the last reading.

    The value is read at least once, and always after the last notification, so no change is missed.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    with changes.reader(key) as event:
        while True:
            event.clear()
            value = await read()
            left = deadline - loop.time()
            if done(value) or left <= 0:
                return value
            await pause(event, min(POLL_S, left))
