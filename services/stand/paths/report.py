"""What ``egov paths`` prints: of every path its steps, their terms, and the verdict."""

from datetime import datetime, tzinfo
from typing import Any

from services.stand.paths.run import PathRun, summary


def as_json(runs: list[PathRun]) -> dict[str, Any]:
    """For ``egov paths --json``."""
    return {"paths": [run.as_dict() for run in runs], "summary": summary(runs)}


def as_text(runs: list[PathRun], zone: tzinfo) -> str:
    """For people, with the local times of the offices."""
    found = summary(runs)
    lines = [line for run in runs for line in _lines(run, zone)]
    lines.append("")
    lines.append(
        f"{found['conformant']} of {found['paths']} paths conformant: {found['regulations']} regulations, "
        f"{found['pairs']} pairs of regulation and channel."
    )
    return "\n".join(lines)


def _lines(run: PathRun, zone: tzinfo) -> list[str]:
    plan = run.plan
    out = ["", f"{plan.regulation}, {plan.channel}, {plan.variant}: {plan.outcome} by {plan.end} → {plan.result}"]
    out[-1] += plan.after
    out += [_line(step, zone) for step in run.as_dict()["steps"]]
    out += [f"    deviation: {found['name']} at {found['step']}: {found['text']}" for found in run.deviations]
    out.append(f"  => {run.verdict}")
    return out


def _line(event: dict[str, Any], zone: tzinfo) -> str:
    who = str(event["role"] or event["actor"])
    passed = {True: "passed", False: "FAILED", None: ""}[event["passed"]]
    term = f"due {_local(event['due_at'], zone)}" if event["due_at"] else ""
    text = (
        f"    {event['step']:<20} cl. {event['clause']:<12} {who:<24} {_local(event['at'], zone)}  {passed:<7} {term}"
    )
    return text.rstrip()


def _local(instant: str, zone: tzinfo) -> str:
    return datetime.fromisoformat(instant).astimezone(zone).strftime("%d.%m.%Y %H:%M:%S")
