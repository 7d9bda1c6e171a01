"""Journaling by action: code says what it does, the regulation says which step that is."""

from datetime import datetime

from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.model import Regulation, Step


def find_step(regulation: Regulation, channel: str, action: Action) -> Step | None:
    """The step of ``channel`` that ``action`` is, or ``None`` if its flow has none."""
    for name, flow in regulation.channels.items():
        for step in flow.steps if name == channel else ():
            if step.action is action:
                return step
    return None


def step_of(regulation: Regulation, channel: str, action: Action) -> Step:
    """The step of ``channel`` that ``action`` is. Raises ``LookupError`` if the flow has none."""
    step = find_step(regulation, channel, action)
    if step is None:
        raise LookupError(f"{regulation.id} has no step {action} in channel {channel}")
    return step


def take_step(
    work: Work,
    regulation: Regulation,
    channel: str,
    action: Action,
    application: str,
    *,
    passed: bool | None = None,
    detail: str | None = None,
    at: datetime | None = None,
    message_id: str | None = None,
    variant: str | None = None,
    started_at: datetime | None = None,
    due_at: datetime | None = None,
) -> None:
    """Journal that the step which ``action`` is in this regulation and channel was taken.

    ``started_at`` and ``due_at`` are when its term began and ends, if the text gives it one. Raises ``LookupError`` as
    ``step_of``.
    """
    step = step_of(regulation, channel, action)
    work.journal(
        application,
        regulation.id,
        channel,
        step.id,
        clause=step.clause,
        passed=passed,
        detail=detail,
        at=at,
        message_id=message_id,
        variant=variant,
        started_at=started_at,
        due_at=due_at,
    )
