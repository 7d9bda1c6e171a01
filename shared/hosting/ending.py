"""The end of a process that serves: in order when it is told once, within ten seconds, and at once when told again."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDS_WITHIN_S = 10.0
"""What is longer than that at finishing will not finish: a silent cluster, a full disk."""
_NUMBERS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def told_to_end(tell: Callable[[], object], last: Callable[[], None] | None = None) -> Iterator[None]:
    """Within the block SIGINT and SIGTERM call ``tell``, once, on the event loop that runs.

    If the process is still there ten seconds later, or is told a second time, it ends at once with 128 and the signal's
    number, after ``last`` (which clears away what must not be left). It does so even while the loop is kept busy.
    """
    loop = asyncio.get_running_loop()
    told = False
    in_time: threading.Timer | None = None

    def at_once(number: int, why: str) -> None:
        try:
            sys.stderr.write(f"egov: {why}\n")
            if last is not None:
                last()
        finally:
            os._exit(128 + number)

    def hear(number: int, _frame: FrameType | None) -> None:
        nonlocal told, in_time
        if told:
            at_once(number, "told to end a second time: ends at once")
        told = True
        in_time = threading.Timer(ENDS_WITHIN_S, at_once, (number, f"did not end within {ENDS_WITHIN_S:g} s"))
        in_time.daemon = True
        in_time.start()
        loop.call_soon_threadsafe(tell)

    before = {number: signal.signal(number, hear) for number in _NUMBERS}
    try:
        yield
    finally:
        # Once told, the process is ending, and what comes after the block, as the loop's own end, may be what hangs.
        if not told:
            for number, handler in before.items():
                signal.signal(number, handler)
