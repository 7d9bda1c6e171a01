"""Waiting for what somebody else may never answer, by whoever can go on without it."""

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any

WAIT_S = 1.0
"""How long an answer is waited for."""
PAUSE_S = 5.0
"""How long nothing is waited for after one that did not come in time."""


class Patience:
    """With one who is asked. A question goes on when nobody waits for it any more; its answer is of use later."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``monotonic``: seconds of a clock that only goes forward."""
        self._monotonic = monotonic
        self._silent_until: float | None = None

    async def wait(self, questions: Collection[asyncio.Task[Any]]) -> None:
        """Wait for ``questions``, ``WAIT_S`` at most, and not at all within ``PAUSE_S`` after that was in vain.

        Raises what one of those that ended raised.
        """
        now = self._monotonic()
        silent = self._silent_until is not None and now < self._silent_until
        done, open_ = await asyncio.wait(questions, timeout=0 if silent else WAIT_S)
        if not open_:
            self._silent_until = None
        elif not silent:
            self._silent_until = now + PAUSE_S
        for question in done:
            question.result()
