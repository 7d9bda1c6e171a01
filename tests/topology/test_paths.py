"""Every pair of regulation and channel runs on the embedded stand, and is judged conformant."""

import json

import pytest

from services.stand.paths import command
from services.stand.paths.command import paths
from services.stand.paths.derive import COMPLAINT_LEVELS, derive, shortened
from shared.regulations.loader import load_regulations


async def test_every_pair_of_regulation_and_channel_is_conformant(capsys: pytest.CaptureFixture[str]) -> None:
    code = await paths(None, None, short=True, json_wanted=True)
    found = json.loads(capsys.readouterr().out)
    assert [path for path in found["paths"] if path["verdict"] != "conformant"] == []
    assert code == 0
    assert found["summary"]["pairs"] == len(shortened(derive(load_regulations())))


async def test_complaints_of_every_level_are_answered_and_nobody_answers_against_themselves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    complaining = [plan for plan in derive(load_regulations()) if plan.mark == COMPLAINT_LEVELS]
    monkeypatch.setattr(command, "derive", lambda *_: complaining)
    assert await command.paths(None, None, short=False, json_wanted=True) == 0
    (path,) = json.loads(capsys.readouterr().out)["paths"]
    assert path["verdict"] == "conformant"


async def test_a_regulation_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        await paths(None, "almaty-city/nothing", short=True, json_wanted=True)
