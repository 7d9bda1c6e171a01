"""Requests of third parties for what a person has, and that person's consent."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from services.portal.endpoints.access import Current
from services.portal.schemas.applications import Confirmed
from services.portal.schemas.cabinet import ResultRead
from services.portal.schemas.third_parties import (
    AccessAnswer,
    AccessRequestCreate,
    AccessRequestRead,
    ShortMessageCreate,
)
from services.portal.service.third_parties import AccessRequests
from shared.web.paging import Pages


def third_parties_router(requests: AccessRequests, access: Sequence[Any]) -> APIRouter:
    """Both sides are recipients who are signed in; anybody else's request is 404."""
    rules = [Depends(rule) for rule in access]
    router = APIRouter(prefix="/access-requests", tags=["third parties"], dependencies=rules)

    @router.post("", status_code=201, summary="Ask for the results of somebody else")
    async def ask(body: AccessRequestCreate, session: Current, response: Response) -> AccessRequestRead:
        """The person is asked for consent. The answer does not tell whether the portal knows them."""
        asked = await requests.ask(session.iin, body.iin, body.service, body.purpose)
        response.headers["Location"] = f"/access-requests/{asked.id}"
        return AccessRequestRead.of(asked)

    @router.get("", summary="Requests I have made, or that are made about me")
    async def list_requests(
        session: Current,
        pages: Pages,
        role: Literal["requester", "subject"] = "subject",
        before: Annotated[str | None, Query(max_length=200, description="Last id seen")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[AccessRequestRead]:
        """Newest first."""
        found = await requests.requests(session.iin, subject=role == "subject", before=before, limit=limit + 1)
        return [AccessRequestRead.of(request) for request in pages.page(found, limit, before=lambda found: found.id)]

    @router.get("/{request_id}", summary="One request")
    async def get_request(request_id: str, session: Current) -> AccessRequestRead:
        """For who asks and who is asked."""
        return AccessRequestRead.of(await requests.find(session.iin, request_id))

    @router.post("/{request_id}/answer", summary="Consent or decline in the cabinet")
    async def answer(request_id: str, body: AccessAnswer, session: Current) -> AccessRequestRead:
        """For the person asked about; 409 once it was answered or the time is over."""
        return AccessRequestRead.of(await requests.answer(session.iin, request_id, given=body.given))

    @router.post("/{request_id}/confirmation", summary="Prove the consent with the person's one-time password")
    async def confirm(request_id: str, body: Confirmed, session: Current) -> AccessRequestRead:
        """For who asks: the password went to the device of the person. 403 for a wrong one, 429 after too many."""
        return AccessRequestRead.of(await requests.confirm(session.iin, request_id, body.password))

    @router.get("/{request_id}/results", summary="What the consent has opened")
    async def get_results(request_id: str, session: Current) -> list[ResultRead]:
        """403 without the consent, and once its time is over."""
        return [
            ResultRead.of(act).model_copy(update={"links": {"verify": f"/verify/{act.sha256}"}})
            for act in await requests.acts(session.iin, request_id)
        ]

    return router


def replies_router(requests: AccessRequests) -> APIRouter:
    """The stand's telephone network in the other direction."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.post("/text-messages", status_code=204, summary="A telephone replies to the portal")
    async def reply(body: ShortMessageCreate) -> Response:
        """With the one-time password the reply is the consent; 403 for anything else."""
        await requests.reply(body.phone, body.text)
        return Response(status_code=204)

    return router
