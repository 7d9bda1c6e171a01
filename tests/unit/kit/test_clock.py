"""The stand's clock: offset, freeze, resume; always aware and in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import clock as clock_module
from shared.kit.clock import Clock, rfc3339

NOON = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)


def test_runs_with_real_time_at_first() -> None:
    clock = Clock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert timedelta() <= second - first < timedelta(seconds=5)
    assert not clock.frozen


def test_advance_moves_by_exactly_that() -> None:
    clock = Clock()
    before = clock.now()
    after = clock.advance(timedelta(days=3))
    assert timedelta(days=3) <= after - before < timedelta(days=3, seconds=5)


def test_frozen_time_stands_still_and_can_be_moved() -> None:
    clock = Clock()
    clock.set(NOON, freeze=True)
    assert clock.now() == clock.now() == NOON
    assert clock.timestamp() == NOON.timestamp()
    assert clock.advance(timedelta(hours=-1)) == NOON - timedelta(hours=1)
    assert clock.frozen


def test_set_without_freeze_runs_on_from_there() -> None:
    clock = Clock()
    clock.set(NOON, freeze=True)
    assert NOON <= clock.set(NOON) < NOON + timedelta(seconds=5)
    assert not clock.frozen


def test_any_offset_is_the_same_instant() -> None:
    clock = Clock()
    clock.set(NOON.astimezone(timezone(timedelta(hours=5))), freeze=True)
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock().set(datetime(2027, 1, 31))  # noqa: DTZ001 — that is the point


def test_resume_forgets_everything() -> None:
    clock = Clock()
    clock.set(NOON, freeze=True)
    clock.resume()
    assert abs(clock.now() - Clock().now()) < timedelta(seconds=5)


def test_rfc3339_is_utc_with_milliseconds() -> None:
    assert rfc3339(NOON.astimezone(timezone(timedelta(hours=5)))) == "2027-01-31T12:00:00.000Z"
    assert rfc3339(NOON.replace(microsecond=123456)) == "2027-01-31T12:00:00.123Z"


class TestSetBack:
    def test_counts_nothing_while_time_only_goes_on(self) -> None:
        clock = Clock()
        clock.advance(timedelta(days=3))
        clock.set(clock.now() + timedelta(days=3))
        assert clock.set_back_s == 0

    def test_counts_every_way_to_set_it_back(self) -> None:
        clock = Clock()
        clock.set(NOON, freeze=True)
        before = clock.set_back_s
        clock.advance(timedelta(hours=-1))
        clock.set(NOON - timedelta(hours=3), freeze=True)
        assert clock.set_back_s - before == timedelta(hours=3).total_seconds()
        clock.set(NOON, freeze=True)
        assert clock.set_back_s - before == timedelta(hours=3).total_seconds()

    def test_counts_the_return_to_real_time(self) -> None:
        clock = Clock()
        clock.advance(timedelta(minutes=10))
        clock.resume()
        assert 599 < clock.set_back_s <= 600

    @given(st.lists(st.integers(-1000, 1000)))
    def test_with_it_time_never_goes_back(self, hours: list[int]) -> None:
        clock = Clock()
        clock.set(NOON, freeze=True)
        steady = clock.now() + timedelta(seconds=clock.set_back_s)
        for by in hours:
            clock.advance(timedelta(hours=by))
            now = clock.now() + timedelta(seconds=clock.set_back_s)
            assert now >= steady
            steady = now


class TestReadings:
    def test_are_the_time_alone_where_it_was_not_moved(self) -> None:
        clock = Clock()
        assert len(clock.readings()) == 1

    def test_know_where_the_clock_stood_latest_first(self) -> None:
        clock = Clock()
        clock.set(NOON, freeze=True)
        clock.advance(timedelta(days=1))
        clock.adopt(0.0, NOON + timedelta(days=9), 3, 0.0)
        assert clock.readings()[:3] == [NOON + timedelta(days=days) for days in (9, 1, 0)]
        assert len(clock.readings()) == 4

    def test_forget_what_was_left_long_ago(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock()
        clock.advance(timedelta(days=1))
        monkeypatch.setattr(clock_module, "MOVED_LATELY_S", 0)
        assert len(clock.readings()) == 1

    def test_are_bounded(self) -> None:
        clock = Clock()
        for _ in range(1000):
            clock.advance(timedelta(seconds=1))
        assert len(clock.readings()) <= 102
