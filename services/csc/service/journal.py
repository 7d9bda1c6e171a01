"""What the centre journals: its steps with the case and the term they had, marks, and terms that have passed."""

from datetime import datetime
from typing import Any

from services.csc.domain.matter import Matter
from services.csc.domain.terms import watched
from services.csc.repository import MATTERS
from shared.messaging.steps import find_step, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.model import Regulation

OVERDUE = "overdue"
"""The mark of a term that has passed; its detail says which."""


def journal_step(work: Work, regulation: Regulation, matter: Matter, action: Action, **more: Any) -> None:
    """Journal that the step which ``action`` is was taken in ``matter``, with its term if it is the open one. A flow
    that has no such step says nothing of it."""
    step = find_step(regulation, matter.channel, action)
    if step is None:
        return
    open_step = matter.open_step
    if open_step is not None and open_step["step"] == step.id:
        due = open_step["due_at"]
        more.setdefault("started_at", datetime.fromisoformat(open_step["since"]))
        more.setdefault("due_at", datetime.fromisoformat(due) if due else None)
    take_step(work, regulation, matter.channel, action, matter.id, variant=matter.variant, **more)


def journal_overdue(work: Work, matter: Matter, what: str, due_at: datetime) -> None:
    """Journal that a term of ``matter`` has passed: of the step ``what``, of the wait, the service or the result."""
    work.journal(
        matter.id,
        matter.service,
        matter.channel,
        OVERDUE,
        mark=True,
        detail=what,
        due_at=due_at,
        variant=matter.variant,
    )


def put(work: Work, matter: Matter) -> Matter:
    """Save the matter with the moment at which a term of it ends, and wake who waits for it; the matter as saved."""
    saved = watched(matter)
    work.put(MATTERS, saved)
    work.touch(saved.id)
    return saved


def keep(work: Work, before: Matter, after: Matter) -> None:
    """Save the matter if it changed, and journal the marks it has reached now."""
    if after is before:
        return
    put(work, after)
    for mark in after.timeline[len(before.timeline) :]:
        at = datetime.fromisoformat(mark["at"])
        work.journal(after.id, after.service, after.channel, mark["mark"], at=at, mark=True)
