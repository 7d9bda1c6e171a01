"""An error answer is never larger than 64 kB, says what it left out, and stays a problem document."""

import json
from typing import Any

import pytest

from shared.web.bounds import FAULTS_SHOWN, PROBLEM_BYTES, bounded_json

OWN = frozenset({"type", "title", "status", "detail"})
FAULT = {"in": "body", "path": "/x", "message": "no"}


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


def bounded(**members: Any) -> tuple[bytes, dict[str, Any]]:
    body = bounded_json({"type": "urn:egov:problem:invalid-input", "title": "no", "status": 422, **members}, OWN)
    return body, json.loads(body)


def test_what_fits_is_left_as_it_is() -> None:
    members = {
        "detail": "a\ud800",
        "faults": [FAULT] * FAULTS_SHOWN,
        "report": {"checks": [{"passed": True}]},
        "n": 1.5,
    }
    _, document = bounded(**members)
    assert document == {"type": "urn:egov:problem:invalid-input", "title": "no", "status": 422, **members}


def test_the_first_faults_are_shown_and_the_others_counted() -> None:
    _, document = bounded(faults=[FAULT] * 300_000)
    assert document["faults"] == [FAULT] * FAULTS_SHOWN
    assert document["left_out"] == {"faults": 300_000 - FAULTS_SHOWN}


@pytest.mark.parametrize(
    "members",
    [
        {"detail": "x" * 1_000_000},
        {"detail": "\0" * 1_000_000},
        {"faults": [{"in": "body", "path": "/" + "\0" * 10_000, "message": "ы" * 10_000}] * 1000},
        {"faults": [{"path": "\U0001f600" * 3000, "message": "m"}] * 100},
        {"found": {str(n): "x" * 1000 for n in range(100_000)}},
        {"found": {"k" * 100_000 + str(n): n for n in range(100)}},
        {"found": [[[["x" * 2000] * 200] * 200] * 200] * 200},
        {"found": 10**6000},
        {"found": [10**60] * 10_000},
        {"found": deep(900)},
        {f"member{n}": "x" * 2000 for n in range(5000)},
        {"found": {"a", "b"}, "at": float("inf")},
    ],
)
def test_no_problem_is_larger_than_the_bound(members: dict[str, Any]) -> None:
    body, document = bounded(**members)
    assert len(body) <= PROBLEM_BYTES
    assert document["type"] == "urn:egov:problem:invalid-input"
    assert document["status"] == 422
