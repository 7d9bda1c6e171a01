"""When somebody works, and when a term of the law ends.

Minutes and hours run while the office is open and stand still outside. Days end with the day: working days with the
close of business, calendar days and months at 24:00. Units are never converted into each other. Local times are those
of one zone; what is asked for and answered are aware datetimes, answers in UTC. ``docs/regulations.md`` has the rules.
"""

from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import get_args
from zoneinfo import ZoneInfo

from shared.kit.settings import StandSettings
from shared.regulations.days_off import DaysOff, load_days_off
from shared.regulations.model import Regulation
from shared.regulations.terms import Duration, Hours, Unit, Weekday

_DAYS: tuple[Weekday, ...] = get_args(Weekday)
_FIVE_DAYS = _DAYS[:5]
_LONGEST_CLOSED = 60
"""Days looked through for the next open one."""
_CLOSED = "the office is closed for two months"
COUNTERS = frozenset({"office", "akim", "employment_centre"})
"""Channels that are somebody's own counter, with hours of its own."""
_OPENS, _CLOSES = time(9), time(18)
STAND_HOURS = Hours.model_validate(
    {"days": _FIVE_DAYS, "opens": "09:00", "closes": "18:00", "lunch": {"opens": "13:00", "closes": "14:00"}}
)
"""The office where the text is silent."""
_LENGTHS: dict[Unit, timedelta] = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "working_hours": timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working time of one office. ``hours`` without days are those of a week of five days."""

    hours: Hours
    zone: tzinfo
    days_off: DaysOff

    def is_working_day(self, day: date) -> bool:
        """Whether working days are counted on that day: one of the days of ``hours`` and no holiday, or transferred."""
        off = self.days_off.is_off(day) if self.hours.except_holidays else None
        return off is False or (off is None and _DAYS[day.weekday()] in (self.hours.days or _FIVE_DAYS))

    def is_open(self, at: datetime) -> bool:
        """Whether the office works at that moment; at closing time it no longer does."""
        return any(opens <= at < closes for opens, closes in self.open_on(self._day(at)))

    def accepts(self, at: datetime) -> bool:
        """Whether documents are taken at that moment: in the acceptance window if there is one."""
        return any(opens <= at < closes for opens, closes in self.open_on(self._day(at), accepting=True))

    def received_at(self, at: datetime) -> datetime:
        """When what comes at ``at`` counts as received: then, or when documents are taken next.

        Raises ``LookupError`` for an office that is closed for two months.
        """
        for opens, closes in self._ahead(at, accepting=True):
            if at < closes:
                return max(at.astimezone(UTC), opens)
        raise LookupError(_CLOSED)

    def opens_at(self, at: datetime) -> datetime:
        """``at`` if the office works then, else when it opens next. Raises ``LookupError`` as ``received_at`` does."""
        for opens, closes in self._ahead(at, accepting=False):
            if at < closes:
                return max(at.astimezone(UTC), opens)
        raise LookupError(_CLOSED)

    def due(self, start: datetime, duration: Duration, *, maximum: bool = True) -> datetime | None:
        """When ``duration`` that starts at ``start`` ends; ``None`` if it has no upper limit (at least so long, no
        number, by a schedule that nobody knows). ``maximum``: of a range, take the longer; otherwise the shorter."""
        if duration.bound == "schedule" and duration.days_of_month:
            return self._next_of(duration.days_of_month, self._day(start))
        if duration.bound in ("schedule", "min"):
            return None
        value = duration.value
        if value is None:
            value = duration.maximum if maximum else duration.minimum
        if value is None or duration.unit is None:
            return None
        # The day of acceptance is never counted, as no term in days counts the day it starts on.
        return self._end(start, value + ("issue_day" in duration.leaves_out), duration.unit)

    def not_before(self, start: datetime, duration: Duration) -> datetime | None:
        """Before when something that takes at least so long cannot be done; ``None`` if there is no such limit.

        Of days it is the beginning of the last one.
        """
        least = {"min": duration.value, "range": duration.minimum}.get(duration.bound)
        if least is None or duration.unit is None:
            return None
        if duration.unit in _LENGTHS:
            return self._run(start, least * _LENGTHS[duration.unit])
        day = self._last_day(start, least, duration.unit)
        return self.open_on(day)[0][0] if duration.unit == "working_days" else self._at(day)

    def open_on(self, day: date, *, accepting: bool = False) -> list[tuple[datetime, datetime]]:
        """When the office works that day, in order, in UTC; ``accepting``: when documents are taken. Empty on a day
        off."""
        hours = self.hours
        if hours.round_the_clock:
            return [(self._at(day), self._at(day + timedelta(days=1)))]
        if not self.is_working_day(day):
            return []
        window = hours.acceptance if accepting and hours.acceptance else None
        opens = window.opens if window else hours.opens or _OPENS
        closes = window.closes if window else hours.closes or _CLOSES
        breaks = [hours.lunch.opens, hours.lunch.closes] if hours.lunch else []
        edges = [self._at(day, min(max(edge, opens), closes)) for edge in (opens, *breaks, closes)]
        return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]

    def _end(self, start: datetime, value: int, unit: Unit) -> datetime:
        if unit in _LENGTHS:
            return self._run(start, value * _LENGTHS[unit])
        day = self._last_day(start, value, unit)
        if unit == "working_days" and (open_that_day := self.open_on(day)):
            return open_that_day[-1][1]
        return self._at(day + timedelta(days=1))

    def _next_of(self, days_of_month: Collection[int], after: date) -> datetime:
        """The close of business of the next of these days; a day off is followed by the next working day."""
        day = after + timedelta(days=1)
        while day.day not in days_of_month:
            day += timedelta(days=1)
        while not (open_that_day := self.open_on(day)):
            day = self._next_working_day(day)
        return open_that_day[-1][1]

    def _last_day(self, start: datetime, value: int, unit: Unit) -> date:
        day = self._day(start)
        match unit:
            case "working_days":
                for _ in range(value):
                    day = self._next_working_day(day)
                return day
            case "months":
                return add_months(day, value)
            case _:
                return day + timedelta(days=value)

    def _next_working_day(self, day: date) -> date:
        for offset in range(1, _LONGEST_CLOSED):
            if self.is_working_day(day + timedelta(days=offset)):
                return day + timedelta(days=offset)
        raise LookupError(_CLOSED)

    def _run(self, start: datetime, left: timedelta) -> datetime:
        """The moment after so much working time from ``start`` on."""
        at, closed_for = start.astimezone(UTC), 0
        day = self._day(at)
        while closed_for < _LONGEST_CLOSED:
            open_that_day = self.open_on(day)
            for opens, closes in open_that_day:
                begins = max(at, opens)
                if begins < closes:
                    if left <= closes - begins:
                        return begins + left
                    left -= closes - begins
            closed_for = 0 if open_that_day else closed_for + 1
            day += timedelta(days=1)
        raise LookupError(_CLOSED)

    def _ahead(self, at: datetime, *, accepting: bool) -> Iterator[tuple[datetime, datetime]]:
        """The intervals from the day of ``at`` on, as far as is looked."""
        first = self._day(at)
        for offset in range(_LONGEST_CLOSED):
            yield from self.open_on(first + timedelta(days=offset), accepting=accepting)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _at(self, day: date, moment: time = time(0)) -> datetime:
        # In UTC, so that differences are right on the day the zone changes its offset.
        return datetime.combine(day, moment, self.zone).astimezone(UTC)


class Calendars:
    """The calendars of regulations, made once each: hours from the data, zone and days off of the stand."""

    def __init__(self, zone: tzinfo, days_off: DaysOff | None = None) -> None:
        self._zone, self._days_off = zone, days_off or DaysOff()
        self._made: dict[tuple[str, str, bool], WorkCalendar] = {}

    @property
    def zone(self) -> tzinfo:
        """Whose days these are."""
        return self._zone

    def of(self, regulation: Regulation, channel: str) -> WorkCalendar:
        """The working time of the channel itself: whether it takes documents now, and its own steps."""
        return self._calendar(regulation, channel, office=False)

    def office_of(self, regulation: Regulation, channel: str) -> WorkCalendar:
        """The working time of the provider for applications of ``channel``: its procedure runs on it."""
        return self._calendar(regulation, channel, office=True)

    def keeping(self, hours: Hours) -> WorkCalendar:
        """The working time of somebody with these hours."""
        return WorkCalendar(hours, self._zone, self._days_off)

    def _calendar(self, regulation: Regulation, channel: str, *, office: bool) -> WorkCalendar:
        key = (regulation.id, channel, office)
        if key not in self._made:
            make = office_calendar_for if office else calendar_for
            self._made[key] = make(regulation, channel, self._zone, self._days_off)
        return self._made[key]


def calendars_of(stand: StandSettings) -> Calendars:
    """The calendars by the settings of the stand. Raises ``RegulationError`` for a holidays file that is wrong,
    ``ZoneInfoNotFoundError`` for an unknown zone."""
    return Calendars(ZoneInfo(stand.timezone), load_days_off(stand.holidays_file))


def calendar_for(regulation: Regulation, channel: str, zone: tzinfo, days_off: DaysOff) -> WorkCalendar:
    """By the schedule stated for ``channel``, else for the office, else the stand's own (Monday to Friday, 09:00 to
    18:00, lunch at 13:00)."""
    hours = _stated(regulation, channel) or _stated(regulation, "office") or STAND_HOURS
    return WorkCalendar(hours, zone, days_off)


def office_calendar_for(regulation: Regulation, channel: str, zone: tzinfo, days_off: DaysOff) -> WorkCalendar:
    """The provider's: by the schedule of ``channel`` only if that is somebody's own counter."""
    return calendar_for(regulation, channel if channel in COUNTERS else "office", zone, days_off)


def _stated(regulation: Regulation, channel: str) -> Hours | None:
    return next((schedule.hours for schedule in regulation.schedules if channel in schedule.channels), None)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
