"""Who lives by one clock, and whether they have come to rest after it was moved.

A participant of this process brings a probe. Those of other processes, which follow the clock from afar, say how they
are each time they ask for the time; one that has not asked for a while is taken for gone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Probe = Callable[[int], Awaitable[str | None]]
"""Given the count of changes of the clock: what the participant is still busy with, or ``None`` at rest."""

GONE_AFTER_S = 3.0
"""A follower asks several times a second."""


@dataclass(frozen=True)
class _Report:
    changes: int
    busy: tuple[str, ...]
    heard_at: float


class Participants:
    """The participants of one clock. ``now`` is always the event loop's time in seconds, never the stand's."""

    def __init__(self) -> None:
        self._probes: dict[str, Probe] = {}
        self._reports: dict[str, _Report] = {}

    def join(self, name: str, probe: Probe) -> None:
        """Take part under ``name``; in place of whoever had it."""
        self._probes[name] = probe

    def leave(self, name: str) -> None:
        """Take no part any more."""
        self._probes.pop(name, None)

    def report(self, name: str, changes: int, busy: tuple[str, ...], now: float) -> None:
        """A process that follows says which change it has seen and what in it is still busy."""
        self._reports[name] = _Report(changes, busy, now)

    async def busy_here(self, changes: int) -> tuple[str, ...]:
        """What of this process is not at rest after change number ``changes``."""
        found = []
        for name, probe in list(self._probes.items()):
            reason = await probe(changes)
            if reason is not None:
                found.append(f"{name}: {reason}")
        return tuple(found)

    async def busy(self, changes: int, now: float) -> tuple[str, ...]:
        """What anywhere is not at rest after change number ``changes``; empty: the stand has settled."""
        found = list(await self.busy_here(changes))
        for name, report in list(self._reports.items()):
            if now - report.heard_at > GONE_AFTER_S:
                del self._reports[name]
            elif report.changes != changes:
                found.append(f"{name}: has another time")
            else:
                found += report.busy
        return tuple(found)
