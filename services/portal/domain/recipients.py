"""Registered recipients and their sessions."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Recipient:
    """A recipient registered on the portal (услугополучатель)."""

    iin: str
    password_hash: str
    registered_at: datetime
    certificate: bytes | None = None
    """DER of the registration certificate, if one was given."""


@dataclass(frozen=True)
class Session:
    """A granted sign-in. ``token_hash`` is all the portal keeps of the token."""

    token_hash: str
    iin: str
    registered_at: datetime
    opened_at: datetime
    expires_at: datetime
    ends_s: float
    """``Clock.elapsed_s`` at its end: a clock that is set back does not revive it."""

    def serves(self, elapsed_s: float) -> bool:
        """Whether it still serves, at this ``Clock.elapsed_s``."""
        return elapsed_s < self.ends_s
