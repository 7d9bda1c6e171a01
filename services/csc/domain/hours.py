"""Opening hours of the centres, the slots of the electronic queue, and when a result may be fetched.

Times are local times of the centres' zone; what is a holiday is told from outside.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import cast

from shared.regulations.intake import Storage
from shared.regulations.model import Regulation
from shared.regulations.terms import Hours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_CLOSED = 60
"""Days looked through for the next open one."""

IsHoliday = Callable[[date], bool]


@dataclass(frozen=True)
class OpeningHours:
    """When a centre is open. ``hours`` are those of the regulation."""

    hours: Hours
    zone: tzinfo
    is_holiday: IsHoliday

    def open_on(self, day: date) -> list[tuple[time, time]]:
        """The intervals in which it is open that day, in order; none on a closed day."""
        hours = self.hours
        if _DAYS[day.weekday()] not in hours.days or (hours.except_holidays and self.is_holiday(day)):
            return []
        opens, closes = hours.opens or time(0), hours.closes or time(23, 59)
        if hours.lunch is None:
            return [(opens, closes)]
        return [(opens, hours.lunch.opens), (hours.lunch.closes, closes)]

    def next_open(self, at: datetime) -> datetime:
        """``at``, or the first moment after it at which the centre is open. Raises ``LookupError`` if there is none."""
        local = at.astimezone(self.zone)
        for offset in range(_LONGEST_CLOSED):
            day = local.date() + timedelta(days=offset)
            for first, last in self.open_on(day):
                opens, closes = self._at(day, first), self._at(day, last)
                if local < closes:
                    return max(local, opens)
        raise LookupError("the centre is closed for two months")

    def slots(self, day: date, minutes: int) -> Iterator[datetime]:
        """The beginnings of the slots of a day; a slot ends before the centre closes."""
        length = timedelta(minutes=minutes)
        for first, last in self.open_on(day):
            start, closes = self._at(day, first), self._at(day, last)
            while start + length <= closes:
                yield start
                start += length

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday and no holiday: what terms in working days count."""
        return day.weekday() < 5 and not self.is_holiday(day)

    def at_closing(self, day: date) -> datetime:
        """When the centre closes on the first open day from ``day`` on."""
        opened = self.next_open(self._at(day, time(0)))
        return self._at(opened.date(), self.open_on(opened.date())[-1][1])

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.zone)


def ready_by(regulation: Regulation, channel: str, accepted_at: datetime, opening: OpeningHours) -> datetime:
    """When the visitor may come for the result: the overall term of the service, else what the procedure takes.

    A term in days ends with the closing of the centre on its last day, or on the next open one. Units are never
    converted.
    """
    overall = [
        term.duration
        for term in regulation.terms
        if term.kind == "overall" and (not term.channels or channel in term.channels) and term.duration.value
    ]
    if not overall:
        minutes = sum(
            duration.value or 0
            for step in regulation.procedure
            for duration in step.durations
            if duration.unit == "minutes" and duration.variant == "default"
        )
        return opening.next_open(accepted_at + timedelta(minutes=minutes))
    duration = overall[0]
    return _after(opening, accepted_at, cast(int, duration.value), duration.unit)


def _after(opening: OpeningHours, at: datetime, value: int, unit: str | None) -> datetime:
    day = at.astimezone(opening.zone).date()
    match unit:
        case "minutes":
            return opening.next_open(at + timedelta(minutes=value))
        case "hours" | "working_hours":
            return opening.next_open(at + timedelta(hours=value))
        case "working_days":
            for _ in range(value):
                day += timedelta(days=1)
                while not opening.is_working_day(day):
                    day += timedelta(days=1)
        case "months":
            day = add_months(day, value)
        case _:
            day += timedelta(days=value)
    return opening.at_closing(day)


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


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def hours_of(regulations: Sequence[Regulation], channel: str) -> Hours:
    """The hours all regulations state for ``channel``. Raises ``ValueError`` if they state none, or different ones."""
    stated = {
        schedule.hours.model_dump_json(): schedule.hours
        for regulation in regulations
        for schedule in regulation.schedules
        if channel in schedule.channels
    }
    if len(stated) != 1:
        raise ValueError(f"the regulations state {len(stated)} different opening hours for {channel}")
    return next(iter(stated.values()))
