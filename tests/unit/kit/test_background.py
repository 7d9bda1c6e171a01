"""Work beside the calls: begun anew whenever it breaks, told once, and ended only by whoever started it."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from shared.kit import background
from shared.kit.background import Background
from shared.kit.errors import Transient


class Death(BaseException):
    """What is meant to end it."""


class Work:
    """Breaks as told, then goes on until it is ended."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.begun = 0
        self.background = Background("portal: work", self, again_after_s=0.01)

    async def __call__(self) -> None:
        self.begun += 1
        if self.failures:
            raise self.failures.pop(0)
        await self.background.ending.wait()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 — there is no event for it
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("failure", [KeyError("planned"), AssertionError(), OSError("full"), asyncio.CancelledError()])
async def test_whatever_breaks_it_has_it_begun_anew_and_is_told(failure: BaseException) -> None:
    work = Work(failure)
    work.background.start()
    await until(lambda: work.begun == 2)
    assert work.background.running
    assert work.background.fault is not None
    assert work.background.fault.startswith("portal: work: ")
    await work.background.stop()
    assert not work.background.running


async def test_it_is_well_when_it_has_gone_on_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(KeyError("planned"))
    work.background.start()
    await until(lambda: work.begun == 2)
    assert work.background.fault
    monkeypatch.setattr(background, "_WELL_AFTER_S", 0.0)
    assert work.background.fault is None
    await work.background.stop()


async def test_a_neighbour_that_is_silent_for_a_moment_is_no_fault_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(*(Transient("silent") for _ in range(1 << 10)))
    work.background.start()
    await until(lambda: work.begun >= 2)
    assert work.background.fault is None
    monkeypatch.setattr(background, "monotonic", lambda: 1e9)  # it has been silent for long
    work.background._begun_at = 1e9
    assert work.background.fault == "portal: work: silent"
    await work.background.stop()


async def test_the_same_thing_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(*(KeyError("one") for _ in range(5)), *(Transient("two") for _ in range(5)))
    work.background.start()
    await until(lambda: not work.failures)
    await work.background.stop()
    told = [record for record in caplog.records if record.name == "shared.kit.background"]
    assert [record.levelno for record in told] == [logging.ERROR, logging.WARNING]


async def test_it_tells_itself_why_it_does_not_get_on() -> None:
    work = Work()
    work.background.start()
    work.background.trouble = "nobody answers"
    assert work.background.fault == "portal: work: nobody answers"
    await work.background.stop()


async def test_stopped_in_the_middle_it_is_not_begun_anew() -> None:
    work = Background("portal: work", asyncio.Event().wait)  # type: ignore[arg-type]
    work.start()
    await asyncio.sleep(0)
    await work.stop(cancel=True)
    assert not work.running


async def test_stopped_while_it_waits_to_begin_anew() -> None:
    work = Work(KeyError("planned"))
    work.background._again_after_s = 3600
    work.background.start()
    await until(lambda: work.begun == 1)
    async with asyncio.timeout(60):
        await work.background.stop()
    assert work.begun == 1


async def test_a_planned_death_ends_it() -> None:
    work = Work(Death())
    work.background.start()
    await until(lambda: not work.background.running)
    with pytest.raises(Death):
        await work.background.stop()


async def test_what_was_never_started_can_be_stopped() -> None:
    await Work().background.stop()
