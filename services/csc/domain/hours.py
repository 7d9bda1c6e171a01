"""When a centre takes visitors, the slots of the electronic queue, and when a result may be fetched."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from services.csc.domain.people import Centre, Stop
from shared.regulations.calendar import WorkCalendar, add_months
from shared.regulations.days_off import DaysOff
from shared.regulations.intake import Storage
from shared.regulations.model import Regulation

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_CLOSED = 60
"""Days looked through for the next open one."""


@dataclass(frozen=True, slots=True)
class TravellingCalendar(WorkCalendar):
    """Of a mobile centre: it works where and when it stops. Working days are counted as everywhere."""

    stops: tuple[Stop, ...] = ()

    def open_on(self, day: date, *, accepting: bool = False) -> list[tuple[datetime, datetime]]:  # noqa: ARG002 - it takes documents all the time
        """The stop of that day, in UTC; empty on a day off."""
        if self.hours.except_holidays and self.days_off.is_off(day):
            return []
        stops = (stop for stop in self.stops if stop.day == _DAYS[day.weekday()])
        return [(self._at(day, stop.opens), self._at(day, stop.closes)) for stop in stops]


def working_calendar(centre: Centre, regulation: Regulation | None, zone: tzinfo, days_off: DaysOff) -> WorkCalendar:
    """When people of the centre work for ``regulation``, and its terms run: as this states for its channel, else by the
    centre's own hours."""
    stated = (known.hours for known in regulation.schedules if centre.channel in known.channels) if regulation else ()
    return WorkCalendar(next(iter(stated), centre.hours), zone, days_off)


def opening_calendar(centre: Centre, regulation: Regulation | None, zone: tzinfo, days_off: DaysOff) -> WorkCalendar:
    """When the centre takes visitors for ``regulation``: a mobile one at its stops, every other while it works."""
    working = working_calendar(centre, regulation, zone, days_off)
    if not centre.stops:
        return working
    return TravellingCalendar(working.hours, zone, days_off, centre.stops)


def slots(calendar: WorkCalendar, day: date, minutes: int) -> Iterator[datetime]:
    """The beginnings of the slots of a day in local time; a slot ends before the centre closes."""
    length = timedelta(minutes=minutes)
    for first, last in calendar.open_on(day, accepting=True):
        start = first
        while start + length <= last:
            yield start.astimezone(calendar.zone)
            start += length


def ready_by(due: datetime, calendar: WorkCalendar) -> datetime:
    """When the visitor may come for a result that is due at ``due``: then, or at closing time of that day, or of the
    next open one if the centre is closed on it. Raises ``LookupError`` if it is closed for two months."""
    # The end of a day at 24:00 belongs to that day.
    first = (due - timedelta.resolution).astimezone(calendar.zone).date()
    for offset in range(_LONGEST_CLOSED):
        opened = calendar.open_on(first + timedelta(days=offset))
        if opened:
            closes = opened[-1][1]
            return calendar.received_at(due) if offset == 0 and due < closes else closes
    raise LookupError("the centre is closed for two months")


def kept_until(storage: Storage | None, at: datetime, zone: tzinfo) -> datetime | None:
    """Until when the centre keeps a result that could be collected from ``at`` on; ``None`` if the regulation sets no
    time."""
    if storage is None:
        return None
    local = at.astimezone(zone)
    match storage.unit:
        case "months":
            return datetime.combine(add_months(local.date(), storage.value), local.timetz())
        case "calendar_days" | "days_unspecified":
            return local + timedelta(days=storage.value)
        case _:
            raise ValueError(f"a result is kept for months or calendar days, not {storage.unit}")
