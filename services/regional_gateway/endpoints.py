"""HTTP of the regional gateway's workplace: the registration journal and the queue."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query

from services.regional_gateway.domain import EntryStatus
from services.regional_gateway.schemas import EntryRead, PlaceRead, QueueRead, StatusRead
from services.regional_gateway.service.desk import RegistrationDesk
from shared.web.access import PUBLIC, Rule
from shared.web.paging import Pages

NO_NUL = r"^[^\x00]{1,200}$"
"""PostgreSQL knows no text with NUL in it."""


def regional_router(desk: RegistrationDesk, readers: Rule, portal: Rule) -> APIRouter:
    """For reading only; what happens comes by message. ``readers`` see all of it, the ``portal`` one place."""
    router = APIRouter()
    reading = [Depends(readers)]

    @router.get("/entries", tags=["registration journal"], dependencies=reading, summary="The registration journal")
    async def list_entries(
        pages: Pages,
        status: EntryStatus | None = None,
        regulation: Annotated[str | None, Query(max_length=120)] = None,
        before: Annotated[str | None, Query(max_length=40, description="Last number of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[EntryRead]:
        """Entries, newest first."""
        entries = await desk.entries(status=status, regulation=regulation, before=before, limit=limit + 1)
        return [EntryRead.of(entry) for entry in pages.page(entries, limit, before=lambda entry: entry.entry_number)]

    @router.get(
        "/entries/{entry_number}",
        tags=["registration journal"],
        dependencies=reading,
        summary="One entry by its number",
    )
    async def get_entry(entry_number: str) -> EntryRead:
        """An entry of the registration journal."""
        return EntryRead.of(await desk.entry(entry_number))

    @router.get("/queues/{queue}", tags=["queue"], dependencies=reading, summary="How long a queue is")
    async def get_queue(queue: str) -> QueueRead:
        """Who stands on it is under ``/places``."""
        length, _, _ = await desk.queue(queue, after=0, limit=1)
        return QueueRead(queue=queue, length=length, links={"places": f"/queues/{quote(queue, safe='')}/places"})

    @router.get("/queues/{queue}/places", tags=["queue"], dependencies=reading, summary="Who stands on a queue")
    async def list_places(
        queue: str,
        pages: Pages,
        after: Annotated[int, Query(ge=0, le=2**31, description="Last number of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[PlaceRead]:
        """In the order of their numbers."""
        _, before, places = await desk.queue(queue, after=after, limit=limit + 1)
        shown = pages.page(places, limit, after=lambda place: place.number)
        return [PlaceRead.of(place, current) for current, place in enumerate(shown, start=before + 1)]

    @router.get(
        "/queue-places/{application}",
        tags=["queue"],
        dependencies=[Depends(portal)],
        summary="Where an application stands now",
    )
    async def get_place(application: Annotated[str, Path(pattern=NO_NUL)]) -> PlaceRead:
        """The number stays; the place goes down as others leave the queue."""
        return PlaceRead.of(*await desk.place(application))

    return router


def status_router(desk: RegistrationDesk) -> APIRouter:
    """For whoever answers the telephone."""
    router = APIRouter(tags=["status"], dependencies=[PUBLIC])

    @router.get("/status/{entry_number}", summary="Where an application stands")
    async def get_status(entry_number: Annotated[str, Path(pattern=NO_NUL)]) -> StatusRead:
        """By its number in the registration journal; no personal data."""
        return StatusRead.of(await desk.entry(entry_number))

    return router
