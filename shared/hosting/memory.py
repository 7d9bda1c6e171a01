"""Python's cycle collector, told what it need not look at."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS_BETWEEN = 10_000
"""New objects before the collector looks at the youngest; Python's own 700 is for programs with little to keep."""


@contextmanager
def growing_memory() -> Iterator[None]:
    """While a process starts: nearly nothing made then is garbage, and looking for it took a tenth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def settle_memory() -> None:
    """Call it when a process has started: what lives now lives to the end.

    Modules, models and certificates are hundreds of thousands of objects. Looking through them took a sixth of a second
    each time, in which nothing was answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN, 20, 20)
