"""Stand controls of a message-exchanging service: what its runtime did, and what it did not take."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from shared.messaging.platform import Platform


class MessagingRead(BaseModel):
    """Counts since the start (``shared.messaging.numbers.COUNTS``), and how many sent messages still wait for a
    receipt."""

    system: str
    taken: int
    rejected: int
    sent: int
    resent: int
    failing: int
    undecodable: int
    forgotten: int
    unanswered: int
    not_sendable: int
    not_kept: int
    awaiting_receipt: int
    trouble: str | None


class DeadLetterRead(BaseModel):
    """A record that this system did not take."""

    id: int
    topic: str
    partition: int
    record_offset: int
    message_id: str | None
    reason: str
    report: dict[str, Any]
    recorded_at: datetime


def messaging_router(platform: Callable[[], Platform]) -> APIRouter:
    """Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.get("/messaging", summary="What the message loop did")
    async def get_messaging() -> MessagingRead:
        found = platform()
        async with found.database.session() as session:
            pending = await found.runtime.store.pending(session)
        runtime = found.runtime
        return MessagingRead(
            system=runtime.system.value, **runtime.counts, awaiting_receipt=pending, trouble=runtime.trouble
        )

    @router.get("/dead-letters", summary="Records that were not taken, newest first")
    async def list_newest_dead_letters(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[DeadLetterRead]:
        found = platform()
        async with found.database.session() as session:
            letters = await found.runtime.store.dead_letters(session, limit=limit)
        return [DeadLetterRead(**letter) for letter in letters]

    return router
