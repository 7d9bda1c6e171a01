"""The verdict: right runs conform, and every way to go wrong is called by its name."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.regulations.conformance import StepEvent, Verdict, conformance
from shared.regulations.flow import outcome, paths
from shared.regulations.loader import load_regulations
from shared.regulations.model import Regulation
from tests.unit.regulations.factories import centre_regulation, run

GRANTED = (
    "process-1",
    "condition-1",
    "process-3",
    "condition-2",
    "process-5",
    "process-6",
    "condition-3",
    "process-8",
)
REFUSED = (*GRANTED[:-1], "process-7")


def named(verdict: Verdict) -> list[tuple[str, str | None]]:
    """The deviations as pairs of name and step."""
    return [(d.name, d.step) for d in verdict.deviations]


def judge(queue: Regulation, events: list[StepEvent]) -> Verdict:
    """The verdict on a portal run."""
    return conformance(queue, "portal", events)


def changed(events: list[StepEvent], step: str, **fields: Any) -> list[StepEvent]:
    """``events`` with the event of ``step`` changed."""
    return [e.model_copy(update=fields) if e.step == step else e for e in events]


def swapped(events: list[StepEvent], one: str, other: str) -> list[StepEvent]:
    """``events`` with two steps in each other's place; the times stay where they were."""
    order = [{one: other, other: one}.get(e.step, e.step) for e in events]
    by_step = {e.step: e for e in events}
    return [by_step[step].model_copy(update={"time": at.time}) for step, at in zip(order, events, strict=True)]


def test_every_path_conforms_with_its_outcome(queue: Regulation) -> None:
    portal = queue.channel("portal")
    for path in paths(portal):
        verdict = judge(queue, run(queue, "portal", path))
        assert (verdict.verdict, verdict.outcome, verdict.deviations) == ("conformant", outcome(portal, path), ())
        assert verdict.steps == path


def test_every_path_of_the_centre_conforms(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "service.yaml").write_text(yaml.safe_dump(centre_regulation()), encoding="utf-8")
    centre = load_regulations(tmp_path)["city/service"]
    found = [conformance(centre, "csc", run(centre, "csc", path)) for path in paths(centre.channel("csc"))]
    assert [v.verdict for v in found] == ["conformant"] * 3
    assert [v.outcome for v in found] == ["granted", "refused", "refused"]


@pytest.mark.parametrize("length", range(len(GRANTED)))
def test_a_run_under_way_is_incomplete(queue: Regulation, length: int) -> None:
    events = run(queue, "portal", GRANTED)[:length]
    verdict = judge(queue, events)
    assert (verdict.verdict, verdict.outcome, named(verdict)) == ("incomplete", None, [("no-terminal", None)])


@pytest.mark.parametrize("dropped", GRANTED[:-1])
def test_a_dropped_step_is_missing(queue: Regulation, dropped: str) -> None:
    events = [e for e in run(queue, "portal", GRANTED) if e.step != dropped]
    verdict = judge(queue, events)
    assert (verdict.verdict, verdict.outcome) == ("deviating", "granted")
    assert named(verdict) == [("missing-step", dropped)]


def test_each_of_several_dropped_steps_is_named(queue: Regulation) -> None:
    events = [e for e in run(queue, "portal", GRANTED) if e.step not in {"process-6", "condition-3"}]
    assert named(judge(queue, events)) == [("missing-step", "process-6"), ("missing-step", "condition-3")]


@pytest.mark.parametrize("place", range(len(GRANTED) - 2))
def test_neighbours_in_the_wrong_order(queue: Regulation, place: int) -> None:
    early, late = GRANTED[place], GRANTED[place + 1]
    verdict = judge(queue, swapped(run(queue, "portal", GRANTED), early, late))
    assert verdict.verdict == "deviating"
    assert named(verdict) == [("out-of-order", late)]


def test_the_result_before_the_check_is_out_of_order(queue: Regulation) -> None:
    verdict = judge(queue, swapped(run(queue, "portal", GRANTED), "condition-3", "process-8"))
    assert named(verdict) == [("out-of-order", "process-8")]
    assert verdict.outcome == "granted"


def test_the_result_before_a_check_that_fails(queue: Regulation) -> None:
    events = changed(run(queue, "portal", GRANTED), "condition-3", passed=False)
    verdict = judge(queue, swapped(events, "condition-3", "process-8"))
    assert named(verdict) == [("out-of-order", "process-8"), ("condition-not-followed", "condition-3")]


def test_registration_after_signing_in_is_out_of_order(queue: Regulation) -> None:
    events = run(queue, "portal", ("registration", *GRANTED))
    assert named(judge(queue, swapped(events, "registration", "process-1"))) == [("out-of-order", "registration")]


@pytest.mark.parametrize("repeated", GRANTED)
def test_a_step_taken_twice(queue: Regulation, repeated: str) -> None:
    events = run(queue, "portal", GRANTED)
    place = GRANTED.index(repeated)
    verdict = judge(queue, [*events[: place + 1], events[place], *events[place + 1 :]])
    assert named(verdict) == [("repeated-step", repeated)]
    assert verdict.verdict == "deviating"


@pytest.mark.parametrize("step", GRANTED)
def test_a_forged_actor(queue: Regulation, step: str) -> None:
    verdict = judge(queue, changed(run(queue, "portal", GRANTED), step, actor="gateway"))
    assert named(verdict) == [("wrong-actor", step)]
    assert verdict.verdict == "deviating"


@pytest.mark.parametrize("condition", ["condition-1", "condition-2", "condition-3"])
def test_going_on_after_a_failed_condition(queue: Regulation, condition: str) -> None:
    following = GRANTED[GRANTED.index(condition) + 1]
    verdict = judge(queue, changed(run(queue, "portal", GRANTED), condition, passed=False))
    assert named(verdict) == [("condition-not-followed", following)]
    assert (verdict.verdict, verdict.outcome) == ("deviating", "granted")


def test_what_follows_on_the_wrong_branch_is_judged_by_that_branch(queue: Regulation) -> None:
    events = changed(run(queue, "portal", GRANTED), "condition-1", passed=False)
    verdict = judge(queue, [e for e in events if e.step != "process-6"])
    assert named(verdict) == [("condition-not-followed", "process-3"), ("missing-step", "process-6")]


def test_refusing_after_a_condition_that_passed(queue: Regulation) -> None:
    verdict = judge(queue, changed(run(queue, "portal", REFUSED), "condition-3", passed=True))
    assert named(verdict) == [("condition-not-followed", "process-7")]
    assert verdict.outcome == "refused"


def test_a_condition_without_an_answer(queue: Regulation) -> None:
    verdict = judge(queue, changed(run(queue, "portal", GRANTED), "condition-2", passed=None))
    assert named(verdict) == [("condition-not-followed", "condition-2")]


def test_a_result_after_the_refusal(queue: Regulation) -> None:
    refused = run(queue, "portal", REFUSED)
    result = run(queue, "portal", GRANTED)[-1].model_copy(update={"time": refused[-1].time})
    verdict = judge(queue, [*refused, result])
    assert named(verdict) == [("step-after-terminal", "process-8")]
    assert (verdict.verdict, verdict.outcome) == ("deviating", "refused")


def test_an_unknown_step(queue: Regulation) -> None:
    events = run(queue, "portal", GRANTED)
    stray = events[2].model_copy(update={"step": "process-99"})
    assert named(judge(queue, [*events[:3], stray, *events[3:]])) == [("unknown-step", "process-99")]


@pytest.mark.parametrize("fields", [{"regulation": "city/other"}, {"channel": "csc"}])
def test_an_event_of_another_regulation_or_channel(queue: Regulation, fields: dict[str, str]) -> None:
    verdict = judge(queue, changed(run(queue, "portal", GRANTED), "process-8", **fields))
    assert named(verdict) == [("wrong-regulation", "process-8"), ("no-terminal", None)]
    assert (verdict.verdict, verdict.outcome) == ("deviating", None)


def test_time_that_goes_back(queue: Regulation) -> None:
    events = run(queue, "portal", GRANTED)
    verdict = judge(queue, changed(events, "process-6", time=events[0].time - timedelta(microseconds=1)))
    assert named(verdict) == [("time-goes-back", "process-6")]


def test_events_of_one_instant_keep_the_order_given(queue: Regulation) -> None:
    events = run(queue, "portal", GRANTED)
    together = [e.model_copy(update={"time": events[0].time}) for e in events]
    assert judge(queue, together).verdict == "conformant"
    assert judge(queue, [together[1], together[0], *together[2:]]).verdict == "deviating"


def test_two_applications_get_no_common_verdict(queue: Regulation) -> None:
    with pytest.raises(ValueError, match="one application"):
        judge(queue, changed(run(queue, "portal", GRANTED), "process-8", application="a-2"))


def test_a_channel_that_is_not_there(queue: Regulation) -> None:
    with pytest.raises(KeyError, match="mobile"):
        conformance(queue, "mobile", [])


@given(data=st.data())
def test_any_other_order_deviates(queue: Regulation, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(paths(queue.channel("portal"))))
    events = run(queue, "portal", path)
    mixed = data.draw(st.permutations(events))
    at_once = [e.model_copy(update={"time": events[0].time}) for e in mixed]
    assert (judge(queue, at_once).verdict == "conformant") == (tuple(e.step for e in mixed) == path)


@given(data=st.data())
def test_any_subset_conforms_only_if_it_is_a_path(queue: Regulation, data: st.DataObject) -> None:
    found = paths(queue.channel("portal"))
    events = run(queue, "portal", data.draw(st.sampled_from(found)))
    kept = [e for e in events if data.draw(st.booleans())]
    verdict = judge(queue, kept)
    assert (verdict.verdict == "conformant") == (tuple(e.step for e in kept) in found)
