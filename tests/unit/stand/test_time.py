"""``egov clock set``: what people write, and what the stand is asked for."""

import argparse
from datetime import datetime
from typing import Any

import httpx
import pytest
import respx

from services.stand.time import clock

URL = "http://127.0.0.1:8106"
NOW = {"now": "2026-12-01T21:30:00Z", "frozen": False, "settled": True, "busy": []}  # the 2nd in Almaty


def options(value: str | None, action: str = "set") -> argparse.Namespace:
    return argparse.Namespace(action=action, value=value, freeze=False, wait=1.0, url=URL)


def asked(value: str) -> dict[str, Any]:
    """The change the stand was asked for."""
    with respx.mock(base_url=URL, assert_all_called=False) as stand:
        stand.get("/__stand/clock").respond(json=NOW)
        change = stand.post("/__stand/clock").respond(json=NOW)
        assert clock(options(value)) == 0
        content: dict[str, Any] = httpx.Response(200, content=change.calls.last.request.content).json()
        return content


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("10:00", "2026-12-02T10:00:00+05:00"),
        ("00:05:30", "2026-12-02T00:05:30+05:00"),
        ("2026-03-20T09:00", "2026-03-20T09:00:00+05:00"),
        ("2026-03-20", "2026-03-20T00:00:00+05:00"),
        ("2026-03-20T09:00:00Z", "2026-03-20T09:00:00+00:00"),
    ],
)
def test_a_time_is_one_of_the_stands_day_where_the_offices_are(value: str, instant: str) -> None:
    assert datetime.fromisoformat(asked(value)["set"]) == datetime.fromisoformat(instant)


def test_a_plus_is_a_way_ahead() -> None:
    assert asked("+3d") == {"advance": "3d"}


@pytest.mark.parametrize("value", ["25:00", "10:0", "10", "tomorrow", "", None])
def test_what_is_no_time_is_said_with_what_may_be_written(
    value: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with respx.mock(base_url=URL, assert_all_called=False) as stand:
        stand.get("/__stand/clock").respond(json=NOW)
        assert clock(options(value)) == 2
    assert "10:00" in capsys.readouterr().err
