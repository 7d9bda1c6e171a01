"""The electronic queue of a centre: booked visits, and people who just come in. Nobody is served out of turn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.csc.errors import WrongState


class VisitState(StrEnum):
    """Where a visit stands."""

    WAITING = "waiting"
    CALLED = "called"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Visit:
    """One visitor's place. Field names are the columns; ``due_at`` is the booked time, or when a walk-in came."""

    id: str
    centre: str
    number: str
    booked: bool
    due_at: datetime
    taken_at: datetime
    service: str | None = None
    visitor: str | None = None
    """Masked IIN, if the visit was booked for somebody."""
    state: str = VisitState.WAITING.value
    called_at: datetime | None = None
    called_by: str | None = None

    def called(self, login: str, at: datetime) -> "Visit":
        """The visitor is called to an operator. Raises ``WrongState``."""
        self._must_wait()
        return replace(self, state=VisitState.CALLED.value, called_by=login, called_at=at)

    def cancelled(self) -> "Visit":
        """The booking is given up. Raises ``WrongState``."""
        self._must_wait()
        return replace(self, state=VisitState.CANCELLED.value)

    def _must_wait(self) -> None:
        if self.state != VisitState.WAITING:
            raise WrongState(f"the visit is {self.state}", state=self.state)


def next_visit(visits: Sequence[Visit], at: datetime) -> Visit | None:
    """Who is called next: of those whose time has come, whoever's came first. No visit counts more than another."""
    due = [visit for visit in visits if visit.state == VisitState.WAITING and visit.due_at <= at]
    return min(due, key=lambda visit: (visit.due_at, visit.taken_at, visit.id), default=None)


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
