"""``egov journal``: the verdict, and why it is not another."""

import argparse
from typing import Any

import httpx
import pytest
import respx

from services.stand.commands import journal

URL = "http://127.0.0.1:8003"


def shown(capsys: pytest.CaptureFixture[str], **answer: Any) -> str:
    """What is printed of this answer of the gateway."""
    found = {
        "regulation": "almaty-city/preschool-queue", "channel": "portal", "steps": [], "outcome": None,
        "verdict": "incomplete", "deviations": [], "awaited": [], "afterwards": [], **answer,
    }  # fmt: skip
    with respx.mock:
        respx.get(f"{URL}/__stand/auditor").mock(httpx.Response(200, json={"token": "of the auditor"}))
        told = {"authorization": "Bearer of the auditor"}
        respx.get(f"{URL}/journal/a-1", headers=told).mock(httpx.Response(200, json=found))
        assert journal(argparse.Namespace(url=URL, application="a-1", json=False)) == 0
    return capsys.readouterr().out


def test_says_what_is_awaited(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, awaited=[{"system": "provider", "text": "events 4 to 8 of provider not yet in the journal"}])
    assert "running; incomplete" in text
    assert "awaited: events 4 to 8 of provider not yet in the journal" in text


def test_says_what_deviates_in_the_run_and_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {"name": "task-overdue", "step": "procedure-1", "text": "late"}
    text = shown(capsys, outcome="granted", verdict="deviating", deviations=[wrong], afterwards=[wrong])
    assert "deviation: task-overdue at procedure-1: late" in text
    assert "afterwards: task-overdue at procedure-1: late" in text
