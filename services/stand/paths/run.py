"""Running paths against a stand, and what is said of each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.stand.paths.derive import PathPlan
from services.stand.paths.stage import Journey, Stage

Driver = Callable[[PathPlan, Stage], Awaitable[Journey]]
"""Does what a path asks for, over HTTP, as far as it can at once."""
Given = Callable[[PathPlan, Stage, str], Awaitable[str | None]]
"""The kind of result that came out of an application; ``None`` where the provider had no part in it."""
AT_ONCE = 4


@dataclass(frozen=True)
class PathRun:
    """One path as it went."""

    plan: PathPlan
    journal: dict[str, Any]
    trouble: str | None = None
    """Why it could not be gone at all."""
    given: str | None = None
    """The kind of result that the provider gave, if it did."""

    @property
    def deviations(self) -> list[dict[str, Any]]:
        """Everything in which the run is not the path: those of the verdict, and another end or case than asked for."""
        if self.trouble is not None:
            return [{"name": "unreachable", "step": None, "text": self.trouble}]
        found = [*self.journal["deviations"], *self.journal["afterwards"]]
        last = self.journal["steps"][-1]["step"]
        if (self.journal["outcome"], last) != (self.plan.outcome, self.plan.end):
            text = f"it ended with {last} ({self.journal['outcome']}), not with {self.plan.end} ({self.plan.outcome})"
            found.append({"name": "other-end", "step": last, "text": text})
        said = {event["variant"] for event in self.journal["tasks"] if event["variant"]}
        if said and said != {self.plan.variant}:
            text = f"it ran as {', '.join(sorted(said))}, not as {self.plan.variant}"
            found.append({"name": "other-case", "step": None, "text": text})
        if self.given is not None and self.given != self.plan.result:
            text = f"the provider gave {self.given}, not {self.plan.result}"
            found.append({"name": "other-result", "step": None, "text": text})
        return found

    @property
    def verdict(self) -> str:
        """``conformant``, or what the verdict says, or ``deviating`` for what it cannot know."""
        if self.deviations:
            return "deviating"
        return str(self.journal["verdict"])

    def as_dict(self) -> dict[str, Any]:
        """For ``egov paths --json``."""
        events = [*self.journal.get("steps", ()), *self.journal.get("tasks", ())]
        fields = ("kind", "step", "clause", "actor", "role", "at", "due_at", "passed")
        return {
            "regulation": self.plan.regulation,
            "channel": self.plan.channel,
            "variant": self.plan.variant,
            "outcome": self.plan.outcome,
            "end": self.plan.end,
            "result": self.plan.result,
            "application": self.journal.get("application"),
            "steps": [{name: event[name] for name in fields} for event in sorted(events, key=lambda e: e["at"])],
            "verdict": self.verdict,
            "deviations": self.deviations,
            "awaited": self.journal.get("awaited", []),
        }


async def go(plan: PathPlan, stage: Stage, drivers: Mapping[str, Driver], given: Given) -> PathRun:
    """One path from its beginning to the verdict; never raises, because a path that fails is a finding."""
    async with stage.pace.run():
        try:
            journey = await drivers[plan.channel](plan, stage)
            journal = await stage.ended(plan, journey)
            result = await given(plan, stage, journey.application) if journal["tasks"] else None
        except Exception as error:  # noqa: BLE001 - whatever hinders a path is said of it, and the others go on
            return PathRun(plan, {}, f"{type(error).__name__}: {error}")
        return PathRun(plan, journal, given=result)


async def go_all(plans: list[PathPlan], stage: Stage, drivers: Mapping[str, Driver], given: Given) -> list[PathRun]:
    """All of them, in the order given."""
    return list(await asyncio.gather(*(go(plan, stage, drivers, given) for plan in plans)))


def summary(runs: list[PathRun]) -> dict[str, int]:
    """How many there were, and how many of them conform."""
    good = sum(run.verdict == "conformant" for run in runs)
    pairs = {(run.plan.regulation, run.plan.channel) for run in runs}
    regulations = {run.plan.regulation for run in runs}
    return {
        "regulations": len(regulations),
        "pairs": len(pairs),
        "paths": len(runs),
        "conformant": good,
        "not_conformant": len(runs) - good,
    }
