"""The electronic queue of an organisation's counter: coming in, being called, being served.

Whoever has booked a time stands on it for that time, where the text has booking at all; nobody is served out of turn.
Wait and service have the longest times that the regulation states, and what has passed is noted and journaled.
"""

from collections.abc import Callable
from datetime import datetime

from services.provider import repository
from services.provider.domain.matter import Matter
from services.provider.domain.register import Counter
from services.provider.repository import COUNTERS, MATTERS, VISITS
from services.provider.service.context import Context
from services.provider.service.journal import OVERDUE, mark
from services.provider.service.officers import Officer, Officers
from services.provider.service.organisations import Organisation
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import Conflict, Forbidden, InvalidInput, NotFound
from shared.messaging.platform import Platform
from shared.messaging.steps import find_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.calendar import COUNTERS as COUNTER_CHANNELS
from shared.regulations.errors import ChannelNotOffered
from shared.regulations.model import Regulation
from shared.regulations.visits import Visit, next_visit, noted, timed

_AT_ONCE = 100
MOST_WAITING = 300
"""Visitors who may wait at one counter at the same time; no more get a number."""


class Visits:
    """Use cases of the queue. A visit to another organisation does not exist for an officer (``NotFound``)."""

    def __init__(self, context: Context, officers: Officers) -> None:
        self._context = context
        self._officers = officers
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    # -- visitors --------------------------------------------------------------------------------------------

    def organisations(self) -> list[Organisation]:
        """The organisations, in the order of their file."""
        return list(self._context.organisations)

    async def come_in(self, officer: Officer, code: str, regulation_id: str) -> Visit:
        """Somebody comes for a service and is given a number.

        Raises ``NotFound`` (organisation, regulation), ``Forbidden`` for another organisation than the officer's,
        ``ChannelNotOffered`` where nothing is taken at its counter, ``Conflict`` while the office takes no documents,
        or while so many wait that no more can be served.
        """
        platform = self._opened()
        organisation, now = self._organisation(code), platform.clock.now()
        if organisation.code != officer.organisation:
            raise Forbidden("an officer gives numbers at their own organisation")
        regulation, channel = self._counter_of(organisation, regulation_id)
        opens_at = self._context.calendars.of(regulation, channel).received_at(now)
        if opens_at > now:
            raise Conflict("the office takes no documents now", opens_at=rfc3339(opens_at))
        if len(await self.waiting(organisation.code)) >= MOST_WAITING:
            raise Conflict("so many wait that no more can be served")
        async with platform.runtime.work([self.numbers(organisation.code, now)]) as work:
            visit = Visit(
                id=work.new_id(),
                place=organisation.code,
                number=self._number(work, organisation.code, now, "A"),
                booked=False,
                due_at=work.now,
                taken_at=work.now,
                service=regulation.id,
            )
            visit = self._timed(visit)
            work.put(VISITS, visit)
        return visit

    async def waiting(self, code: str) -> list[Visit]:
        """Who waits now, in the order in which they are called. Raises ``NotFound``."""
        organisation, platform = self._organisation(code), self._opened()
        async with platform.database.session() as session:
            return await repository.waiting_visits(session, organisation.code, platform.clock.now())

    def numbers(self, code: str, day: datetime) -> StateKey:
        """The counter of an organisation's numbers of a day; to be loaded before ``booked``."""
        return COUNTERS, f"visits/{code}/{self._context.local(day).date().isoformat()}"

    def booked(self, work: Work, organisation: Organisation, regulation: str, at: datetime) -> None:
        """A time was booked: the visitor stands on the queue for it."""
        visit = Visit(
            id=work.new_id(),
            place=organisation.code,
            number=self._number(work, organisation.code, at, "B"),
            booked=True,
            due_at=at,
            taken_at=work.now,
            service=regulation,
        )
        work.put(VISITS, self._timed(visit))

    # -- officers --------------------------------------------------------------------------------------------

    async def call_next(self, officer: Officer) -> Visit | None:
        """The officer calls whoever is next at their organisation; ``None`` if nobody waits."""
        platform = self._opened()
        while True:
            seen = next_visit(await self.waiting(officer.organisation), platform.clock.now())
            if seen is None:
                return None
            async with platform.runtime.work([(VISITS, seen.id)]) as work:
                visit = work.get(VISITS, seen.id)
                if visit == seen:  # else another officer has called them meanwhile
                    called = self._timed(visit.called(officer.login, work.now))
                    work.put(VISITS, called)
                    return called

    async def finish(self, officer: Officer, visit_id: str) -> Visit:
        """The called visitor leaves the counter. Raises ``NotFound``, ``WrongState``."""
        return await self._ended(officer, visit_id, Visit.served)

    async def not_come(self, officer: Officer, visit_id: str) -> Visit:
        """The called visitor did not come; the next one can be called. Raises ``NotFound``, ``WrongState``."""
        return await self._ended(officer, visit_id, Visit.not_come)

    async def listed(self, officer: Officer, *, overdue: bool | None, before: str | None, limit: int) -> list[Visit]:
        """The visits at the officer's organisation, latest first; ``overdue``: only those with a wait or a service that
        was too long, or only the others."""
        async with self._opened().database.session() as session:
            return await repository.list_visits(
                session, officer.organisation, overdue=overdue, before=before, limit=limit
            )

    def attend(self, work: Work, officer: Officer, matter: Matter, visit_id: str) -> None:
        """The called visitor hands in ``matter``; a term that has passed is journaled of it. It has to be loaded.

        Raises ``InvalidInput`` if no such visitor was called here, ``WrongState``.
        """
        visit = work.get(VISITS, visit_id)
        if visit is None or visit.place != officer.organisation:
            fault = {"in": "body", "path": "/visit", "message": "nobody was called with this visit"}
            raise InvalidInput(faults=[fault])
        met = self._timed(visit.for_matter(matter.application, matter.regulation), matter.channel)
        known, late = noted(met, work.now)
        for what, due_at in late:
            mark(work, matter, OVERDUE, detail=what, due_at=due_at)
        work.put(VISITS, known)

    # -- time ------------------------------------------------------------------------------------------------

    async def turn(self) -> int:
        """Note the waits and services that have taken too long; how many visits that were."""
        platform = self._opened()
        async with platform.database.session() as session:
            late = await repository.overdue_visits(session, platform.clock.now(), _AT_ONCE)
        for visit in late:
            async with platform.runtime.work(_loads(visit)) as work:
                _note_overdue(work, visit.id)
        return len(late)

    # -- inside ----------------------------------------------------------------------------------------------

    async def _ended(self, officer: Officer, visit_id: str, end: Callable[[Visit, datetime], Visit]) -> Visit:
        platform = self._opened()
        async with platform.database.session() as session:
            seen = (await VISITS.load(session, [visit_id])).get(visit_id)
        if seen is None or seen.place != officer.organisation:
            raise NotFound("there is no such visit")
        async with platform.runtime.work(_loads(seen)) as work:
            _note_overdue(work, visit_id)
            ended = end(work.get(VISITS, visit_id) or seen, work.now)
            work.put(VISITS, ended)
        return ended

    def _timed(self, visit: Visit, channel: str | None = None) -> Visit:
        assert visit.service is not None, "people come to a counter for a service"
        regulation, own = self._counter_of(self._organisation(visit.place), visit.service)
        return timed(visit, regulation, channel or own, self._context.calendars.of(regulation, channel or own))

    def _counter_of(self, organisation: Organisation, regulation_id: str) -> tuple[Regulation, str]:
        """The regulation and the channel in which the organisation takes its applications over the counter."""
        regulation = self._context.regulations.get(regulation_id)
        if regulation is None:
            raise NotFound("there is no such regulation")
        for channel in regulation.channels:
            taken = find_step(regulation, channel, Action.ACCEPT_APPLICATION) is not None
            if (
                taken
                and channel in COUNTER_CHANNELS
                and self._context.organisations.takes(organisation, regulation_id, channel)
            ):
                return regulation, channel
        raise ChannelNotOffered(f"{organisation.code} takes nothing for {regulation_id} at a counter")

    def _organisation(self, code: str) -> Organisation:
        try:
            return self._context.organisations.of_code(code)
        except KeyError:
            raise NotFound("there is no such organisation") from None

    def _number(self, work: Work, code: str, day: datetime, letter: str) -> str:
        """The next number of the day, e.g. ``A012``; letters tell walk-ins (A) from bookings (B)."""
        _, name = self.numbers(code, day)
        counter = (work.get(COUNTERS, name) or Counter(name)).next()
        work.put(COUNTERS, counter)
        return f"{letter}{counter.last:03d}"

    def _opened(self) -> Platform:
        assert self._platform is not None, "the queue is opened with the platform"
        return self._platform


def _loads(visit: Visit) -> list[StateKey]:
    return [(VISITS, visit.id), *([(MATTERS, visit.matter)] if visit.matter else [])]


def _note_overdue(work: Work, visit_id: str) -> None:
    visit = work.get(VISITS, visit_id)
    if visit is None:
        return
    known, found = visit.overran(work.now)
    matter = work.get(MATTERS, visit.matter) if visit.matter else None
    for what, due_at in found:
        if matter is not None:
            mark(work, matter, OVERDUE, detail=what, due_at=due_at)
    work.put(VISITS, known)
