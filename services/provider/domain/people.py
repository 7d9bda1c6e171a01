"""Officers' sign-in, and visitors who booked a time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class Lockout:
    """Failed sign-ins of one login, whether it exists or not."""

    login: str
    failures: int
    since: datetime

    def failed(self, at: datetime, window: timedelta) -> Self:
        """One more failure; the count starts anew after the window."""
        if at - self.since >= window:
            return replace(self, failures=1, since=at)
        return replace(self, failures=self.failures + 1)

    def seconds_left(self, at: datetime, window: timedelta, allowed: int) -> int:
        """For how many seconds the login stays locked; 0 if it is not."""
        if self.failures < allowed:
            return 0
        return max(0, -int(-(self.since + window - at).total_seconds() // 1))


@dataclass(frozen=True, slots=True)
class OfficerSession:
    """A signed-in officer; the token itself is not kept."""

    token_hash: str
    login: str
    expires_at: datetime
    ends_s: float
    """``Clock.elapsed_s`` at its end: a clock that is set back does not revive it."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A time at the office that somebody booked by telephone or in person. ``key``: organisation and moment."""

    key: str
    provider_bin: str
    regulation: str
    at: datetime
    name: str
    phone: str
    means: str
    booked_by: str
    booked_at: datetime
