"""Lock-out after failures: pure, on the stand's elapsed time, for known and unknown names alike."""

from dataclasses import dataclass, field, replace
from datetime import timedelta


@dataclass(frozen=True)
class Lockout:
    """The rule: so many failures within ``window`` lock a name out for ``window`` after the last of them."""

    failures: int
    window: timedelta


@dataclass(frozen=True)
class Attempts:
    """What has failed under one name (who, from where, with which device), registered or not. Field names are the
    columns. Times are ``Clock.elapsed_s``: a clock that is set back neither revives a lock nor makes it longer."""

    subject: str
    failures: list[float] = field(default_factory=list)
    """Oldest first."""
    ends_s: float = 0.0
    """From then on it says nothing any more, and can be forgotten."""

    def locked_for(self, elapsed_s: float, rule: Lockout) -> float:
        """Seconds until the next try; 0 if it may be now."""
        if len(self.failures) < rule.failures:
            return 0.0
        return max(0.0, self.failures[-1] + rule.window.total_seconds() - elapsed_s)

    def failed(self, elapsed_s: float, rule: Lockout) -> "Attempts":
        """One more failure; those that no longer count are forgotten. Trying does not make a lock any longer."""
        if self.locked_for(elapsed_s, rule) > 0:
            return self
        window = rule.window.total_seconds()
        # A lock that has run out starts a new count.
        former = [] if len(self.failures) >= rule.failures else self.failures
        counting = [*(moment for moment in former if moment > elapsed_s - window), elapsed_s]
        return replace(self, failures=counting, ends_s=elapsed_s + window)
