"""Officers' sign-in, and visitors who booked a time."""

from dataclasses import dataclass
from datetime import datetime


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
