"""What becomes due without anybody doing anything: looked for again and again, and at once when the stand's time moves.

Due is what is due by the stand's clock; how often it is looked for is real time. What is due stands in the database, so
a restart goes on where it was.
"""

import asyncio
from collections.abc import Awaitable, Callable

from shared.db.missed import until_loaded
from shared.kit.background import Background
from shared.kit.clock import Clock
from shared.web.wait import pause

Turn = Callable[[], Awaitable[int]]
"""Does what is due now; how many things that were."""

_LOOK_AT_CLOCK_S = 0.05


class Watch:
    """The background worker of one service. ``start`` and ``stop`` bracket its life."""

    def __init__(self, clock: Clock, turn: Turn, every_s: float, system: str) -> None:
        self._clock = clock
        self._turn = turn
        self._every_s = every_s
        self._seen = -1
        self.background = Background(f"{system}: what is due", self._run)
        self._stopping = self.background.ending

    def start(self) -> None:
        """Begin to look."""
        self.background.start()

    async def stop(self) -> None:
        """Finish what is being done and stop looking."""
        # Not cancelled: a connection cut off in the middle of a statement would keep SQLite's lock.
        await self.background.stop()

    def at_rest(self, changes: int) -> bool:
        """Whether nothing was left to do after change number ``changes`` of the clock."""
        return not self.background.running or self._seen >= changes

    async def _run(self) -> None:
        while not self._stopping.is_set():
            changes = self._clock.changes
            await self._after(await until_loaded(self._turn), changes)

    async def _after(self, done: int, changes: int) -> None:
        if done == 0:
            self._seen = changes
            await self._rest(changes)
        else:
            # What was done may have made something else due.
            await pause(self._stopping, _LOOK_AT_CLOCK_S)

    async def _rest(self, changes: int) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._every_s
        while self._clock.changes == changes and (left := until - loop.time()) > 0:
            if await pause(self._stopping, min(_LOOK_AT_CLOCK_S, left)):
                return
