"""Opening hours, when a result may be fetched and how long it is kept."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.csc.domain.hours import kept_until, opening_calendar, ready_by, slots
from services.csc.domain.people import Centre
from services.csc.service.operators import load_centres
from services.csc.settings import Settings
from shared.regulations.days_off import DaysOff
from shared.regulations.loader import load_regulations
from shared.regulations.model import Regulation
from shared.regulations.terms import Hours
from tests.unit.csc.forms import DUPLICATE, QUEUE

ZONE = ZoneInfo("Asia/Almaty")
REGULATIONS = load_regulations()
CENTRES = load_centres(Settings().centres_file)
OPENING = opening_calendar(CENTRES["almaly"], REGULATIONS[QUEUE], ZONE, DaysOff())
"""Monday to Saturday, 09:00 to 20:00; Capital Day is on Monday 6 July 2026."""


def at(text: str) -> datetime:
    """A local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class TestCalendar:
    def test_the_hours_of_the_regulation_go_before_those_of_the_centre(self) -> None:
        branch: Centre = CENTRES["eskeldi"]
        assert opening_calendar(branch, None, ZONE, DaysOff()).hours == branch.hours
        assert opening_calendar(branch, REGULATIONS[QUEUE], ZONE, DaysOff()).hours == OPENING.hours
        silent: Regulation = REGULATIONS[QUEUE].model_copy(update={"schedules": ()})
        assert opening_calendar(branch, silent, ZONE, DaysOff()).hours == branch.hours

    def test_a_mobile_centre_works_where_it_stops(self) -> None:
        mobile = opening_calendar(CENTRES["eskeldi-mobile"], None, ZONE, DaysOff())
        tuesday, wednesday, holiday = date(2026, 6, 2), date(2026, 6, 3), date(2026, 12, 16)
        assert mobile.open_on(tuesday) == [(at("2026-06-02T10:00"), at("2026-06-02T16:30"))]
        assert mobile.open_on(wednesday) == []
        assert mobile.received_at(at("2026-06-02T16:30")) == at("2026-06-04T09:00")
        assert mobile.is_working_day(wednesday)
        assert mobile.open_on(holiday) == []


class TestSlots:
    @given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(5, 240))
    def test_lie_within_the_opening_hours(self, day: date, minutes: int) -> None:
        found, opened = list(slots(OPENING, day, minutes)), OPENING.open_on(day)
        assert all(later - former == timedelta(minutes=minutes) for former, later in pairwise(found))
        if not opened:
            assert found == []
        else:
            assert found[0] == opened[0][0]
            assert found[-1] + timedelta(minutes=minutes) <= opened[-1][1]

    def test_a_lunch_break_has_none(self) -> None:
        employment = opening_calendar(CENTRES["taldykorgan-employment"], None, ZONE, DaysOff())
        starts = list(slots(employment, date(2026, 6, 2), 60))
        assert [start.hour for start in starts] == [9, 10, 11, 12, 14, 15, 16, 17]


class TestReadyBy:
    @pytest.mark.parametrize(
        ("due", "ready"),
        [
            ("2026-06-02T14:35", "2026-06-02T14:35"),
            ("2026-06-02T20:00", "2026-06-02T20:00"),  # at closing time
            ("2026-06-03T00:00", "2026-06-02T20:00"),  # the end of a day belongs to it
            ("2026-06-02T08:00", "2026-06-02T09:00"),
            ("2026-06-08T00:00", "2026-06-08T20:00"),  # the last day was a Sunday
            ("2026-07-07T00:00", "2026-07-07T20:00"),  # the last day was a holiday
        ],
    )
    def test_when_the_centre_is_open(self, due: str, ready: str) -> None:
        assert ready_by(at(due), OPENING) == at(ready)

    def test_a_centre_that_never_opens(self) -> None:
        closed = DaysOff([date(2026, 6, 1) + timedelta(days=n) for n in range(100)])
        with pytest.raises(LookupError):
            ready_by(at("2026-06-02T09:00"), opening_calendar(CENTRES["almaly"], None, ZONE, closed))


class TestStorage:
    def test_one_calendar_month(self) -> None:
        storage = REGULATIONS[DUPLICATE].channel("csc").storage
        assert kept_until(storage, at("2026-01-31T10:00"), ZONE) == at("2026-02-28T10:00")
        assert kept_until(storage, at("2026-01-31T10:00").astimezone(UTC), ZONE) == at("2026-02-28T10:00")
        assert kept_until(None, at("2026-01-31T10:00"), ZONE) is None


def test_hours_of_the_demo_are_hours() -> None:
    assert all(isinstance(centre.hours, Hours) and centre.hours.days for centre in CENTRES.values())
