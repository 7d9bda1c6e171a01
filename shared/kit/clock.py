"""The stand's only source of time.

Certificates, tokens, terms and back-off all ask a ``Clock``; a convention test forbids the
wall clock elsewhere. The clock can be set, advanced and resumed, so a test may live through a
month in a second (design: "Time").
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.kit.participants import Participants
from shared.kit.resets import Resets

Forward = Callable[[dict[str, Any], float], Awaitable[dict[str, Any]]]
"""Given a change as JSON and the seconds to wait for rest: the answer of the clock that is followed."""


def _wall() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Stand time: real time plus an offset, or a frozen instant.

    All instants are aware and in UTC. One object serves every service of a process.
    """

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen_at: datetime | None = None
        self._set_back = timedelta()
        self.changes = 0
        """How often stand time was moved: who has seen to everything that was due at some count is at rest."""
        self.listeners: list[Callable[[], None]] = []
        """Called after every change."""
        self.participants = Participants()
        """Who lives by this clock and can say whether it is at rest."""
        self.resets = Resets()
        """Who lives by this clock is reset together."""
        self.forward: Forward | None = None
        """How a change is passed on to the clock that this one follows, if it follows one."""

    def now(self) -> datetime:
        """The current stand time as an aware UTC datetime."""
        if self._frozen_at is not None:
            return self._frozen_at
        return _wall() + self._offset

    def timestamp(self) -> float:
        """The current stand time as seconds since the Unix epoch."""
        return self.now().timestamp()

    @property
    def set_back_s(self) -> float:
        """Seconds by which stand time was ever set back, all times together. ``now`` plus these never goes back."""
        return self._set_back.total_seconds()

    @property
    def frozen(self) -> bool:
        """Whether time stands still until ``resume``."""
        return self._frozen_at is not None

    def advance(self, by: timedelta) -> datetime:
        """Move stand time by ``by`` (which may be negative) and return the new time."""
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
        """Stand where another clock does (``position``, ``changes`` and ``set_back_s`` of it)."""
        self._offset, self._frozen_at, self.changes = timedelta(seconds=ahead_s), frozen_at, changes
        self._set_back = timedelta(seconds=set_back_s)


def rfc3339(instant: datetime) -> str:
    """``instant`` as RFC 3339 text in UTC with milliseconds and ``Z``, the form used on the wire."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
