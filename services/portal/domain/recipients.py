"""Registered recipients, their sessions, and the lock-out after failed sign-ins."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


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

    def valid_at(self, instant: datetime) -> bool:
        """Whether the session still serves."""
        return instant < self.expires_at


@dataclass(frozen=True)
class Lockout:
    """The rule: so many failures within ``window`` lock an IIN out for ``window`` after the last of them."""

    failures: int
    window: timedelta


@dataclass(frozen=True)
class Attempts:
    """Failed sign-ins of one IIN, registered or not: seconds since the epoch, oldest first."""

    iin: str
    failures: list[float] = field(default_factory=list)

    def locked_for(self, now: datetime, rule: Lockout) -> float:
        """Seconds until a sign-in may be tried again; 0 if it may be now."""
        if len(self.failures) < rule.failures:
            return 0.0
        return max(0.0, self.failures[-1] + rule.window.total_seconds() - now.timestamp())

    def failed(self, now: datetime, rule: Lockout) -> "Attempts":
        """One more failure; those that no longer count are forgotten. Trying does not make a lock any longer."""
        if self.locked_for(now, rule) > 0:
            return self
        # A lock that has run out starts a new count.
        former = [] if len(self.failures) >= rule.failures else self.failures
        since = now.timestamp() - rule.window.total_seconds()
        return replace(self, failures=[*(moment for moment in former if moment > since), now.timestamp()])
