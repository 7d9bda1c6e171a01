"""Times at the office that visitors book in advance, by telephone or in person: only where the text has it."""

from datetime import UTC, datetime, timedelta

from services.provider import repository
from services.provider.domain.people import Booking
from services.provider.errors import BookingNotOffered, NotServedHere, TimeTaken
from services.provider.repository import BOOKINGS
from services.provider.service.context import Context
from services.provider.service.officers import Officer, Officers
from services.provider.service.visits import Visits
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput
from shared.messaging.platform import Platform
from shared.regulations.calendar import COUNTERS
from shared.regulations.model import Regulation
from shared.regulations.terms import Schedule

_SLOT = timedelta(minutes=15)
"""The longest time of service that the texts allow: one visitor each."""


class Bookings:
    """Use cases of advance booking."""

    def __init__(self, context: Context, officers: Officers, visits: Visits) -> None:
        self._visits = visits
        self._context = context
        self._officers = officers
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def book(self, officer: Officer, booking: Booking) -> Booking:
        """Note that a visitor comes at a time. The same again changes nothing.

        Raises ``NotFound``, ``BookingNotOffered`` with the clause that says so, ``InvalidInput`` for a time that is
        past or no quarter of an hour, ``TimeTaken``, ``NotServedHere``.
        """
        assert self._platform is not None, "bookings are opened with the platform"
        regulation, channel = self._bookable(booking.regulation)
        calendar = self._context.calendars.of(regulation, channel)
        local, own = self._context.local(booking.at), self._officers.organisation_of(officer)
        if booking.at <= self._platform.clock.now() or local.minute % 15 or local.second or local.microsecond:
            fault = {"in": "body", "path": "/at", "message": "a quarter of an hour that is still to come"}
            raise InvalidInput(faults=[fault])
        if own.bin not in self._context.organisations.rendering(regulation.id):
            raise NotServedHere(f"{own.code} does not render {regulation.id}")
        if not calendar.accepts(booking.at):
            raise TimeTaken("the office takes no documents then")
        key = f"{own.bin}/{rfc3339(booking.at)}"
        async with self._platform.runtime.work([(BOOKINGS, key), self._visits.numbers(own.code, booking.at)]) as work:
            known = work.get(BOOKINGS, key)
            if known is not None:
                if (known.name, known.phone, known.regulation) == (booking.name, booking.phone, booking.regulation):
                    return known
                raise TimeTaken("somebody else comes then")
            made = Booking(
                key=key,
                provider_bin=own.bin,
                regulation=regulation.id,
                at=booking.at.astimezone(UTC),
                name=booking.name,
                phone=booking.phone,
                means=booking.means,
                booked_by=officer.login,
                booked_at=work.now,
            )
            work.put(BOOKINGS, made)
            self._visits.booked(work, own, regulation.id, made.at)
        return made

    async def listed(
        self, officer: Officer, *, since: datetime | None, after: datetime | None, limit: int
    ) -> list[Booking]:
        """The times booked at the officer's organisation, from ``since`` (default: now) on and later than ``after``."""
        assert self._platform is not None, "bookings are opened with the platform"
        async with self._platform.database.session() as session:
            own = self._officers.organisation_of(officer).bin
            begin = since or self._platform.clock.now()
            return await repository.list_bookings(session, own, begin, after=after, limit=limit)

    def _bookable(self, regulation_id: str) -> tuple[Regulation, str]:
        """The regulation and the channel of its counter. Raises ``BookingNotOffered``."""
        regulation = self._context.regulations.get(regulation_id)
        if regulation is None:
            self._context.regulations.find(regulation_id, "office")  # raises NotFound with its words
        assert regulation is not None
        stated = [schedule for schedule in regulation.schedules if COUNTERS & set(schedule.channels)]
        offered = next((schedule for schedule in stated if schedule.pre_booking), None)
        if offered is None:
            against = _against(stated)
            raise BookingNotOffered(
                f"clause {against.clause}: without advance booking" if against else "the text has no advance booking",
                **({"clause": against.clause} if against else {}),
            )
        return regulation, next(name for name in offered.channels if name in COUNTERS)


def _against(stated: list[Schedule]) -> Schedule | None:
    return next((schedule for schedule in stated if schedule.pre_booking is False), None)
