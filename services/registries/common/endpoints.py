"""The stand's controls of both registries: access log, held answers, faults, reset.

A registry talks to other systems by messages only. Everything here is for tests and for whoever looks after the
stand, and hence under ``/__stand/``, which is not there unless the tools are enabled.
"""

from typing import Annotated

from fastapi import APIRouter, Query

from services.registries.common.domain import Outcome
from services.registries.common.schemas import AccessEntryRead, HeldAnswerRead, ReleasedRead
from services.registries.common.service.access import AccessLog
from services.registries.common.service.held import HeldAnswers
from shared.web.paging import Pages

_Filter = Annotated[str | None, Query(max_length=200)]


def controls_router(log: AccessLog, held: HeldAnswers) -> APIRouter:
    """Access log and held answers."""
    router = APIRouter(prefix="/__stand", tags=["registry"])

    @router.get("/access-log", summary="Who looked at whose data, when and on what ground")
    async def list_access(
        pages: Pages,
        iin: Annotated[str | None, Query(pattern=r"^[0-9]{12}$", description="Whose data were looked at")] = None,
        application: _Filter = None,
        message_id: _Filter = None,
        system: _Filter = None,
        asked_by: _Filter = None,
        outcome: Outcome | None = None,
        before: Annotated[str | None, Query(max_length=200, description="``key`` the page before ended with")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[AccessEntryRead]:
        """Newest first. One entry for each person whose data an answer told; for a fruitless search, one for who was
        sought."""
        filters = {
            "iin": iin,
            "application": application,
            "message_id": message_id,
            "system": system,
            "asked_by": asked_by,
            "outcome": outcome,
        }
        wanted = {name: value for name, value in filters.items() if value is not None}
        found = await log.entries(wanted, before=before, limit=limit + 1)
        return [AccessEntryRead.of(entry) for entry in pages.page(found, limit, before=lambda entry: entry.key)]

    @router.get("/held-answers", summary="Answers that a fault keeps back")
    async def list_held(
        pages: Pages,
        after: Annotated[str | None, Query(max_length=200, description="Last request of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[HeldAnswerRead]:
        """Oldest first."""
        found = await held.held(after=after, limit=limit + 1)
        shown = pages.page(found, limit, after=lambda answer: answer.request_id)
        return [HeldAnswerRead.of(answer) for answer in shown]

    @router.post("/held-answers/release", summary="Send every answer that is kept back")
    async def release_held() -> ReleasedRead:
        """Switch the fault off before, or the next answer is held again."""
        return ReleasedRead(released=await held.release())

    return router
