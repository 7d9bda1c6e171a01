"""Tasks of the procedure, and the register, over HTTP."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from services.provider.domain.tasks import Task, TaskState
from services.provider.repository import RegisterLine
from services.provider.service.desk import Verdict
from shared.kit.text import NO_NUL


class TaskRead(BaseModel):
    """A task that is open or done: who does it, what, and by when."""

    application: str
    task: str
    regulation: str
    channel: str
    variant: str
    role: str | None
    acts: list[str]
    clause: str
    started_at: datetime
    due_at: datetime | None
    overdue_at: datetime | None
    state: TaskState
    done_at: datetime | None
    done_by: str | None
    note: str | None

    @classmethod
    def of(cls, task: Task) -> Self:
        """As it stands."""
        return cls.model_validate({name: getattr(task, name) for name in cls.model_fields})


class TaskDone(BaseModel):
    """The task is done. ``decision`` in the task that examines; ``executor`` in the one that assigns."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["granted", "refused"] | None = None
    grounds: list[str] = Field(default=[], max_length=20)
    reasons: str | None = Field(default=None, max_length=2000, pattern=NO_NUL)
    result: str | None = Field(default=None, max_length=100)
    executor: str | None = Field(default=None, max_length=60)
    note: str | None = Field(default=None, max_length=2000, pattern=NO_NUL)

    def verdict(self) -> Verdict | None:
        """What was decided, if anything."""
        if self.decision is None:
            return None
        return Verdict(self.decision, self.grounds, self.note, self.reasons, self.result)


class ExtensionCreate(BaseModel):
    """Why the term is extended; the recipient is told so at once, or with ``notice: later`` in a step of its own."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=1000, pattern=NO_NUL)
    notice: Literal["now", "later"] = "now"


class CourseEnd(BaseModel):
    """The course is over; with what is to be said of it."""

    model_config = ConfigDict(extra="forbid")

    note: str | None = Field(default=None, max_length=2000, pattern=NO_NUL)


class SupplementCreate(BaseModel):
    """The document of the recipient that was awaited, shown over the counter."""

    model_config = ConfigDict(extra="forbid")

    document: str = Field(min_length=1, max_length=100)


class HandOut(BaseModel):
    """Who takes the result away."""

    model_config = ConfigDict(extra="forbid")

    receiver: str = Field(min_length=1, max_length=200, pattern=NO_NUL)


class RegisterEntryRead(BaseModel):
    """An entry of the register of public services."""

    register_number: str
    application: str
    regulation: str
    channel: str
    recipient_iin: str | None
    started_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    state: str
    decided_at: datetime | None
    handed_out: dict[str, Any] | None

    @classmethod
    def of(cls, line: RegisterLine) -> Self:
        """As it stands."""
        return cls.model_validate({name: getattr(line, name) for name in cls.model_fields})
