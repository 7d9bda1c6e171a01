"""What a centre keeps of its electronic queue beside the visits: how many are booked for a slot, and numbers given."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class SlotUse:
    """How many are booked for one slot of a centre."""

    key: str
    centre: str
    starts_at: datetime
    taken: int = 0

    def one_more(self) -> "SlotUse":
        """One more booking."""
        return replace(self, taken=self.taken + 1)

    def one_less(self) -> "SlotUse":
        """One booking given up."""
        return replace(self, taken=max(0, self.taken - 1))


@dataclass(frozen=True)
class Counter:
    """The last number given under a name."""

    name: str
    last: int = 0

    def next(self) -> "Counter":
        """With one number more."""
        return replace(self, last=self.last + 1)
