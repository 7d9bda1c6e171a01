"""Work beside the calls that lasts as long as its service: begun anew whenever it breaks, and told at ``/readyz``.

A task that ends in silence is worse than one that fails: whatever it was to do waits for ever, and nobody knows.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from shared.kit.errors import Transient, Unavailable

log = logging.getLogger(__name__)

_AGAIN_AFTER_S = 0.5
_WELL_AFTER_S = 5.0
"""What has gone on for so long since it broke is well: everything here does a turn more often."""


class Background:
    """One such work. It comes back only when it is done or told to end; whatever ``Exception`` it raises has it begun
    anew. What is none, as a planned death, ends it and is raised by ``stop``."""

    def __init__(
        self, name: str, work: Callable[[], Awaitable[None]], *, again_after_s: float = _AGAIN_AFTER_S
    ) -> None:
        """``name`` with the system it belongs to. ``again_after_s``: the pause before it is begun anew."""
        self.name = name
        self.ending = asyncio.Event()
        """Set when the work shall come back."""
        self.trouble: str | None = None
        """Set by the work itself: why it goes on and does not get on."""
        self._work = work
        self._again_after_s = again_after_s
        self._broke: str | None = None
        self._broke_at = self._silent_for = 0.0
        self._begun_at = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def fault(self) -> str | None:
        """Why what it does is not done just now, ``None`` while it is; for ``/readyz``."""
        reason = self.trouble or (None if self._well() else self._broke)
        patient = reason == self._broke and monotonic() - self._broke_at < self._silent_for
        return None if reason is None or patient else f"{self.name}: {reason}"

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin."""
        self.ending.clear()
        self._task = asyncio.create_task(self._go_on(), name=self.name)

    async def stop(self, *, cancel: bool = False) -> None:
        """End it: when it has finished what is at hand, or (``cancel``) in the middle of it."""
        self.ending.set()
        task, self._task = self._task, None
        if task is None:
            return
        if cancel:
            task.cancel()
        # Whoever gives up waiting for it does not end it.
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    async def _go_on(self) -> None:
        while not self.ending.is_set():
            self._begun_at = monotonic()
            try:
                await self._work()
            except asyncio.CancelledError as error:
                current = asyncio.current_task()
                if current is None or current.cancelling():
                    raise
                self._tell(error)  # of something within, which nobody has told to end
            except Exception as error:  # noqa: BLE001 — whatever it is, it is told and the work begun anew
                self._tell(error)
            else:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), self._again_after_s)

    def _well(self) -> bool:
        return self.running and monotonic() - self._begun_at >= _WELL_AFTER_S

    def _tell(self, error: BaseException) -> None:
        """Once for as long as it breaks by the same thing."""
        said, known = str(error) or type(error).__name__, None if self._well() else self._broke
        if known == said:
            return
        self._broke = said
        if known is None:
            self._broke_at = monotonic()
        # A neighbour or a database that is silent for a moment has its own line at /readyz.
        silent = isinstance(error, Transient | Unavailable)
        self._silent_for = _WELL_AFTER_S if silent else 0.0
        if silent or isinstance(error, OSError):
            log.warning("%s waits: %s", self.name, said)
        else:
            log.error("%s broke and begins anew", self.name, exc_info=error)
