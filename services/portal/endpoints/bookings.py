"""The electronic queue of the centres, through the portal."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from services.portal.endpoints.access import Current
from services.portal.schemas.bookings import BookingCreate, BookingRead, CentreRead, SlotRead
from services.portal.service.bookings import Bookings

CODE = r"^[a-z0-9-]{1,40}$"


def bookings_router(bookings: Bookings, access: Sequence[Callable[..., Awaitable[None]]]) -> APIRouter:
    """For signed-in recipients. There is no accelerated service: nothing here asks for it."""
    rules: list[Any] = [Depends(rule) for rule in access]
    router = APIRouter(tags=["electronic queue"], dependencies=rules)

    @router.get("/centres", summary="The centres for servicing the population")
    async def list_centres() -> list[CentreRead]:
        """503 while the system of the centres is silent."""
        return [CentreRead.model_validate(centre) for centre in await bookings.centres()]

    @router.get("/centres/{centre}/slots", summary="Times that can be booked")
    async def list_slots(centre: Annotated[str, Path(pattern=CODE)], day: Annotated[date, Query()]) -> list[SlotRead]:
        """On ``day``, in the centre's opening hours."""
        return [SlotRead.model_validate(slot) for slot in await bookings.slots(centre, day)]

    @router.post("/bookings", status_code=201, summary="Book a slot of the electronic queue")
    async def book_slot(body: BookingCreate, caller: Current) -> BookingRead:
        """409 if the time is taken, or so many are booked already; the centre learns a masked IIN only."""
        found = await bookings.book_slot(caller.iin, body.centre, body.starts_at, body.service)
        return BookingRead.model_validate(found)

    @router.delete("/bookings/{booking}", status_code=204, summary="Give a booking up")
    async def cancel_booking(
        booking: Annotated[str, Path(pattern=r"^[0-9a-f.-]{1,120}$")], caller: Current
    ) -> Response:
        """One's own; 404 for somebody else's."""
        await bookings.cancel_booking(caller.iin, booking)
        return Response(status_code=204)

    return router
