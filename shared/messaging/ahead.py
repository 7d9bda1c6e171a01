"""Reading on while a batch is handled, from a broker that forgets what is not read in time."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.messaging.records import IncomingRecord

_MOST_BYTES = 32 * 1024 * 1024
"""Read and not given out; it may become more by what one answer of the broker holds."""
_AT_ONCE = 1000
_FOR_A_RECORD = 1024
"""Bytes beside its value."""
Read = Callable[[int], Awaitable[list[IncomingRecord]]]


class Ahead:
    """What was read and not given out yet, in order."""

    def __init__(self, read: Read) -> None:
        """``read`` gives the next records, at most so many, or none after a moment; it may raise."""
        self._read = read
        self._records: list[IncomingRecord] = []
        self._task: asyncio.Task[None] | None = None
        self._enough = False

    @property
    def topics(self) -> list[str]:
        """The topic of each record that was not given out yet."""
        return [record.position.topic for record in self._records]

    def begin(self) -> None:
        """Read on until ``take``."""
        if self._task is None:
            self._enough = False
            self._task = asyncio.create_task(self._run())

    async def take(self, most: int) -> list[IncomingRecord]:
        """End it; the first of what was read, at most so many. Raises what reading raised, after what was read before
        it was given out."""
        # Not cancelled: what the client has given out at that moment would be lost.
        self._enough = True
        if self._task is not None:
            await asyncio.wait([self._task])
        if not self._records and self._task is not None:
            task, self._task = self._task, None
            task.result()
        found, self._records = self._records[:most], self._records[most:]
        if self._task is not None and self._task.exception() is None:
            self._task = None
        return found

    async def drop(self) -> None:
        """End it, and forget what was read."""
        self._enough = True
        if self._task is not None:
            await asyncio.wait([self._task])
            self._task.exception()
        self._task, self._records = None, []

    async def _run(self) -> None:
        size = _bytes(self._records)
        while not self._enough and size < _MOST_BYTES:
            found = await self._read(_AT_ONCE)
            self._records += found
            size += _bytes(found)


def _bytes(records: list[IncomingRecord]) -> int:
    return sum(len(record.value) + _FOR_A_RECORD for record in records)
