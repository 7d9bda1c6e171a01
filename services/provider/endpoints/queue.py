"""HTTP of the counter's electronic queue, and of the status by number: open, but for what officers do."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from services.provider.endpoints.access import NO_NUL, signed_in
from services.provider.schemas.queue import (
    OrganisationCode,
    OrganisationRead,
    StatusRead,
    VisitRead,
    WaitingRead,
    WalkInCreate,
)
from services.provider.service.officers import Officer, Officers
from services.provider.service.status import Status
from services.provider.service.visits import Visits
from shared.web.access import PUBLIC
from shared.web.paging import Pages

VisitId = Annotated[str, Path(pattern=NO_NUL)]


def queue_router(visits: Visits, officers: Officers) -> APIRouter:
    """The board is for everybody, all else for officers."""
    router = APIRouter(tags=["queue"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.get("/organisations", summary="The organisations", dependencies=[PUBLIC])
    async def list_organisations() -> list[OrganisationRead]:
        return [OrganisationRead.of(organisation) for organisation in visits.organisations()]

    @router.post("/queue/walk-ins", status_code=201, summary="Give a number to a visitor at the counter")
    async def come_in(officer: CurrentOfficer, body: WalkInCreate) -> VisitRead:
        """At the officer's organisation, 403 for another. 409 while the office takes no documents, where nothing is
        taken at this counter for the service, or when as many wait as can be served."""
        return VisitRead.of(await visits.come_in(officer, body.organisation, body.regulation))

    @router.get("/queue", summary="Who waits: the board of a counter", dependencies=[PUBLIC])
    async def get_board(organisation: Annotated[OrganisationCode, Query()]) -> list[WaitingRead]:
        """Numbers only, in the order in which they are called."""
        return [
            WaitingRead(number=visit.number, booked=visit.booked, due_at=visit.due_at)
            for visit in await visits.waiting(organisation)
        ]

    @router.post("/queue/next", summary="Call the next visitor", responses={204: {}})
    async def call_next(officer: CurrentOfficer, response: Response) -> VisitRead | None:
        """At the officer's organisation; 204 if nobody waits."""
        called = await visits.call_next(officer)
        if called is None:
            response.status_code = 204
            return None
        return VisitRead.of(called)

    @router.get("/queue/visits", summary="The visits at the officer's organisation")
    async def list_visits(
        officer: CurrentOfficer,
        pages: Pages,
        overdue: Annotated[bool | None, Query(description="Only with a term that has passed, or without")] = None,
        before: Annotated[str | None, Query(pattern=NO_NUL, description="Last id of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[VisitRead]:
        """Latest first, with the longest wait and service that the regulation states, and whether they were kept."""
        found = await visits.listed(officer, overdue=overdue, before=before, limit=limit + 1)
        return [VisitRead.of(visit) for visit in pages.page(found, limit, before=lambda visit: visit.id)]

    @router.post("/queue/visits/{visit_id}/finish", summary="The visitor leaves the counter")
    async def finish_visit(visit_id: VisitId, officer: CurrentOfficer) -> VisitRead:
        return VisitRead.of(await visits.finish(officer, visit_id))

    @router.post("/queue/visits/{visit_id}/no-show", summary="The called visitor did not come")
    async def note_no_show(visit_id: VisitId, officer: CurrentOfficer) -> VisitRead:
        """409 once the visitor is served in a matter."""
        return VisitRead.of(await visits.not_come(officer, visit_id))

    return router


def status_router(status: Status) -> APIRouter:
    """For whoever answers the telephone."""
    router = APIRouter(tags=["status"])

    @router.get("/status/{number}", summary="Where an application stands", dependencies=[PUBLIC])
    async def get_status(
        number: Annotated[str, Path(pattern=NO_NUL)],
        organisation: Annotated[OrganisationCode | None, Query(description="Whose number it is")] = None,
    ) -> StatusRead:
        """By the number of the receipt or of the application; no personal data. 409 names the organisations that have
        given the same number."""
        return StatusRead.of(*await status.find(number, organisation))

    return router
