"""The electronic queue, and the status for the contact centre: open to whoever comes."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from services.csc.endpoints.access import AskedLanguage, CurrentOperator, Text200
from services.csc.schemas.people import (
    BookingCreate,
    CentreCode,
    CentreRead,
    ServiceId,
    SlotRead,
    StatusRead,
    VisitRead,
    WaitingRead,
    WalkInCreate,
)
from services.csc.service.information import Information
from services.csc.service.visits import Visits
from shared.web.access import PUBLIC, Rule
from shared.web.paging import Pages

VisitId = Annotated[str, Path(pattern=Text200)]


def queue_router(visits: Visits, bookers: Rule) -> APIRouter:
    """What there is to see is for everybody; ``bookers`` lets in who books."""
    router = APIRouter(tags=["queue"])
    booking = [Depends(bookers)]

    @router.get("/centres", summary="The centres", dependencies=[PUBLIC])
    async def list_centres(language: AskedLanguage) -> list[CentreRead]:
        return [CentreRead.of(centre, language) for centre in visits.centres()]

    @router.get("/queue/slots", summary="Times that can be booked", dependencies=[PUBLIC])
    async def list_slots(
        centre: Annotated[CentreCode, Query()], day: date, service: Annotated[ServiceId | None, Query()] = None
    ) -> list[SlotRead]:
        """In the hours of the centre, or those that the regulation of ``service`` states; never on holidays, and none
        beyond the days that can be booked. 409 with the clause for a service without booking."""
        return [SlotRead.of(slot) for slot in await visits.slots(centre, day, service)]

    @router.post("/queue/slots", status_code=201, summary="Book a time", dependencies=booking, include_in_schema=False)
    @router.post("/bookings", status_code=201, summary="Book a time, e.g. through the portal", dependencies=booking)
    async def book_slot(body: BookingCreate) -> VisitRead:
        """The visitor by a masked IIN. 409 if everybody who works then is booked, or the service has no booking."""
        return VisitRead.of(await visits.book(body.centre, body.starts_at, body.visitor, body.service))

    @router.delete("/bookings/{visit_id}", status_code=204, summary="Give a booking up", dependencies=booking)
    async def cancel_booking(visit_id: VisitId) -> Response:
        """By its id."""
        await visits.cancel(visit_id)
        return Response(status_code=204)

    @router.get("/queue", summary="Who waits: the board of a centre", dependencies=[PUBLIC])
    async def get_board(centre: Annotated[CentreCode, Query()]) -> list[WaitingRead]:
        """Numbers only, in the order in which they are called."""
        return [
            WaitingRead(number=visit.number, booked=visit.booked, due_at=visit.due_at)
            for visit in await visits.waiting(centre)
        ]

    return router


def visits_router(visits: Visits, access: Sequence[Any]) -> APIRouter:
    """What operators do with the visitors of their centre."""
    router = APIRouter(tags=["queue"], dependencies=[Depends(rule) for rule in access])

    @router.post("/queue/walk-ins", status_code=201, summary="Give a number to a visitor without a booking")
    async def come_in(operator: CurrentOperator, body: WalkInCreate) -> VisitRead:
        """At the operator's centre, 403 for another. 409 while it is closed, or when as many wait as can be served."""
        return VisitRead.of(await visits.come_in(operator, body.centre, body.service))

    @router.post("/queue/next", summary="Call the next visitor", responses={204: {}})
    async def call_next(operator: CurrentOperator, response: Response) -> VisitRead | None:
        """At the operator's centre; 204 if nobody waits."""
        called = await visits.call_next(operator)
        if called is None:
            response.status_code = 204
            return None
        return VisitRead.of(called)

    @router.get("/queue/visits", summary="The visits at the operator's centre")
    async def list_visits(
        operator: CurrentOperator,
        pages: Pages,
        overdue: Annotated[bool | None, Query(description="Only with a term that has passed, or without")] = None,
        before: Annotated[str | None, Query(pattern=Text200, description="Last id of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[VisitRead]:
        """Latest first, with the longest wait and service that the regulation states, and whether they were kept."""
        found = await visits.of_centre(operator, overdue=overdue, before=before, limit=limit + 1)
        return [VisitRead.of(visit) for visit in pages.page(found, limit, before=lambda visit: visit.id)]

    @router.post("/queue/visits/{visit_id}/finish", summary="The visitor leaves the window")
    async def finish_visit(visit_id: VisitId, operator: CurrentOperator) -> VisitRead:
        return VisitRead.of(await visits.finish(operator, visit_id))

    @router.post("/queue/visits/{visit_id}/no-show", summary="The called visitor did not come")
    async def note_no_show(visit_id: VisitId, operator: CurrentOperator) -> VisitRead:
        """409 once the visitor is at the window."""
        return VisitRead.of(await visits.not_come(operator, visit_id))

    return router


def status_router(information: Information) -> APIRouter:
    """For the contact centre 1414."""
    router = APIRouter(tags=["status"])

    @router.get("/status/{number}", summary="Where an application stands", dependencies=[PUBLIC])
    async def get_status(number: Annotated[str, Path(pattern=Text200)], language: AskedLanguage) -> StatusRead:
        """By the number of the application, of the receipt, or of the registration journal; no personal data."""
        return StatusRead.of(*await information.status(number), language)

    return router
