"""A gate that can be closed: whoever is inside finishes, nobody else comes in until it is open again."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from time import monotonic

_BEGAN: ContextVar[float] = ContextVar("_BEGAN", default=math.inf)


def begin() -> None:
    """What this task does from now on is one thing: a command that comes in. Where a gate is closed after this, what it
    has read is out of date, whenever it gets there."""
    _BEGAN.set(monotonic())


class Gate:
    """Open at first."""

    def __init__(self) -> None:
        self._open, self._empty = asyncio.Event(), asyncio.Event()
        self._open.set()
        self._empty.set()
        self._inside = 0
        self._closed_at = -math.inf

    @property
    def closed(self) -> bool:
        """Whether nobody comes in now."""
        return not self._open.is_set()

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[bool]:
        """Inside while the block lasts; whether it was closed since one began, or while one waited for it."""
        closed_meanwhile = self.closed
        while self.closed:
            await self._open.wait()
        self._inside += 1
        self._empty.clear()
        try:
            yield closed_meanwhile or self._closed_at >= _BEGAN.get()
        finally:
            self._inside -= 1
            if self._inside == 0:
                self._empty.set()

    async def close(self) -> None:
        """Let nobody in, and wait until all are out."""
        self._closed_at = monotonic()
        self._open.clear()
        await self._empty.wait()

    def open(self) -> None:
        """Let them in again."""
        self._open.set()
