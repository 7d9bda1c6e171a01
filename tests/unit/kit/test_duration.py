"""Durations as people and as ISO 8601 write them."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.duration import DURATION_PATTERN, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3d", timedelta(days=3)),
        ("12h", timedelta(hours=12)),
        ("30m", timedelta(minutes=30)),
        ("45s", timedelta(seconds=45)),
        ("1d12h30m5s", timedelta(days=1, hours=12, minutes=30, seconds=5)),
        ("90m", timedelta(hours=1, minutes=30)),
        ("-2d", timedelta(days=-2)),
        ("-1h30m", timedelta(minutes=-90)),
        ("0s", timedelta()),
        ("PT5M", timedelta(minutes=5)),
        ("P3D", timedelta(days=3)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("-PT1H", timedelta(hours=-1)),
    ],
)
def test_known_forms(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "3",
        "d",
        "3 d",
        "3D",
        "3w",
        "1.5h",
        "P",
        "PT",
        "P1DT",
        "P1M",
        "P1Y",
        "PT5m",
        "3d\n",
        "٣d",
        "--1d",
        "5m3x",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="not a duration") as caught:
        parse_duration("x" * 10_000)
    assert len(str(caught.value)) < 200


@given(st.from_regex(DURATION_PATTERN, fullmatch=True))
def test_the_published_pattern_is_what_is_taken(text: str) -> None:
    assert re.fullmatch(DURATION_PATTERN, text)
    try:
        parse_duration(text)
    except OverflowError:
        assert len(text) > 30  # only absurdly many parts leave the range of a timedelta


@given(st.integers(0, 9_999_999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_both_notations_agree(days: int, hours: int, minutes: int, seconds: int) -> None:
    iso = f"P{days}DT{hours}H{minutes}M{seconds}S"
    assert parse_duration(f"{days}d{hours}h{minutes}m{seconds}s") == parse_duration(iso)
