"""Every pair of regulation and channel runs on the embedded stand, and is judged conformant."""

import json

import pytest

from services.stand.paths.command import paths
from services.stand.paths.derive import derive, shortened
from shared.regulations.loader import load_regulations


async def test_every_pair_of_regulation_and_channel_is_conformant(capsys: pytest.CaptureFixture[str]) -> None:
    code = await paths(None, None, short=True, json_wanted=True)
    found = json.loads(capsys.readouterr().out)
    assert [path for path in found["paths"] if path["verdict"] != "conformant"] == []
    assert code == 0
    assert found["summary"]["pairs"] == len(shortened(derive(load_regulations())))


async def test_a_regulation_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        await paths(None, "almaty-city/nothing", short=True, json_wanted=True)
