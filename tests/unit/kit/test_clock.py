"""The stand's clock: offset, freeze, resume; always aware and in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

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
