"""How many applications are on their way at the same time, as far as one reader can see."""

from collections.abc import Iterable

from shared.messages.systems import System

WINDOW_S = 0.05
CROWDED = 6
"""So many different applications within one or two windows are load; one after the other, however fast, shows two or
three."""
PATIENCE_S = 0.008
"""For each of them: a small crowd is kept waiting for a moment, a large one waits anyway."""
LONGEST_S = 0.1
"""However many they are."""
_OF_NO_APPLICATION = frozenset(system.value.encode() for system in System)
"""The keys of delivery receipts, which come from every neighbour also when one application is on its way."""


class Crowd:
    """Counts the applications whose records came in the last moments, by the records' keys."""

    def __init__(self) -> None:
        self._since = 0.0
        self._now: set[bytes | None] = set()
        self._before: set[bytes | None] = set()

    def note(self, keys: Iterable[bytes | None], at: float) -> None:
        """Records with these keys came at the moment ``at`` (seconds, any steady clock)."""
        passed = at - self._since
        if passed >= WINDOW_S:
            self._before = self._now if passed < 2 * WINDOW_S else set()
            self._now, self._since = set(), at
        self._now.update(key for key in keys if key not in _OF_NO_APPLICATION)

    @property
    def patience_s(self) -> float:
        """How long it is worth waiting for more to come, so that they share a transaction; 0 for a few."""
        there = len(self._now | self._before)
        return 0.0 if there < CROWDED else min(LONGEST_S, there * PATIENCE_S)
