"""The electronic queue of a counter: booked visits, and people who just come in. Nobody is served out of turn.

Whose counter it is, a centre's or the provider's own, makes no difference: a visit waits, is called, is served, and its
wait and its service have the terms that the regulation of its service states.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from shared.regulations.calendar import WorkCalendar
from shared.regulations.errors import WrongState
from shared.regulations.model import Regulation

WAITING, SERVICE = "waiting", "service"
"""The two terms of a visit, as regulations call them."""


class VisitState(StrEnum):
    """Where a visit stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    NO_SHOW = "no_show"
    """The visitor was called and did not come."""
    CANCELLED = "cancelled"


class VisitTerms(NamedTuple):
    """By when a visitor is to be called, and by when to be served; ``None``: the regulation sets no such term."""

    wait_due_at: datetime | None
    service_due_at: datetime | None


@dataclass(frozen=True)
class Visit:
    """One visitor's place. Field names are the columns; ``due_at`` is the booked time, or when a walk-in came."""

    id: str
    place: str
    """Code of the centre, or of the organisation whose counter it is."""
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

    matter: str | None = None
    """What the visitor came for."""
    wait_due_at: datetime | None = None
    service_due_at: datetime | None = None
    ended_at: datetime | None = None
    wait_overdue_at: datetime | None = None
    """When it was noticed that the wait was too long."""
    service_overdue_at: datetime | None = None
    watch_at: datetime | None = None
    """When it has to be looked at because a term ends."""

    def called(self, login: str, at: datetime) -> "Visit":
        """The visitor is called to an operator. Raises ``WrongState``."""
        self._must_be(VisitState.WAITING)
        return _watched(replace(self, state=VisitState.CALLED.value, called_by=login, called_at=at))

    def for_matter(self, matter: str, service: str) -> "Visit":
        """What the called visitor came for has its matter. Raises ``WrongState``."""
        self._must_be(VisitState.CALLED)
        if self.matter not in (None, matter):
            raise WrongState("the visit is that of another matter", state=self.state)
        return replace(self, matter=matter, service=service)

    def with_terms(self, terms: VisitTerms) -> "Visit":
        """With the terms of the service."""
        return _watched(replace(self, wait_due_at=terms.wait_due_at, service_due_at=terms.service_due_at))

    def served(self, at: datetime) -> "Visit":
        """The visitor leaves the window. Raises ``WrongState``."""
        self._must_be(VisitState.CALLED)
        return _watched(replace(self, state=VisitState.SERVED.value, ended_at=at))

    def not_come(self, at: datetime) -> "Visit":
        """The called visitor did not come; their turn is over. Raises ``WrongState``, also once they are served."""
        self._must_be(VisitState.CALLED)
        if self.matter is not None:
            raise WrongState("the visitor is at the window", state=self.state)
        return _watched(replace(self, state=VisitState.NO_SHOW.value, ended_at=at))

    def cancelled(self) -> "Visit":
        """The booking is given up. Raises ``WrongState``."""
        self._must_be(VisitState.WAITING)
        return _watched(replace(self, state=VisitState.CANCELLED.value))

    @property
    def waited_too_long(self) -> bool:
        """Whether the visitor was called after the longest wait."""
        due, called = self.wait_due_at, self.called_at
        return due is not None and called is not None and due < called

    def overran(self, at: datetime) -> tuple["Visit", list[tuple[str, datetime]]]:
        """The terms that have passed at ``at`` unnoticed: the visit with them noted, and each (``WAITING``,
        ``SERVICE``) with its end."""
        found: list[tuple[str, datetime]] = []
        known = self
        wait, service = _wait_end(self), _service_end(self)
        if wait is not None and wait < at:
            known = replace(known, wait_overdue_at=at)
            found.append((WAITING, wait))
        if service is not None and service < at:
            known = replace(known, service_overdue_at=at)
            found.append((SERVICE, service))
        return _watched(known), found

    def _must_be(self, state: VisitState) -> None:
        if self.state != state:
            raise WrongState(f"the visit is {self.state}", state=self.state)


def _wait_end(visit: Visit) -> datetime | None:
    """The end of the longest wait, while it counts: the visitor waits, or was called too late, unnoticed."""
    counts = visit.state == VisitState.WAITING or visit.waited_too_long
    return visit.wait_due_at if counts and visit.wait_overdue_at is None else None


def _service_end(visit: Visit) -> datetime | None:
    """The end of the longest service, while it counts."""
    counts = visit.state == VisitState.CALLED and visit.service_overdue_at is None
    return visit.service_due_at if counts else None


def _watched(visit: Visit) -> Visit:
    """With the moment after which it has to be looked at."""
    moments = [moment for moment in (_wait_end(visit), _service_end(visit)) if moment is not None]
    return replace(visit, watch_at=min(moments, default=None))


def next_visit(visits: Sequence[Visit], at: datetime) -> Visit | None:
    """Who is called next: of those whose time has come, whoever's came first. No visit counts more than another."""
    due = [visit for visit in visits if visit.state == VisitState.WAITING and visit.due_at <= at]
    return min(due, key=lambda visit: (visit.due_at, visit.taken_at, visit.id), default=None)


def timed(visit: Visit, regulation: Regulation, channel: str, calendar: WorkCalendar) -> Visit:
    """The visit with the longest wait and the longest service that the regulation states for the channel; ``calendar``:
    the working time of whoever serves."""
    wait = _end(regulation, channel, WAITING, visit.due_at, calendar)
    return visit.with_terms(VisitTerms(wait, _end(regulation, channel, SERVICE, visit.called_at, calendar)))


def noted(visit: Visit, at: datetime) -> tuple[Visit, list[tuple[str, datetime]]]:
    """A visit that has just got its matter: with the terms that have passed noted, and each with its end. That the wait
    was too long may have been noticed before there was a matter to say it of."""
    known, found = visit.overran(at)
    late = dict(found)
    if visit.waited_too_long and visit.wait_due_at is not None:
        late[WAITING] = visit.wait_due_at
    return known, [(what, late[what]) for what in (WAITING, SERVICE) if what in late]


def _end(
    regulation: Regulation, channel: str, kind: str, start: datetime | None, calendar: WorkCalendar
) -> datetime | None:
    for term in regulation.terms:
        if start is not None and term.kind == kind and (not term.channels or channel in term.channels):
            return calendar.due(start, term.duration)
    return None
