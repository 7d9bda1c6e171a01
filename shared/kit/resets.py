"""One reset for the whole stand: everybody stops, everybody forgets, everybody goes on.

Messages of the run before have no effect after it: while everybody stands still nothing is sent, and what stands in
the topics then is never read. As with the time, one process leads (``run``), and those that follow it from afar learn
of the stage by asking and tell how far they are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shared.kit.errors import Unavailable

WITHIN_S = 8.0
"""How long a stage may take anywhere."""
_LOOK_AGAIN_S = 0.01
_GONE_AFTER_S = 3.0
ABANDONED_AFTER_S = WITHIN_S + _GONE_AFTER_S + 4.0
"""A leader waits no longer than that for anybody in a stage: one who is silent for longer will not go on with it."""


class Phase(StrEnum):
    """What everybody does in a stage."""

    PAUSE = "pause"
    """Finish what is begun, and begin and send nothing."""
    FORGET = "forget"
    """Drop all state, and pass over all that stands in the topics."""
    RESUME = "resume"


@dataclass(frozen=True)
class Stage:
    """Where a reset is: its number since the leader's start, and the phase. 0 and ``RESUME``: there was none."""

    number: int = 0
    phase: Phase = Phase.RESUME


class Part(Protocol):
    """One system, as far as resetting it goes. Each method may be called again."""

    async def pause(self) -> None:
        """Stand still. Raises ``Unavailable`` if that is not possible."""

    async def forget(self) -> None:
        """Be empty, as if just started."""

    async def resume(self) -> None:
        """Go on."""


@dataclass(frozen=True)
class Report:
    """What a process that follows says: which systems it holds, which stage it has done, and what went wrong in it."""

    systems: tuple[str, ...]
    done: Stage
    faults: tuple[str, ...]
    heard_at: float


class Resets:
    """The systems of this process, those of others, and the stage they are in."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.forward: Callable[[], Awaitable[None]] | None = None
        """How a reset is passed on to the process that leads, if this one follows."""
        self._parts: dict[str, Part] = {}
        self._reports: dict[str, Report] = {}
        self._alone = asyncio.Lock()

    @property
    def here(self) -> tuple[str, ...]:
        """The systems of this process."""
        return tuple(sorted(self._parts))

    def join(self, name: str, part: Part) -> None:
        """Be reset with the stand."""
        self._parts[name] = part

    def leave(self, name: str) -> None:
        """Be reset no more."""
        self._parts.pop(name, None)

    def report(self, name: str, report: Report) -> None:
        """A process that follows has said how far it is."""
        self._reports[name] = report

    async def do_here(self, phase: Phase) -> tuple[str, ...]:
        """Do a phase in all systems of this process; what went wrong, by system."""
        names = self.here
        found = await asyncio.gather(*(self._do(self._parts[name], phase) for name in names))
        return tuple(f"{name}: {fault}" for name, fault in zip(names, found, strict=True) if fault)

    async def _do(self, part: Part, phase: Phase) -> str | None:
        try:
            async with asyncio.timeout(WITHIN_S):
                await {Phase.PAUSE: part.pause, Phase.FORGET: part.forget, Phase.RESUME: part.resume}[phase]()
        except TimeoutError:
            return f"does not {phase} within {WITHIN_S:g} s"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told of this system, and the others go on
            return str(error) or type(error).__name__
        return None

    async def run(self, expected: Collection[str]) -> None:
        """Reset the stand, one at a time. ``expected``: the systems it has to consist of.

        Raises ``Unavailable`` that names whoever is away or cannot stand still: nothing was forgotten then; or cannot
        forget: then the others have.
        """
        async with self._alone:
            self._must_be_there(expected)
            # Whoever is silent from now on has not done it.
            others = frozenset(self._heard())
            try:
                await self._all(Phase.PAUSE, others, "nothing was reset")
                await self._all(Phase.FORGET, others, "the others were reset; reset again")
            finally:
                self.stage = Stage(self.stage.number, Phase.RESUME)
                faults = [*await self.do_here(Phase.RESUME)]
            faults += await self._others(Phase.RESUME, others)
            if faults:
                raise Unavailable(f"all were reset, but not all go on: {'; '.join(faults)}", faults=faults)

    def _must_be_there(self, expected: Collection[str]) -> None:
        there = {*self._parts, *(system for report in self._heard().values() for system in report.systems)}
        missing = sorted(set(expected) - there)
        if missing:
            raise Unavailable(f"nothing was reset: {', '.join(missing)} does not answer", missing=missing)

    async def _all(self, phase: Phase, others: Collection[str], otherwise: str) -> None:
        number = self.stage.number + (phase is Phase.PAUSE)
        self.stage = Stage(number, phase)
        faults = [*await self.do_here(phase), *await self._others(phase, others)]
        if faults:
            raise Unavailable(f"{otherwise}: {'; '.join(faults)}", faults=faults)

    async def _others(self, expected: Phase, waited_for: Collection[str]) -> list[str]:
        """Wait until the other processes have done the stage; what went wrong in them."""
        loop = asyncio.get_running_loop()
        deadline, stage = loop.time() + WITHIN_S + _GONE_AFTER_S, Stage(self.stage.number, expected)
        while True:
            reports = {name: self._reports[name] for name in waited_for if name in self._reports}
            late = [name for name, report in reports.items() if report.done != stage]
            if not late:
                return [fault for report in reports.values() for fault in report.faults]
            if loop.time() >= deadline:
                return [f"{', '.join(reports[name].systems)}: does not answer" for name in late]
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _heard(self) -> dict[str, Report]:
        now = asyncio.get_running_loop().time()
        self._reports = {n: r for n, r in self._reports.items() if now - r.heard_at <= _GONE_AFTER_S}
        return self._reports
