"""The electronic queue of each centre («электронная» очередь): booking, coming in, being called.

Nobody is served out of turn: there is no accelerated service, so there is no way to ask for it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.csc.domain.people import Centre, Operator
from services.csc.domain.visits import Counter, SlotUse, Visit, next_visit
from services.csc.errors import SlotTaken
from services.csc.repository import COUNTERS, SLOT_USES, VISITS, queries
from services.csc.service.context import Context, checked_id
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import Conflict, InvalidInput, NotFound
from shared.messaging.work import Work


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

    async def slots(self, centre_code: str, day: date) -> list[Slot]:
        """The slots of a day that have not begun, in order; none on a closed day or beyond the days that can be booked.
        Raises ``NotFound``."""
        centre, now = self._centre(centre_code), self._context.clock.now()
        minutes = self._context.settings.slot_minutes
        starts = [start for start in self._bookable(day) if start > now]
        if not starts:
            return []
        async with self._context.platform.database.session() as session:
            uses = await queries.slot_uses(session, centre.code, starts[0], starts[-1])
        length = timedelta(minutes=minutes)
        return [Slot(start, start + length, centre.windows - _taken(uses.get(start))) for start in starts]

    async def book(self, centre_code: str, starts_at: datetime, visitor: str, service: str | None) -> Visit:
        """Book a slot, e.g. through the portal. ``visitor`` is a masked IIN.

        Raises ``NotFound`` (centre, service), ``ChannelNotOffered``, ``InvalidInput`` (no such slot), ``SlotTaken``.
        """
        centre = self._centre(centre_code)
        if service is not None:
            self._context.offered(service)
        day = starts_at.astimezone(self._context.zone).date()
        if starts_at <= self._context.clock.now() or starts_at not in list(self._bookable(day)):
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
                centre=centre.code,
                number=_number(work, number, "B"),
                booked=True,
                due_at=starts_at,
                taken_at=work.now,
                service=service,
                visitor=visitor,
            )
            work.put(VISITS, visit)
        return visit

    async def cancel(self, visit_id: str) -> None:
        """Give a booking up; its slot is free again. Raises ``NotFound``, ``WrongState``."""
        async with self._context.platform.database.session() as session:
            seen = (await VISITS.load(session, [checked_id(visit_id)])).get(visit_id)
        if seen is None or not seen.booked:
            raise NotFound("there is no such booking")
        slot = _slot_key(seen.centre, seen.due_at)
        async with self._context.platform.runtime.work([(VISITS, visit_id), (SLOT_USES, slot)]) as work:
            visit, use = work.get(VISITS, visit_id), work.get(SLOT_USES, slot)
            if visit is None:
                raise NotFound("there is no such booking")
            work.put(VISITS, visit.cancelled())
            if use is not None:
                work.put(SLOT_USES, use.one_less())

    async def come_in(self, centre_code: str, service: str | None) -> Visit:
        """Somebody comes without a booking and takes a number. Raises ``NotFound``, ``Conflict`` while it is closed."""
        centre, now = self._centre(centre_code), self._context.clock.now()
        if service is not None:
            self._context.offered(service)
        opens = self._context.opening.next_open(now)
        if opens > now:
            raise Conflict("the centre is closed", opens_at=rfc3339(opens))
        number = _day_counter(centre.code, now.astimezone(self._context.zone).date())
        loads: list[StateKey] = [(COUNTERS, number)]
        async with self._context.platform.runtime.work(loads) as work:
            visit = Visit(
                id=work.new_id(),
                centre=centre.code,
                number=_number(work, number, "A"),
                booked=False,
                due_at=work.now,
                taken_at=work.now,
                service=service,
            )
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
                    called = visit.called(operator.login, work.now)
                    work.put(VISITS, called)
                    return called

    def _bookable(self, day: date) -> list[datetime]:
        today = self._context.clock.now().astimezone(self._context.zone).date()
        if not today <= day <= today + timedelta(days=self._context.settings.booking_days):
            return []
        return list(self._context.opening.slots(day, self._context.settings.slot_minutes))

    def _centre(self, code: str) -> Centre:
        found = self._context.centres.get(code)
        if found is None:
            raise NotFound("there is no such centre")
        return found


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
