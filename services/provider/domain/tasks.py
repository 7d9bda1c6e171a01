"""The tasks of the provider's procedure: one chain for each matter, one open task at a time.

What the tasks are is the regulation's business (``shared.regulations.procedure``); here is what became of them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.regulations.procedure import TaskPlan, examining_task, left_out


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    WAITING = "waiting"
    """For the recipient, for a queue number, or until its least time is over."""
    DONE = "done"
    REJECTED = "rejected"
    """Done, but what it sent was not taken: the decision is to be signed and sent again."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is open or done. ``key``: application and id of the task."""

    key: str
    application: str
    task: str
    position: int
    provider_bin: str
    regulation: str
    channel: str
    variant: str
    role: str | None
    clause: str
    started_at: datetime
    due_at: datetime | None
    state: str = TaskState.OPEN.value
    done_at: datetime | None = None
    done_by: str | None = None
    note: str | None = None
    overdue_at: datetime | None = None
    acts: list[str] = field(default_factory=list)


def task_key(application: str, task: str) -> str:
    """The key of a task."""
    return f"{application}/{task}"


@dataclass(frozen=True, slots=True)
class Chain:
    """The tasks of one regulation, channel and variant in their order."""

    plans: tuple[TaskPlan, ...]

    @property
    def first(self) -> TaskPlan | None:
        """Where it begins; ``None`` where the text has no procedure."""
        return self.plans[0] if self.plans else None

    @property
    def examining(self) -> TaskPlan | None:
        """The task in which the decision falls."""
        return examining_task(self.plans)

    def plan(self, task: str) -> TaskPlan:
        """The task of that id. Raises ``KeyError``."""
        for plan in self.plans:
            if plan.id == task:
                return plan
        raise KeyError(task)

    def position(self, task: str) -> int:
        """Its place in the chain, from 0."""
        return self.plans.index(self.plan(task))

    def after(self, task: str, *, refused: bool) -> TaskPlan | None:
        """The task after it; what only rendering the service calls for is left out once it is refused."""
        following = self.plans[self.position(task) + 1 :]
        return next((plan for plan in following if not (refused and left_out(plan, self.plans))), None)
