"""The stand's only source of time.

Certificates, tokens, terms and back-off all ask a ``Clock``; a convention test forbids the
wall clock elsewhere. The clock can be set, advanced and resumed, so a test may live through a
month in a second (design: "Time").
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from shared.kit.participants import Participants
from shared.kit.resets import Resets

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
"""Between these the stand's clock can be set. An IIN writes no later century, and certificates are valid as long."""

Forward = Callable[[dict[str, Any], float], Awaitable[dict[str, Any]]]
"""Given a change as JSON and the seconds to wait for rest: the answer of the clock that is followed."""


MOVED_LATELY_S = 60.0
"""Real seconds for which a place is remembered that the clock has left. What takes longer is signed anew meanwhile."""
_PLACES_KEPT = 100


def _wall() -> datetime:
    return datetime.now(UTC)


def _reading(offset: timedelta, frozen_at: datetime | None) -> datetime:
    return _wall() + offset if frozen_at is None else frozen_at


class Clock:
    """Stand time: real time plus an offset, or a frozen instant.

    All instants are aware and in UTC. One object serves every service of a process.
    """

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen_at: datetime | None = None
        self._set_back = timedelta()
        self._left: list[tuple[float, timedelta, datetime | None]] = []
        self.changes = 0
        """How often stand time was moved: who has seen to everything that was due at some count is at rest."""
        self.listeners: list[Callable[[], None]] = []
        """Called after every change."""
        self.faults: list[Callable[[], str | None]] = []
        """Whoever keeps this clock, or follows another with it: why that is not done just now; for ``/readyz``."""
        self.participants = Participants()
        """Who lives by this clock and can say whether it is at rest."""
        self.resets = Resets()
        """Who lives by this clock is reset together."""
        self.forward: Forward | None = None
        """How a change is passed on to the clock that this one follows, if it follows one."""
        self.catch_up: Callable[[], Awaitable[object]] | None = None
        """Asks the clock that this one follows, if it follows one, where it stands now."""

    @property
    def fault(self) -> str | None:
        """Why it is not the stand's time that it shows, or why a restart would lose it."""
        return "; ".join(dict.fromkeys(found for fault in self.faults if (found := fault()))) or None

    def now(self) -> datetime:
        """The current stand time as an aware UTC datetime."""
        return _reading(self._offset, self._frozen_at)

    def readings(self) -> list[datetime]:
        """Stand time now, and what it would be now, had the clock not been moved in the last minute of real time.

        Whoever has heard of a move meets those who have not, and what was under way meanwhile.
        """
        self._forget()
        return [self.now(), *(_reading(offset, frozen_at) for _, offset, frozen_at in reversed(self._left))]

    def _forget(self) -> None:
        since = monotonic() - MOVED_LATELY_S
        self._left = [place for place in self._left if place[0] >= since][-_PLACES_KEPT:]

    def _leave_place(self) -> None:
        self._forget()
        self._left.append((monotonic(), self._offset, self._frozen_at))

    def machine_now(self) -> datetime:
        """The machine's own time, wherever this clock stands: that of tools that know nothing of the stand."""
        return _wall()

    def timestamp(self) -> float:
        """The current stand time as seconds since the Unix epoch."""
        return self.now().timestamp()

    @property
    def set_back_s(self) -> float:
        """Seconds by which stand time was ever set back, all times together. ``now`` plus these never goes back."""
        return self._set_back.total_seconds()

    @property
    def elapsed_s(self) -> float:
        """Seconds of stand time since 1970 that never go back: whatever was set back is counted on. What ends by these
        has ended for good, wherever the clock is set afterwards."""
        return self.timestamp() + self.set_back_s

    @property
    def offset_s(self) -> float:
        """Seconds by which stand time is ahead of real time just now; negative where it is behind."""
        ahead = self._offset if self._frozen_at is None else self._frozen_at - _wall()
        return ahead.total_seconds()

    @property
    def frozen(self) -> bool:
        """Whether time stands still until ``resume``."""
        return self._frozen_at is not None

    def advance(self, by: timedelta) -> datetime:
        """Move stand time by ``by`` (which may be negative) and return the new time."""
        self._leave_place()
        if self._frozen_at is not None:
            self._frozen_at += by
        else:
            self._offset += by
        self._set_back += max(-by, timedelta())
        self._moved()
        return self.now()

    def set(self, instant: datetime, *, freeze: bool = False) -> datetime:
        """Jump to ``instant`` (aware); with ``freeze`` time stands still there.

        Raises ``ValueError`` for a naive datetime.
        """
        if instant.tzinfo is None:
            raise ValueError("the stand's clock takes aware datetimes only")
        instant = instant.astimezone(UTC)
        wall = _wall()
        self._leave(self._frozen_at or wall + self._offset, instant)
        self._offset = instant - wall
        self._frozen_at = instant if freeze else None
        self._moved()
        return self.now()

    def resume(self) -> datetime:
        """Return to real time and return it."""
        wall = _wall()
        self._leave(self._frozen_at or wall + self._offset, wall)
        self._offset = timedelta()
        self._frozen_at = None
        self._moved()
        return self.now()

    def _leave(self, before: datetime, after: datetime) -> None:
        self._leave_place()
        self._set_back += max(before - after, timedelta())

    def _moved(self) -> None:
        self.changes += 1
        for listener in self.listeners:
            listener()

    @property
    def position(self) -> tuple[float, datetime | None]:
        """Where the clock stands: seconds ahead of real time, and the instant at which it is frozen, if it is."""
        return self._offset.total_seconds(), self._frozen_at

    def adopt(self, ahead_s: float, frozen_at: datetime | None, changes: int, set_back_s: float) -> None:
        """Stand where another clock does (``position``, ``changes`` and ``set_back_s`` of it).

        Raises ``OverflowError`` or ``ValueError`` for seconds that are no span of time; then it stands where it stood.
        """
        offset, set_back = timedelta(seconds=ahead_s), timedelta(seconds=set_back_s)
        self._leave_place()
        self._offset, self._frozen_at, self.changes, self._set_back = offset, frozen_at, changes, set_back


def rfc3339(instant: datetime) -> str:
    """``instant`` as RFC 3339 text in UTC with milliseconds and ``Z``, the form used on the wire."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
