"""What nobody needs any more goes, every hour of the stand's time, before what is due is done."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from shared.hosting.watch import Turn
from shared.kit.clock import Clock

_EVERY = timedelta(hours=1)


def tidied(clock: Clock, tidy: Callable[[], Awaitable[None]], turn: Turn) -> Turn:
    """``turn``, with ``tidy`` before it at the start, when an hour is over, and when the clock was set back."""
    tidied_at: datetime | None = None

    async def run() -> int:
        nonlocal tidied_at
        now = clock.now()
        if tidied_at is None or not timedelta(0) <= now - tidied_at < _EVERY:
            await tidy()
            tidied_at = now
        return await turn()

    return run
