"""Whatever hour it is, the demo and the paths begin while the offices work."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.stand.working_time import next_morning, to_working_time, working_time
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings

ZONE = ZoneInfo("Asia/Almaty")


def at(text: str) -> datetime:
    """A local time in Almaty."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-06-01 10:00", "2026-06-01 10:00"),
        ("2026-06-01 03:00", "2026-06-01 10:00"),
        ("2026-06-01 13:10", "2026-06-01 15:00"),  # the lunch break
        ("2026-06-01 17:45", "2026-06-02 10:00"),  # too little of the day is left
        ("2026-06-05 22:00", "2026-06-08 10:00"),  # Friday night
        ("2026-12-16 11:00", "2026-12-17 10:00"),  # Independence Day
    ],
)
def test_the_clock_goes_to_working_time_and_stays_where_it_is_in_it(now: str, then: str) -> None:
    assert working_time(at(now), StandSettings()) == at(then)


def test_a_clock_in_working_time_is_not_set_back() -> None:
    clock = Clock()
    clock.set(at("2026-06-01 10:00"))
    before = clock.set_back_s
    to_working_time(clock, StandSettings())
    assert clock.set_back_s == before
    assert at("2026-06-01 10:00") <= clock.now() < at("2026-06-01 10:05")


def test_a_clock_at_night_goes_to_the_morning() -> None:
    clock = Clock()
    clock.set(at("2026-06-01 03:00"), freeze=True)
    to_working_time(clock, StandSettings())
    assert clock.now() == at("2026-06-01 10:00")


def test_the_paths_begin_on_a_morning_to_come() -> None:
    assert next_morning(at("2026-06-05 11:00"), StandSettings()) == at("2026-06-08 10:00")
