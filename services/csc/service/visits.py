"""The electronic queue of each centre («электронная» очередь): booking, coming in, being called.

Nobody is served out of turn: there is no accelerated service, so there is no way to ask for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.csc.domain.hours import slots
from services.csc.domain.people import Centre, Operator
from services.csc.domain.visits import Counter, SlotUse
from services.csc.errors import NotBookable, SlotTaken
from services.csc.repository import COUNTERS, MATTERS, SLOT_USES, VISITS, queries
from services.csc.service.attendance import timed
from services.csc.service.context import Context, checked_id
from services.csc.service.journal import journal_overdue
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import Conflict, Forbidden, InvalidInput, NotFound
from shared.messaging.work import Work
from shared.regulations.model import Regulation
from shared.regulations.visits import Visit, next_visit


@dataclass(frozen=True)
class Slot:
    """A time at a centre, and how many may still book it."""

    starts_at: datetime
    ends_at: datetime
    free: int


class Visits:
    """Use cases of the queue."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def centres(self) -> list[Centre]:
        """The centres."""
        return list(self._context.centres.values())

    async def slots(self, centre_code: str, day: date, service: str | None = None) -> list[Slot]:
        """The slots of a day that have not begun, in order; none on a closed day or beyond the days that can be booked.
        Raises as ``book``."""
        centre, now = self._centre(centre_code), self._context.clock.now()
        minutes = self._context.settings.slot_minutes
        regulation = self._regulation(centre, service)
        if regulation is not None:
            _require_booking(regulation, centre.channel)
        starts = [start for start in self._bookable(centre, regulation, day) if start > now]
        if not starts:
            return []
        async with self._context.platform.database.session() as session:
            uses = await queries.slot_uses(session, centre.code, starts[0], starts[-1])
        length = timedelta(minutes=minutes)
        return [Slot(start, start + length, centre.windows - _taken(uses.get(start))) for start in starts]

    async def book(self, centre_code: str, starts_at: datetime, visitor: str, service: str | None) -> Visit:
        """Book a slot, e.g. through the portal. ``visitor`` is a masked IIN.

        Raises ``NotFound`` (centre, service), ``ChannelNotOffered``, ``NotBookable``, ``InvalidInput`` (no such slot),
        ``SlotTaken``.
        """
        centre = self._centre(centre_code)
        regulation = self._regulation(centre, service)
        if regulation is not None:
            _require_booking(regulation, centre.channel)
        day = starts_at.astimezone(self._context.zone).date()
        if starts_at <= self._context.clock.now() or starts_at not in self._bookable(centre, regulation, day):
            message = "no slot that can be booked begins then"
            raise InvalidInput(message, faults=[{"in": "body", "path": "/starts_at", "message": message}])
        slot, number = _slot_key(centre.code, starts_at), _day_counter(centre.code, day)
        async with self._context.platform.runtime.work([(SLOT_USES, slot), (COUNTERS, number)]) as work:
            use = work.get(SLOT_USES, slot) or SlotUse(slot, centre.code, starts_at)
            if use.taken >= centre.windows:
                raise SlotTaken("everybody who works then is booked")
            work.put(SLOT_USES, use.one_more())
            visit = Visit(
                id=work.new_id(),
                place=centre.code,
                number=_number(work, number, "B"),
                booked=True,
                due_at=starts_at,
                taken_at=work.now,
                service=service,
                visitor=visitor,
            )
            visit = timed(self._context, visit)
            work.put(VISITS, visit)
        return visit

    async def cancel(self, visit_id: str) -> None:
        """Give a booking up; its slot is free again. Raises ``NotFound``, ``WrongState``."""
        async with self._context.platform.database.session() as session:
            seen = (await VISITS.load(session, [checked_id(visit_id)])).get(visit_id)
        if seen is None or not seen.booked:
            raise NotFound("there is no such booking")
        slot = _slot_key(seen.place, seen.due_at)
        async with self._context.platform.runtime.work([(VISITS, visit_id), (SLOT_USES, slot)]) as work:
            visit, use = work.get(VISITS, visit_id), work.get(SLOT_USES, slot)
            if visit is None:
                raise NotFound("there is no such booking")
            work.put(VISITS, visit.cancelled())
            if use is not None:
                work.put(SLOT_USES, use.one_less())

    async def come_in(self, operator: Operator, centre_code: str, service: str | None) -> Visit:
        """Somebody comes without a booking and is given a number. Raises ``NotFound``, ``Forbidden`` for another centre
        than the operator's, ``Conflict`` while it is closed, or while so many wait that no more can be served."""
        centre, now = self._centre(centre_code), self._context.clock.now()
        if centre.code != operator.centre:
            raise Forbidden("an operator gives numbers at their own centre")
        calendar = self._context.opening(centre, self._regulation(centre, service))
        opens = calendar.received_at(now)
        if opens > now:
            raise Conflict("the centre is closed", opens_at=rfc3339(opens))
        if len(await self.waiting(centre.code)) >= self._context.settings.waiting_visitors:
            raise Conflict("so many wait that no more can be served")
        number = _day_counter(centre.code, now.astimezone(self._context.zone).date())
        loads: list[StateKey] = [(COUNTERS, number)]
        async with self._context.platform.runtime.work(loads) as work:
            visit = Visit(
                id=work.new_id(),
                place=centre.code,
                number=_number(work, number, "A"),
                booked=False,
                due_at=work.now,
                taken_at=work.now,
                service=service,
            )
            visit = timed(self._context, visit)
            work.put(VISITS, visit)
        return visit

    async def waiting(self, centre_code: str) -> list[Visit]:
        """Who waits now, in the order in which they are called. Raises ``NotFound``."""
        centre, now = self._centre(centre_code), self._context.clock.now()
        async with self._context.platform.database.session() as session:
            return await queries.waiting_visits(session, centre.code, now)

    async def call_next(self, operator: Operator) -> Visit | None:
        """The operator calls whoever is next at their centre; ``None`` if nobody waits."""
        while True:
            seen = next_visit(await self.waiting(operator.centre), self._context.clock.now())
            if seen is None:
                return None
            async with self._context.platform.runtime.work([(VISITS, seen.id)]) as work:
                visit = work.get(VISITS, seen.id)
                # Meanwhile another operator may have called them.
                if visit == seen:
                    called = timed(self._context, visit.called(operator.login, work.now))
                    work.put(VISITS, called)
                    return called

    async def finish(self, operator: Operator, visit_id: str) -> Visit:
        """The called visitor leaves the window. Raises ``NotFound``, ``WrongState``."""
        return await self._ended(operator, visit_id, Visit.served)

    async def not_come(self, operator: Operator, visit_id: str) -> Visit:
        """The called visitor did not come; the next one can be called. Raises ``NotFound``, ``WrongState``."""
        return await self._ended(operator, visit_id, Visit.not_come)

    async def of_centre(
        self, operator: Operator, *, overdue: bool | None, before: str | None, limit: int
    ) -> list[Visit]:
        """The visits at the operator's centre, latest first; ``overdue``: only those with a wait or a service that was
        too long, or only the others."""
        async with self._context.platform.database.session() as session:
            return await queries.list_visits(session, operator.centre, overdue=overdue, before=before, limit=limit)

    def note_overdue(self, work: Work, visit_id: str) -> None:
        """A wait or a service has taken too long: noted, and journaled of the matter it is about."""
        visit = work.get(VISITS, visit_id)
        if visit is None:
            return
        noted, found = visit.overran(work.now)
        matter = work.get(MATTERS, visit.matter) if visit.matter else None
        for what, due in found:
            if matter is not None:
                journal_overdue(work, matter, what, due)
        work.put(VISITS, noted)

    async def _ended(self, operator: Operator, visit_id: str, end: Callable[[Visit, datetime], Visit]) -> Visit:
        async with self._context.platform.database.session() as session:
            seen = (await VISITS.load(session, [checked_id(visit_id)])).get(visit_id)
        if seen is None or seen.place != operator.centre:
            raise NotFound("there is no such visit")
        loads: list[StateKey] = [(VISITS, visit_id), *([(MATTERS, seen.matter)] if seen.matter else [])]
        async with self._context.platform.runtime.work(loads) as work:
            self.note_overdue(work, visit_id)
            visit = work.get(VISITS, visit_id)
            if visit is None:
                raise NotFound("there is no such visit")
            ended = end(visit, work.now)
            work.put(VISITS, ended)
        return ended

    def _bookable(self, centre: Centre, regulation: Regulation | None, day: date) -> list[datetime]:
        today = self._context.clock.now().astimezone(self._context.zone).date()
        if not today <= day <= today + timedelta(days=self._context.settings.booking_days):
            return []
        calendar = self._context.opening(centre, regulation)
        return list(slots(calendar, day, self._context.settings.slot_minutes))

    def _regulation(self, centre: Centre, service: str | None) -> Regulation | None:
        return None if service is None else self._context.offered(service, centre.channel)[0]

    def _centre(self, code: str) -> Centre:
        found = self._context.centres.get(code)
        if found is None:
            raise NotFound("there is no such centre")
        return found


def _require_booking(regulation: Regulation, channel: str) -> None:
    """Raises ``NotBookable`` where the text says that visitors are taken without booking."""
    for schedule in regulation.schedules:
        if channel in schedule.channels and schedule.pre_booking is False:
            raise NotBookable("visitors are taken in turn, without booking in advance", clause=schedule.clause)


def _taken(use: SlotUse | None) -> int:
    return 0 if use is None else use.taken


def _slot_key(centre: str, starts_at: datetime) -> str:
    return f"{centre}/{rfc3339(starts_at)}"


def _day_counter(centre: str, day: date) -> str:
    return f"visits:{centre}:{day.isoformat()}"


def _number(work: Work, name: str, letter: str) -> str:
    """The next number of the day, e.g. ``A012``; letters tell walk-ins (A) from bookings (B)."""
    counter = (work.get(COUNTERS, name) or Counter(name)).next()
    work.put(COUNTERS, counter)
    return f"{letter}{counter.last:03d}"
