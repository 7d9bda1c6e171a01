"""What the provider journals of a matter beside the tasks of its procedure."""

from datetime import datetime

from services.provider.domain.matter import Matter
from shared.messaging.work import Work

OVERDUE = "overdue"


def mark(
    work: Work,
    matter: Matter,
    name: str,
    *,
    clause: str = "",
    detail: str | None = None,
    started_at: datetime | None = None,
    due_at: datetime | None = None,
) -> None:
    """Journal that ``matter`` has reached the mark ``name``; with ``due_at`` one that has a term."""
    work.journal(
        matter.application,
        matter.regulation,
        matter.channel,
        name,
        clause=clause,
        detail=detail,
        mark=True,
        variant=matter.variant,
        started_at=started_at,
        due_at=due_at,
    )
