"""Time for many runs at once: the stand's clock moves on only when every run that is left waits for it."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count

Advance = Callable[[datetime], Awaitable[None]]
"""Moves the stand's clock to an instant and waits until what was due then is done."""


class Pace:
    """Lets ``at_once`` runs work at a time; those that wait for an instant do not count.

    All runs have to be announced before the first begins, or time might pass before the others have started.
    """

    def __init__(self, now: Callable[[], datetime], advance: Advance, *, runs: int, at_once: int) -> None:
        self._now, self._advance = now, advance
        self._left = runs
        self._places = asyncio.Semaphore(at_once)
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._moving: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """The life of one run, from its turn to its end."""
        try:
            async with self._places:
                yield
        finally:
            self._left -= 1
            self._move_on()

    async def until(self, instant: datetime) -> None:
        """Inside a run: go on once stand time is ``instant`` or later."""
        if self._now() >= instant:
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (instant, next(self._numbers), future))
        self._places.release()
        try:
            self._move_on()
            await future
        finally:
            await self._places.acquire()

    def _move_on(self) -> None:
        everybody_waits = self._waiting and len(self._waiting) == self._left
        if everybody_waits and (self._moving is None or self._moving.done()):
            self._moving = asyncio.create_task(self._move())

    async def _move(self) -> None:
        instant = self._waiting[0][0]
        try:
            await self._advance(instant)
        except Exception as error:  # noqa: BLE001 - every run that waits is told, none hangs
            while self._waiting:
                heapq.heappop(self._waiting)[2].set_exception(error)
            return
        while self._waiting and self._waiting[0][0] <= self._now():
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
