"""Lock-out after failed sign-ins: pure, on the stand's time, for known and unknown names alike."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Lockout:
    """The rule: so many failures within ``window`` lock a name out for ``window`` after the last of them."""

    failures: int
    window: timedelta


@dataclass(frozen=True)
class Attempts:
    """Failed sign-ins of one name (an IIN or a login), registered or not: seconds since the epoch, oldest first."""

    subject: str
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
