"""The walker: paths of diagram 2 and diagram 1, hand-written."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.regulations.flow import Flow, outcome, paths
from shared.regulations.loader import load_regulations
from shared.regulations.model import Channel
from tests.unit.regulations.factories import centre_regulation, small_regulation

REFUSED_AUTHORISATION = ("process-1", "condition-1", "process-2")
REFUSED_CERTIFICATE = ("process-1", "condition-1", "process-3", "condition-2", "process-4")
SENT = ("process-1", "condition-1", "process-3", "condition-2", "process-5", "process-6", "condition-3")
PORTAL_ENDS = {
    REFUSED_AUTHORISATION: "not_authorised",
    REFUSED_CERTIFICATE: "refused",
    (*SENT, "process-7"): "refused",
    (*SENT, "process-8"): "granted",
}


def channel_of(raw: dict[str, Any], directory: Path, name: str) -> Channel:
    """The channel of a raw regulation, through the loader."""
    (directory / "city").mkdir()
    (directory / "city" / "service.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return load_regulations(directory)["city/service"].channel(name)


def test_portal_has_four_ends_each_with_and_without_registration(portal: Channel) -> None:
    found = {path: outcome(portal, path) for path in paths(portal)}
    assert found == PORTAL_ENDS | {("registration", *path): end for path, end in PORTAL_ENDS.items()}


def test_centre_has_three_ends(tmp_path: Path) -> None:
    csc = channel_of(centre_regulation(), tmp_path, "csc")
    asked = ("process-1", "process-2", "process-3", "condition-1")
    sent = (*asked, "process-5", "process-6", "process-7", "condition-2")
    assert {path: outcome(csc, path) for path in paths(csc)} == {
        (*asked, "process-4"): "refused",
        (*sent, "process-8"): "refused",
        (*sent, "process-9"): "granted",
    }


def test_next_overrides_the_order_of_the_list(tmp_path: Path) -> None:
    raw = small_regulation()
    steps = raw["channels"]["portal"]["steps"]
    steps[0]["next"] = "condition-1"
    steps[1], steps[3] = steps[3], steps[1]
    found = paths(channel_of(raw, tmp_path, "portal"))
    assert found == [("process-1", "condition-1", "process-3"), ("process-1", "condition-1", "process-2")]


def test_a_run_starts_with_the_first_step_and_may_leave_the_optional_one_out(portal: Channel) -> None:
    flow = Flow(portal)
    assert flow.start().id == "registration"
    assert [step.id for step in flow.ready(flow.start())] == ["registration", "process-1"]


def test_nothing_follows_a_terminal(portal: Channel) -> None:
    flow = Flow(portal)
    assert flow.following("process-8") is None
    assert flow.branches("process-2") == ()


@pytest.mark.parametrize(("passed", "expected"), [(True, "process-5"), (False, "process-4")])
def test_a_condition_branches(portal: Channel, passed: bool, expected: str) -> None:
    following = Flow(portal).following("condition-2", passed)
    assert following is not None
    assert following.id == expected


def test_a_condition_needs_an_answer(portal: Channel) -> None:
    with pytest.raises(ValueError, match="condition-2 is a condition"):
        Flow(portal).following("condition-2")


def test_an_unfinished_path_has_no_outcome(portal: Channel) -> None:
    assert outcome(portal, ("registration", "process-1")) is None
    assert outcome(portal, ()) is None


def test_a_channel_without_steps_cannot_be_walked(portal: Channel) -> None:
    with pytest.raises(ValueError, match="no steps"):
        Flow(portal.model_copy(update={"steps": ()}))
