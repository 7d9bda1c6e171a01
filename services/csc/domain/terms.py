"""The terms a matter has at the centre: of the step that waits there, and of the whole. Pure."""

from dataclasses import replace
from datetime import datetime

from services.csc.domain.matter import Matter
from services.csc.domain.states import OpenStep
from shared.kit.clock import rfc3339

RESULT = "result"
"""What is overdue when the result as a whole is not there in time."""


def opened(matter: Matter, step: str, due_at: datetime | None, stage_due_at: datetime | None, at: datetime) -> Matter:
    """From ``at`` on it is the centre's turn with ``step``; ``due_at`` is the end of all its stages."""
    term = OpenStep(
        step=step,
        since=rfc3339(at),
        due_at=_text(due_at),
        stage_due_at=_text(stage_due_at),
        overdue_at=None,
    )
    return replace(matter, open_step=term)


def next_stage(matter: Matter, due_at: datetime | None) -> Matter:
    """The open step goes on with its next stage, which has a term of its own."""
    if matter.open_step is None:
        return matter
    term = OpenStep(**{**matter.open_step, "stage_due_at": _text(due_at), "overdue_at": None})
    return replace(matter, open_step=term)


def closed(matter: Matter) -> Matter:
    """It is not the centre's turn any more."""
    return replace(matter, open_step=None)


def watched(matter: Matter) -> Matter:
    """With the moment after which it has to be looked at because a term ends."""
    moments = [] if matter.state.terminal else [_stage_due(matter), _result_due(matter)]
    return replace(matter, watch_at=min((moment for moment in moments if moment is not None), default=None))


def overran(matter: Matter, at: datetime) -> tuple[Matter, list[tuple[str, datetime]]]:
    """The terms that have passed at ``at`` without being noticed: the matter with them noted, and each by the step it
    is of (``RESULT``: the whole) with its end."""
    found: list[tuple[str, datetime]] = []
    known, stage_due, result_due = matter, _stage_due(matter), _result_due(matter)
    if matter.open_step is not None and stage_due is not None and stage_due < at:
        late = OpenStep(**{**matter.open_step, "overdue_at": rfc3339(at)})
        known = replace(known, open_step=late, step_overdue=True)
        found.append((late["step"], stage_due))
    if result_due is not None and result_due < at:
        known = replace(known, overdue_at=at)
        found.append((RESULT, result_due))
    return known, found


def _stage_due(matter: Matter) -> datetime | None:
    """The end of the stage the centre is at, while nobody has noticed it pass."""
    step = matter.open_step
    if step is None or step["stage_due_at"] is None or step["overdue_at"] is not None:
        return None
    return datetime.fromisoformat(step["stage_due_at"])


def _result_due(matter: Matter) -> datetime | None:
    """The end of the whole term, while the result is not there and nobody has noticed it pass."""
    return matter.due_at if matter.received_at is None and matter.overdue_at is None else None


def _text(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None
