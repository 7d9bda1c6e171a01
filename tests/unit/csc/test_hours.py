"""Opening hours, when a result is ready and how long it is kept."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.csc.domain.hours import OpeningHours, add_months, hours_of, kept_until, ready_by
from shared.regulations.loader import load_regulations
from shared.regulations.model import Regulation
from shared.regulations.terms import Term
from tests.unit.csc.forms import DUPLICATE, QUEUE

ZONE = ZoneInfo("Asia/Almaty")
REGULATIONS = load_regulations()
HOLIDAY = date(2026, 7, 6)
OPENING = OpeningHours(hours_of(REGULATIONS.offered("csc"), "csc"), ZONE, lambda day: day == HOLIDAY)
MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=ZONE) + timedelta(minutes=n))


def at(text: str) -> datetime:
    """A local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class TestOpeningHours:
    @pytest.mark.parametrize(
        ("asked", "opens"),
        [
            ("2026-06-02T14:00", "2026-06-02T14:00"),
            ("2026-06-02T08:59", "2026-06-02T09:00"),
            ("2026-06-02T20:00", "2026-06-03T09:00"),
            ("2026-06-06T19:59", "2026-06-06T19:59"),  # Saturday
            ("2026-06-06T20:00", "2026-06-08T09:00"),  # over Sunday
            ("2026-07-04T21:00", "2026-07-07T09:00"),  # over Sunday and a holiday
        ],
    )
    def test_next_open(self, asked: str, opens: str) -> None:
        assert OPENING.next_open(at(asked)) == at(opens)

    @given(MOMENTS)
    def test_next_open_is_open_and_not_before(self, moment: datetime) -> None:
        opened = OPENING.next_open(moment)
        assert opened >= moment
        assert OPENING.next_open(opened) == opened
        assert any(first <= opened.time() < last for first, last in OPENING.open_on(opened.date()))

    @given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(5, 240))
    def test_slots_lie_within_the_opening_hours(self, day: date, minutes: int) -> None:
        found = list(OPENING.slots(day, minutes))
        assert all(later - former == timedelta(minutes=minutes) for former, later in pairwise(found))
        if not OPENING.open_on(day):
            assert found == []
        else:
            assert found[0] == datetime.combine(day, OPENING.open_on(day)[0][0], ZONE)
            assert found[-1] + timedelta(minutes=minutes) <= OPENING.at_closing(day)

    def test_a_lunch_break_has_no_slots(self) -> None:
        office = REGULATIONS[QUEUE].schedules[0].hours
        starts = list(OpeningHours(office, ZONE, lambda _: False).slots(date(2026, 6, 2), 60))
        assert [start.hour for start in starts] == [9, 10, 11, 12, 14, 15, 16, 17]

    def test_hours_that_contradict_each_other_are_a_fault(self) -> None:
        other = REGULATIONS[QUEUE].model_copy(update={"schedules": ()})
        with pytest.raises(ValueError, match="0 different"):
            hours_of([other], "csc")

    def test_a_centre_that_never_opens(self) -> None:
        closed = OpeningHours(OPENING.hours, ZONE, lambda _: True)
        with pytest.raises(LookupError):
            closed.next_open(at("2026-06-02T09:00"))


class TestReadyBy:
    def test_thirty_calendar_days_for_a_duplicate(self) -> None:
        assert ready_by(REGULATIONS[DUPLICATE], "csc", at("2026-06-02T14:00"), OPENING) == at("2026-07-02T20:00")

    def test_the_last_day_on_a_closed_one_moves_on(self) -> None:
        assert ready_by(REGULATIONS[DUPLICATE], "csc", at("2026-06-05T14:00"), OPENING) == at("2026-07-07T20:00")

    def test_without_an_overall_term_the_procedure_counts(self) -> None:
        assert ready_by(REGULATIONS[QUEUE], "csc", at("2026-06-02T14:00"), OPENING) == at("2026-06-02T14:35")
        assert ready_by(REGULATIONS[QUEUE], "csc", at("2026-06-02T19:50"), OPENING) == at("2026-06-03T09:00")

    @pytest.mark.parametrize(
        ("value", "unit", "ready"),
        [
            (3, "working_days", "2026-06-08T20:00"),
            (23, "working_days", "2026-07-07T20:00"),
            (2, "months", "2026-08-03T20:00"),
            (90, "minutes", "2026-06-03T15:30"),
            (8, "hours", "2026-06-04T09:00"),
        ],
    )
    def test_units_are_the_laws(self, value: int, unit: str, ready: str) -> None:
        regulation = with_term(value, unit)
        assert ready_by(regulation, "csc", at("2026-06-03T14:00"), OPENING) == at(ready)


def with_term(value: int, unit: str) -> Regulation:
    """The duplicate with another overall term."""
    base = REGULATIONS[DUPLICATE]
    term = next(term for term in base.terms if term.kind == "overall")
    duration = term.duration.model_copy(update={"value": value, "unit": unit})
    terms: tuple[Term, ...] = (term.model_copy(update={"duration": duration}),)
    return base.model_copy(update={"terms": terms})


class TestStorage:
    def test_one_calendar_month(self) -> None:
        storage = REGULATIONS[DUPLICATE].channel("csc").storage
        assert kept_until(storage, at("2026-01-31T10:00"), ZONE) == at("2026-02-28T10:00")
        assert kept_until(None, at("2026-01-31T10:00"), ZONE) is None

    @given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(0, 60))
    def test_months_keep_the_day_where_there_is_one(self, day: date, months: int) -> None:
        later = add_months(day, months)
        assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
        assert later.day == day.day or (later + timedelta(days=1)).month != later.month
