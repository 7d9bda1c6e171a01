"""What is said of a path: conformant only if the verdict is, and end, case and result are those asked for."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.stand.paths.derive import PathPlan, derive
from services.stand.paths.report import as_json, as_text
from services.stand.paths.run import PathRun, summary
from shared.regulations.loader import load_regulations

PLAN = next(plan for plan in derive(load_regulations(), "almaty-city/externat-permission") if plan.outcome == "granted")


def journal(**changes: Any) -> dict[str, Any]:
    """The gateway's journal of a right run."""
    event = {
        "kind": "step",
        "clause": "6(1)",
        "actor": "provider",
        "role": None,
        "at": "2026-03-02T05:00:00Z",
        "due_at": None,
        "passed": None,
        "variant": None,
    }
    task = {**event, "kind": "task", "step": "procedure-1", "role": "recipient", "variant": PLAN.variant}
    return {
        "application": "a-1",
        "steps": [{**event, "step": "intake"}, {**event, "step": "procedure", "at": "2026-03-02T05:00:02Z"}],
        "tasks": [{**task, "at": "2026-03-02T05:00:01Z", "due_at": "2026-03-02T05:10:00Z"}],
        "outcome": "granted",
        "verdict": "conformant",
        "deviations": [],
        "awaited": [],
        "afterwards": [],
        **changes,
    }


def names(run: PathRun) -> list[str]:
    """The deviations by name."""
    return [deviation["name"] for deviation in run.deviations]


def test_a_run_that_is_the_path_is_conformant() -> None:
    run = PathRun(PLAN, journal(), given=PLAN.result)
    assert (run.verdict, names(run)) == ("conformant", [])


DELAYED = {"name": "task-overdue", "step": "procedure-1", "text": "late"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"verdict": "deviating", "deviations": [DELAYED]}, ["task-overdue"]),
        ({"afterwards": [DELAYED]}, ["task-overdue"]),
        ({"outcome": "refused"}, ["other-end"]),
        ({"steps": journal()["steps"][:1]}, ["other-end"]),
        ({"tasks": [{**journal()["tasks"][0], "variant": "another"}]}, ["other-case"]),
    ],
    ids=["verdict", "afterwards", "outcome", "end", "case"],
)
def test_whatever_differs_is_named(changes: dict[str, Any], found: list[str]) -> None:
    run = PathRun(PLAN, journal(**changes), given=PLAN.result)
    assert (run.verdict, names(run)) == ("deviating", found)


def test_another_result_is_named() -> None:
    assert names(PathRun(PLAN, journal(), given="voucher")) == ["other-result"]


def test_a_path_that_cannot_be_reached_is_named() -> None:
    run = PathRun(PLAN, {}, "Stuck: the run does not go on")
    assert (run.verdict, names(run)) == ("deviating", ["unreachable"])
    assert "the run does not go on" in as_text([run], ZoneInfo("Asia/Almaty"))


def test_a_run_under_way_is_not_conformant() -> None:
    assert PathRun(PLAN, journal(verdict="incomplete")).verdict == "incomplete"


def test_the_report_has_steps_tasks_and_terms_in_order() -> None:
    runs = [PathRun(PLAN, journal()), PathRun(PLAN, {}, "gone")]
    (path, _), found = as_json(runs)["paths"], as_json(runs)["summary"]
    assert [event["step"] for event in path["steps"]] == ["intake", "procedure-1", "procedure"]
    assert {"regulation", "channel", "variant", "outcome", "steps", "verdict", "deviations"} <= path.keys()
    assert (
        found
        == summary(runs)
        == {
            "regulations": 1,
            "pairs": 1,
            "paths": 2,
            "conformant": 1,
            "not_conformant": 1,
        }
    )
    assert "due 02.03.2026 10:10:00" in as_text(runs, ZoneInfo("Asia/Almaty"))


def test_plans_can_be_told_apart() -> None:
    plans: list[PathPlan] = derive(load_regulations())
    assert len({plan.name for plan in plans}) == len(plans)
