"""The terms of a channel's own steps: what somebody at the counter or a courier has to do by when. Pure.

A step that runs in stages (an office hands over in hours, a courier brings it in days) has one duration for each; they
follow each other.
"""

from collections.abc import Sequence
from datetime import datetime

from shared.regulations.calendar import WorkCalendar
from shared.regulations.model import Step
from shared.regulations.terms import DEFAULT, Duration


def stages_of(step: Step, variant: str) -> tuple[Duration, ...]:
    """The durations of ``step`` in ``variant`` in the order of their stages, else its default ones; empty: the text
    sets no term."""
    own = [duration for duration in step.durations if duration.variant == variant]
    found = own or [duration for duration in step.durations if duration.variant == DEFAULT]
    return tuple(sorted(found, key=lambda duration: duration.stage or 0))


def due_after(stages: Sequence[Duration], start: datetime, calendar: WorkCalendar) -> datetime | None:
    """When the last of ``stages`` ends if the first begins at ``start`` and each other when the one before ends;
    ``None`` if none of them has an end."""
    at: datetime | None = None
    for duration in stages:
        due = calendar.due(at or start, duration)
        # A stage without an upper limit takes no time here, as in the plan of a procedure.
        at = due if due is not None else at
    return at


def step_due(step: Step, variant: str, start: datetime, calendar: WorkCalendar) -> datetime | None:
    """By when ``step``, which begins at ``start``, has to be taken in ``variant``; ``None``: the text sets no term."""
    return due_after(stages_of(step, variant), start, calendar)
