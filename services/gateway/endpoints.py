"""HTTP of the gateway: the message log and the journal."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.gateway.schemas import JournalRead, MessageRead, MessageSummary
from services.gateway.service import GatewayService
from shared.hosting.access import calling_system
from shared.messages.control import DeliveryState
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.web.access import Rule
from shared.web.paging import Pages
from shared.web.until import FINAL, known_until, until_query
from shared.web.wait import WaitSeconds

Party = Annotated[System | None, Depends(calling_system)]
"""The system that asks, and sees what is its own; ``None``: the auditor."""


def messages_router(service: GatewayService, readers: Rule) -> APIRouter:
    """The message log. The auditor reads all of it, a system what it has sent or is sent."""
    router = APIRouter(tags=["messages"], dependencies=[Depends(readers)])

    @router.get("/messages", summary="Search the message log")
    async def search_messages(
        pages: Pages,
        party: Party,
        source: System | None = None,
        destination: System | None = None,
        message_type: Annotated[MessageType | None, Query(alias="type")] = None,
        subject: Annotated[str | None, Query(max_length=200, description="Application id")] = None,
        delivery_state: DeliveryState | None = None,
        before: Annotated[str | None, Query(max_length=200, description="Last id of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[MessageSummary]:
        """Relayed messages, newest first; to a system those that it has sent or is sent."""
        given = {
            "source": source,
            "destination": destination,
            "type": message_type,
            "subject": subject,
            "delivery_state": delivery_state,
        }
        wanted = {name: str(value) for name, value in given.items() if value is not None}
        found = await service.search(wanted, of=party, limit=limit + 1, before=before)
        shown = pages.page(found, limit, before=lambda message: message.message_id)
        return [MessageSummary.of(message) for message in shown]

    @router.get("/messages/{message_id}", summary="One message with signatures and report")
    async def get_message(message_id: str, party: Party) -> MessageRead:
        """The content, both signatures, the verification report and the delivery state."""
        return MessageRead.of(*await service.message(message_id, of=party))

    @router.get(
        "/messages/{message_id}/raw",
        summary="The signed bytes",
        response_class=Response,
        responses={200: {"content": {"application/json": {}}}},
    )
    async def get_raw_message(message_id: str, party: Party) -> Response:
        """Exactly the bytes both signatures are over; the signatures stand in the headers ``jws`` and
        ``jws-gateway``."""
        _, evidence = await service.message(message_id, of=party)
        headers = {"jws": evidence.jws, "jws-gateway": evidence.jws_gateway}
        return Response(evidence.value, media_type="application/json", headers=headers)

    return router


def journal_router(service: GatewayService, readers: Rule) -> APIRouter:
    """The journal, for the auditor."""
    router = APIRouter(tags=["journal"], dependencies=[Depends(readers)])

    @router.get("/journal", summary="Applications whose journal grew last")
    async def list_journals(
        pages: Pages,
        before: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="Where the page before ended")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 20,
    ) -> list[str]:
        """Application ids, newest first."""
        found = await service.latest(before=before, limit=limit + 1)
        return [application for application, _ in pages.page(found, limit, before=lambda line: line[1])]

    @router.get("/journal/{application}", summary="The steps taken and the verdict")
    async def get_journal(
        application: str, wait: WaitSeconds = 0, until: Annotated[str, until_query(), known_until()] = FINAL
    ) -> JournalRead:
        """Steps with clause, actor, time and message; ``conformant`` or the deviations from the regulation. With
        ``wait`` the answer comes when the run has ended; with ``until=change`` when more is journaled."""
        return JournalRead.of(await service.journal(application, wait=wait, until=until))

    return router
