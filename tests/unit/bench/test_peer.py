"""The peer runs the flow of the regulation."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from services.stand.bench import peer
from services.stand.cases import SERVICE
from shared.regulations.loader import load_regulations

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def test_the_flow_in_bpmn_is_that_of_the_regulation() -> None:
    steps = load_regulations()[SERVICE].channel("portal").steps
    process = ET.fromstring(peer.bpmn(steps))[0]
    named = {element.get("id") for element in process if not element.tag.endswith("Flow")}
    assert {step.id for step in steps} <= named
    gateways = {element.get("id") for element in process.iter(f"{BPMN}exclusiveGateway")}
    assert gateways == {step.id for step in steps if step.on_fail}
    ends = {element.get("id") for element in process.iter(f"{BPMN}endEvent")}
    assert ends == {f"{step.id}-end" for step in steps if step.terminal}


def test_its_eight_steps_are_saved(tmp_path: Path) -> None:
    pytest.importorskip("SpiffWorkflow")
    found = peer.spiff_alone(tmp_path, 2)
    assert found["steps_per_application"] == 8
    assert found["applications_per_s"] > 0


def test_it_is_left_out_where_it_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "NAME", "no-such-package")
    assert peer.spiff_alone(tmp_path, 2) == {"name": "no-such-package", "skipped": "not installed"}
