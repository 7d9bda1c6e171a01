"""Journaling by action: code says what it does, the regulation says which step that is."""

from datetime import datetime

from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.model import Regulation, Step


def step_of(regulation: Regulation, channel: str, action: Action) -> Step:
    """The step of ``channel`` that ``action`` is. Raises ``LookupError`` if the flow has none."""
    for name, flow in regulation.channels.items():
        for step in flow.steps if name == channel else ():
            if step.action is action:
                return step
    raise LookupError(f"{regulation.id} has no step {action} in channel {channel}")


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
) -> None:
    """Journal that the step which ``action`` is in this regulation and channel was taken."""
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
    )
