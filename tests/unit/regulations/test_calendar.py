"""Working time: when an office takes documents, and when a term of the law ends."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.settings import StandSettings
from shared.regulations.calendar import STAND_HOURS, Calendars, WorkCalendar, add_months, calendars_of
from shared.regulations.days_off import DaysOff, load_days_off
from shared.regulations.errors import RegulationError
from shared.regulations.model import Regulation
from shared.regulations.terms import Bound, Duration, Hours, Unit

ZONE = ZoneInfo("Asia/Almaty")
OFFICE = WorkCalendar(STAND_HOURS, ZONE, DaysOff())
SIX_DAYS = WorkCalendar(
    Hours.model_validate({"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "opens": "09:00", "closes": "20:00"}),
    ZONE,
    DaysOff(),
)
SCHOOL = WorkCalendar(
    Hours.model_validate(
        {
            "days": ["mon", "tue", "wed", "thu", "fri"],
            "opens": "09:00",
            "closes": "18:30",
            "lunch": {"opens": "13:00", "closes": "14:30"},
            "acceptance": {"opens": "09:00", "closes": "17:30"},
        }
    ),
    ZONE,
    DaysOff(),
)
ROUND_THE_CLOCK = WorkCalendar(Hours(round_the_clock=True), ZONE, DaysOff())


def at(text: str) -> datetime:
    """A local time in Almaty."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def local(moment: datetime | None) -> str | None:
    """A moment as local time, for comparing."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if moment else None


def lasting(value: int | None, unit: Unit | None, bound: Bound = "stated", **more: object) -> Duration:
    """A duration of a regulation."""
    return Duration.model_validate({"value": value, "unit": unit, "bound": bound, **more})


@pytest.mark.parametrize(
    ("start", "value", "unit", "ends"),
    [
        ("2026-06-01 09:00", 10, "minutes", "2026-06-01 09:10"),
        ("2026-06-01 12:50", 30, "minutes", "2026-06-01 14:20"),
        ("2026-06-01 12:30", 30, "minutes", "2026-06-01 13:00"),
        ("2026-06-01 13:30", 10, "minutes", "2026-06-01 14:10"),
        ("2026-06-01 17:50", 30, "minutes", "2026-06-02 09:20"),
        ("2026-06-05 17:50", 30, "minutes", "2026-06-08 09:20"),
        ("2026-06-06 11:00", 30, "minutes", "2026-06-08 09:30"),
        ("2026-06-01 07:00", 3, "hours", "2026-06-01 12:00"),
        ("2026-06-01 16:00", 4, "hours", "2026-06-02 11:00"),
        ("2026-06-01 16:00", 20, "working_hours", "2026-06-04 11:00"),
        ("2026-06-01 18:00", 0, "minutes", "2026-06-02 09:00"),
        # Working days end with the close of business; the day a term starts on is not counted.
        ("2026-06-01 09:00", 1, "working_days", "2026-06-02 18:00"),
        ("2026-06-01 23:59", 1, "working_days", "2026-06-02 18:00"),
        ("2026-06-05 10:00", 1, "working_days", "2026-06-08 18:00"),
        ("2026-06-06 10:00", 1, "working_days", "2026-06-08 18:00"),
        ("2026-06-01 10:00", 8, "working_days", "2026-06-11 18:00"),
        # Nauryz 2026: 21 to 23 March, and 24 and 25 for the two that fall on a weekend.
        ("2026-03-20 10:00", 1, "working_days", "2026-03-26 18:00"),
        ("2026-03-20 17:00", 2, "hours", "2026-03-26 10:00"),
        ("2026-12-31 17:30", 60, "minutes", "2027-01-05 09:30"),
        # 5 January 2025 was a Sunday transferred to work, 3 January the day off for it.
        ("2024-12-31 10:00", 1, "working_days", "2025-01-05 18:00"),
        ("2025-01-05 17:00", 2, "hours", "2025-01-06 10:00"),
        # Calendar days and months end at 24:00, whatever day that is.
        ("2026-06-01 10:00", 30, "calendar_days", "2026-07-02 00:00"),
        ("2026-06-05 10:00", 1, "calendar_days", "2026-06-07 00:00"),
        ("2026-06-05 10:00", 1, "days_unspecified", "2026-06-07 00:00"),
        ("2026-06-15 10:00", 1, "months", "2026-07-16 00:00"),
        ("2026-01-31 10:00", 1, "months", "2026-03-01 00:00"),
        ("2023-01-31 10:00", 13, "months", "2024-03-01 00:00"),
    ],
)
def test_the_end_of_a_term(start: str, value: int, unit: Unit, ends: str) -> None:
    assert local(OFFICE.due(at(start), lasting(value, unit))) == ends


def test_terms_end_in_utc() -> None:
    due = OFFICE.due(at("2026-06-01 09:00"), lasting(10, "minutes"))
    assert due is not None
    assert due.tzinfo is UTC


def test_the_offset_of_almaty_changed_in_2024() -> None:
    # On 1 March 2024 the zone went from UTC+6 to UTC+5: 29 February lasted 25 hours.
    before = OFFICE.due(at("2024-02-29 10:00"), lasting(1, "minutes"))
    after = OFFICE.due(at("2024-02-29 10:00"), lasting(1, "working_days"))
    midnight = OFFICE.due(at("2024-02-28 10:00"), lasting(1, "calendar_days"))
    assert before == datetime(2024, 2, 29, 4, 1, tzinfo=UTC)
    assert after == datetime(2024, 3, 1, 13, 0, tzinfo=UTC)
    assert midnight == datetime(2024, 2, 29, 19, 0, tzinfo=UTC)
    day_long = ROUND_THE_CLOCK.due(at("2024-02-29 00:00"), lasting(25, "hours"))
    assert day_long == midnight


def test_saturday_counts_where_the_office_works_on_it() -> None:
    assert local(SIX_DAYS.due(at("2026-06-05 10:00"), lasting(1, "working_days"))) == "2026-06-06 20:00"
    assert local(SIX_DAYS.due(at("2026-06-06 19:50"), lasting(30, "minutes"))) == "2026-06-08 09:20"


def test_round_the_clock_never_pauses_and_counts_five_working_days() -> None:
    assert local(ROUND_THE_CLOCK.due(at("2026-06-06 23:50"), lasting(30, "minutes"))) == "2026-06-07 00:20"
    assert local(ROUND_THE_CLOCK.due(at("2026-06-05 23:50"), lasting(1, "working_days"))) == "2026-06-09 00:00"
    assert ROUND_THE_CLOCK.is_open(at("2026-03-22 03:00"))
    assert ROUND_THE_CLOCK.received_at(at("2026-03-22 03:00")) == at("2026-03-22 03:00")


@pytest.mark.parametrize(
    ("comes", "counts_from"),
    [
        ("2026-06-01 09:00", "2026-06-01 09:00"),
        ("2026-06-01 08:59", "2026-06-01 09:00"),
        ("2026-06-01 12:59", "2026-06-01 12:59"),
        ("2026-06-01 13:00", "2026-06-01 14:30"),
        ("2026-06-01 17:29", "2026-06-01 17:29"),
        ("2026-06-01 17:30", "2026-06-02 09:00"),
        ("2026-06-05 19:00", "2026-06-08 09:00"),
        ("2026-06-06 12:00", "2026-06-08 09:00"),
        ("2026-03-20 18:00", "2026-03-26 09:00"),
    ],
)
def test_after_hours_counts_from_the_next_opening(comes: str, counts_from: str) -> None:
    assert local(SCHOOL.received_at(at(comes))) == counts_from
    assert SCHOOL.accepts(at(comes)) == (comes == counts_from)


def test_open_longer_than_documents_are_taken() -> None:
    assert SCHOOL.is_open(at("2026-06-01 18:00"))
    assert not SCHOOL.accepts(at("2026-06-01 18:00"))
    assert not SCHOOL.is_open(at("2026-06-01 18:30"))
    assert not SCHOOL.is_open(at("2026-06-01 14:00"))


def test_what_has_no_upper_limit_has_no_end() -> None:
    start = at("2026-06-01 10:00")
    assert OFFICE.due(start, lasting(None, None, "schedule")) is None
    assert OFFICE.due(start, lasting(None, None)) is None
    assert OFFICE.due(start, lasting(90, "calendar_days", "min")) is None


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-06-01 10:00", "2026-06-10 18:00"),
        ("2026-06-10 10:00", "2026-06-25 18:00"),
        ("2026-06-25 17:00", "2026-07-10 18:00"),
        ("2026-10-01 10:00", "2026-10-12 18:00"),  # the 10th is a Saturday
    ],
)
def test_a_schedule_of_the_stand_ends_on_the_next_of_its_days(start: str, ends: str) -> None:
    assert local(OFFICE.due(at(start), lasting(None, None, "schedule", days_of_month=[10, 25]))) == ends


def test_a_range_has_two_ends() -> None:
    course = lasting(None, "calendar_days", "range", minimum=90, maximum=365)
    start = at("2026-06-01 10:00")
    assert local(OFFICE.not_before(start, course)) == "2026-08-30 00:00"
    assert local(OFFICE.due(start, course, maximum=False)) == "2026-08-31 00:00"
    assert local(OFFICE.due(start, course)) == "2027-06-02 00:00"


def test_what_may_not_be_done_before() -> None:
    start = at("2026-06-05 10:00")
    assert local(OFFICE.not_before(start, lasting(30, "minutes", "min"))) == "2026-06-05 10:30"
    assert local(OFFICE.not_before(start, lasting(2, "working_days", "min"))) == "2026-06-09 09:00"
    assert OFFICE.not_before(start, lasting(30, "minutes", "max")) is None
    assert OFFICE.not_before(start, lasting(None, None, "schedule")) is None


def test_days_of_acceptance_and_issue_are_not_counted() -> None:
    term = lasting(3, "working_days", leaves_out=["acceptance_day", "issue_day"])
    assert local(OFFICE.due(at("2026-06-01 10:00"), term)) == "2026-06-05 18:00"


def test_the_file_of_the_stand_goes_before_the_country(tmp_path: Path) -> None:
    file = tmp_path / "days.yaml"
    file.write_text("holidays: [2026-06-02]\nworking_days:\n  - 2026-03-24\n  - 2026-06-06\n")
    calendars = calendars_of(StandSettings(holidays_file=file))
    office = WorkCalendar(STAND_HOURS, calendars.zone, load_days_off(file))
    working = [date(2026, 3, 24), date(2026, 6, 6)]
    assert all(office.is_working_day(day) for day in working)
    assert not any(office.is_working_day(day) for day in (date(2026, 6, 2), date(2026, 3, 23)))
    assert local(office.due(at("2026-06-01 17:00"), lasting(2, "hours"))) == "2026-06-03 10:00"
    assert local(office.due(at("2026-06-05 17:00"), lasting(2, "hours"))) == "2026-06-06 10:00"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("holidays: 2026-06-02", "days.yaml: holidays: a list of dates"),
        ('working_days: ["2026-06-02"]', "days.yaml: working_days: a list of dates"),
        ("free: [2026-06-02]", "days.yaml: free: this key is not known here"),
        ("holidays: [2026-06-02]\nworking_days: [2026-06-02]", "both a holiday and a working day: 2026-06-02"),
        ("- 2026-06-02", "the file holds no mapping"),
        ("holidays: [", "not readable as YAML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: str, fault: str) -> None:
    file = tmp_path / "days.yaml"
    file.write_text(content)
    with pytest.raises(RegulationError, match=fault):
        load_days_off(file)


def test_whose_hours_apply(queue: Regulation, duplicate: Regulation) -> None:
    calendars = Calendars(ZONE)
    assert calendars.of(queue, "csc").hours.closes == time(20)
    assert calendars.of(queue, "portal") == calendars.of(queue, "office")
    assert calendars.office_of(queue, "csc").hours == calendars.of(queue, "office").hours
    silent = queue.model_copy(update={"id": "city/silent", "schedules": ()})
    assert calendars.of(silent, "csc").hours == calendars.office_of(silent, "portal").hours == STAND_HOURS
    assert calendars.office_of(duplicate, "csc").hours.days[-1] == "sat"


def test_an_office_that_never_opens() -> None:
    closed = WorkCalendar(STAND_HOURS, ZONE, DaysOff([date(2026, 6, 1) + timedelta(days=n) for n in range(90)]))
    for ask in (
        lambda: closed.due(at("2026-06-01 10:00"), lasting(1, "minutes")),
        lambda: closed.due(at("2026-06-01 10:00"), lasting(1, "working_days")),
        lambda: closed.received_at(at("2026-06-01 10:00")),
    ):
        with pytest.raises(LookupError, match="two months"):
            ask()


def test_the_same_day_of_a_later_month() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2026, 12, 1), 0) == date(2026, 12, 1)


MOMENTS = st.integers(0, 4 * 365 * 86400).map(lambda seconds: at("2023-06-01 00:00") + timedelta(seconds=seconds))
CALENDARS = st.sampled_from([OFFICE, SIX_DAYS, SCHOOL, ROUND_THE_CLOCK])


@given(CALENDARS, MOMENTS, st.integers(0, 3000), st.integers(0, 3000))
def test_minutes_add_up(calendar: WorkCalendar, start: datetime, first: int, second: int) -> None:
    halfway = calendar.due(start, lasting(first, "minutes"))
    assert halfway is not None
    assert calendar.due(halfway, lasting(second, "minutes")) == calendar.due(start, lasting(first + second, "minutes"))


@given(CALENDARS, MOMENTS, st.integers(1, 600))
def test_a_term_in_minutes_ends_in_working_time(calendar: WorkCalendar, start: datetime, minutes: int) -> None:
    due = calendar.due(start, lasting(minutes, "minutes"))
    assert due is not None
    assert due - start >= timedelta(minutes=minutes)
    assert calendar.is_open(due - timedelta(microseconds=1))


@given(CALENDARS, MOMENTS, st.sampled_from(["minutes", "hours", "working_days", "calendar_days", "months"]), st.data())
def test_a_longer_term_ends_no_earlier(
    calendar: WorkCalendar, start: datetime, unit: Unit, data: st.DataObject
) -> None:
    value = data.draw(st.integers(0, 40))
    shorter, longer = (calendar.due(start, lasting(value + more, unit)) for more in (0, 1))
    assert shorter is not None
    assert longer is not None
    assert shorter < longer
    later = calendar.due(start + timedelta(hours=data.draw(st.integers(0, 200))), lasting(value, unit))
    assert later is not None
    assert shorter <= later


@given(CALENDARS, MOMENTS)
def test_received_once_is_received_then(calendar: WorkCalendar, start: datetime) -> None:
    received = calendar.received_at(start)
    assert received >= start
    assert calendar.accepts(received)
    assert calendar.received_at(received) == received
    assert calendar.accepts(start) == (received == start)
