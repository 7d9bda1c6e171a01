"""A gate that can be closed: whoever is inside finishes, nobody else comes in until it is open again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Open at first."""

    def __init__(self) -> None:
        self._open, self._empty = asyncio.Event(), asyncio.Event()
        self._open.set()
        self._empty.set()
        self._inside = 0

    @property
    def closed(self) -> bool:
        """Whether nobody comes in now."""
        return not self._open.is_set()

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[bool]:
        """Inside while the block lasts; whether one had to wait for it."""
        waited = self.closed
        while self.closed:
            await self._open.wait()
        self._inside += 1
        self._empty.clear()
        try:
            yield waited
        finally:
            self._inside -= 1
            if self._inside == 0:
                self._empty.set()

    async def close(self) -> None:
        """Let nobody in, and wait until all are out."""
        self._open.clear()
        await self._empty.wait()

    def open(self) -> None:
        """Let them in again."""
        self._open.set()
