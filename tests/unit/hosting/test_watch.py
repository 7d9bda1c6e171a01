"""What is due is looked for again after whatever went wrong, and a silent database fills no log."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from shared.hosting.watch import Watch
from shared.kit.clock import Clock
from shared.kit.errors import Transient


class Turn:
    """Fails as told, then finds nothing to do."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.turns = 0

    async def __call__(self) -> int:
        self.turns += 1
        if self.failures:
            raise self.failures.pop(0)
        return 0


async def _rested(watch: Watch, clock: Clock) -> None:
    watch.start()
    try:
        async with asyncio.timeout(10):
            while not watch.at_rest(clock.changes):  # noqa: ASYNC110 — there is no event for it
                await asyncio.sleep(0.01)
    finally:
        await watch.stop()


async def test_a_silent_database_is_told_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    turn = Turn(Transient("silent"), Transient("silent"), Transient("silent"))
    await _rested(Watch(clock, turn, 60, "portal"), clock)
    told = [record for record in caplog.records if record.name == "shared.kit.background"]
    assert [(record.levelno, record.getMessage()) for record in told] == [
        (logging.WARNING, "portal: what is due waits: silent")
    ]
    assert turn.turns == 4


@pytest.mark.parametrize("make", [KeyError, AssertionError, OSError])
async def test_a_defect_does_not_end_the_watch(
    clock: Clock, caplog: pytest.LogCaptureFixture, make: Callable[[str], Exception]
) -> None:
    turn = Turn(make("planned"))
    await _rested(Watch(clock, turn, 60, "portal"), clock)
    assert turn.turns == 2
    assert "portal: what is due" in caplog.text
