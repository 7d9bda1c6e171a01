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
    SlotRead,
    StatusRead,
    VisitRead,
    WaitingRead,
    WalkInCreate,
)
from services.csc.service.information import Information
from services.csc.service.visits import Visits


def queue_router(visits: Visits, access: Sequence[Any]) -> APIRouter:
    """Booking and coming in are for everybody; calling is for operators."""
    router = APIRouter(tags=["queue"])
    rules = [Depends(rule) for rule in access]

    @router.get("/centres", summary="The centres")
    async def list_centres(language: AskedLanguage) -> list[CentreRead]:
        return [CentreRead.of(centre, language) for centre in visits.centres()]

    @router.get("/queue/slots", summary="Times that can be booked")
    async def list_slots(centre: Annotated[CentreCode, Query()], day: date) -> list[SlotRead]:
        """Monday to Saturday, never on holidays; none beyond the days that can be booked."""
        return [SlotRead.of(slot) for slot in await visits.slots(centre, day)]

    @router.post("/queue/slots", status_code=201, summary="Book a time", include_in_schema=False)
    @router.post("/bookings", status_code=201, summary="Book a time, e.g. through the portal")
    async def book_slot(body: BookingCreate) -> VisitRead:
        """The visitor by a masked IIN. 409 if everybody who works then is booked."""
        return VisitRead.of(await visits.book(body.centre, body.starts_at, body.visitor, body.service))

    @router.delete("/bookings/{visit_id}", status_code=204, summary="Give a booking up")
    async def cancel_booking(visit_id: Annotated[str, Path(pattern=Text200)]) -> Response:
        """Knowing its id is the permission."""
        await visits.cancel(visit_id)
        return Response(status_code=204)

    @router.post("/queue/walk-ins", status_code=201, summary="Take a number without a booking")
    async def come_in(body: WalkInCreate) -> VisitRead:
        """409 while the centre is closed."""
        return VisitRead.of(await visits.come_in(body.centre, body.service))

    @router.get("/queue", summary="Who waits: the board of a centre")
    async def get_board(centre: Annotated[CentreCode, Query()]) -> list[WaitingRead]:
        """Numbers only, in the order in which they are called."""
        return [
            WaitingRead(number=visit.number, booked=visit.booked, due_at=visit.due_at)
            for visit in await visits.waiting(centre)
        ]

    @router.post("/queue/next", summary="Call the next visitor", dependencies=rules, responses={204: {}})
    async def call_next(operator: CurrentOperator, response: Response) -> VisitRead | None:
        """At the operator's centre; 204 if nobody waits."""
        called = await visits.call_next(operator)
        if called is None:
            response.status_code = 204
            return None
        return VisitRead.of(called)

    return router


def status_router(information: Information) -> APIRouter:
    """For the contact centre 1414."""
    router = APIRouter(tags=["status"])

    @router.get("/status/{number}", summary="Where an application stands")
    async def get_status(number: Annotated[str, Path(pattern=Text200)], language: AskedLanguage) -> StatusRead:
        """By the number of the application, of the receipt, or of the registration journal; no personal data."""
        return StatusRead.of(*await information.status(number), language)

    return router
