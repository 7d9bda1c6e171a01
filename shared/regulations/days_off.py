"""Which days nobody works: the public holidays of Kazakhstan, the days transferred by the government, and a file of
the stand's own that goes before both."""

from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path

import holidays

from shared.regulations.errors import RegulationError, RegulationFault
from shared.regulations.reading import read

_KEYS = ("holidays", "working_days")


class DaysOff:
    """Holidays, and working days that would otherwise be free.

    ``holidays`` and ``working_days`` are added to the calendar of the country and go before it. A day in both is a
    fault: ``ValueError``.
    """

    def __init__(self, holidays: Collection[date] = (), working_days: Collection[date] = ()) -> None:
        both = set(holidays) & set(working_days)
        if both:
            raise ValueError(f"both a holiday and a working day: {', '.join(map(str, sorted(both)))}")
        self._known: dict[date, bool | None] = {}
        self._known.update(dict.fromkeys(holidays, True))
        self._known.update(dict.fromkeys(working_days, False))
        self._country = _country()

    def is_off(self, day: date) -> bool | None:
        """``True`` for a holiday, ``False`` for a day transferred to work, ``None`` for a day like any other."""
        if day not in self._known:
            self._known[day] = True if day in self._country else self._is_transferred(day)
        return self._known[day]

    def _is_transferred(self, day: date) -> bool | None:
        return False if day.weekday() >= 5 and self._country.is_working_day(day) else None


@cache
def _country() -> holidays.HolidayBase:
    # It fills itself year by year; one for all services of a process.
    return holidays.country_holidays("KZ")


def load_days_off(path: Path | None) -> DaysOff:
    """The country's days off with those of the file ``path``; see ``docs/regulations.md``.

    Raises ``RegulationError`` for a file that is not a mapping with lists of dates under ``holidays`` and
    ``working_days``.
    """
    if path is None:
        return DaysOff()
    raw, faults = read(path, path.name)
    faults += [RegulationFault(path.name, str(key), "this key is not known here") for key in raw if key not in _KEYS]
    for key in _KEYS:
        days = raw.get(key, [])
        if not isinstance(days, list) or not all(type(day) is date for day in days):
            faults.append(RegulationFault(path.name, key, "a list of dates like 2026-03-25 is expected"))
    if faults:
        raise RegulationError(faults)
    try:
        return DaysOff(raw.get("holidays", []), raw.get("working_days", []))
    except ValueError as error:
        raise RegulationError([RegulationFault(path.name, "", str(error))]) from error
