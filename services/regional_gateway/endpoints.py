"""HTTP of the regional gateway's workplace: the registration journal and the queue."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query

from services.regional_gateway.domain import EntryStatus
from services.regional_gateway.schemas import EntryRead, PlaceRead, QueueRead
from services.regional_gateway.service.desk import RegistrationDesk
from shared.web.paging import Pages


def regional_router(desk: RegistrationDesk) -> APIRouter:
    """For reading only; what happens comes by message."""
    router = APIRouter()

    @router.get("/entries", tags=["registration journal"], summary="The registration journal")
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

    @router.get("/entries/{entry_number}", tags=["registration journal"], summary="One entry by its number")
    async def get_entry(entry_number: str) -> EntryRead:
        """An entry of the registration journal."""
        return EntryRead.of(await desk.entry(entry_number))

    @router.get("/queues/{queue}", tags=["queue"], summary="How long a queue is")
    async def get_queue(queue: str) -> QueueRead:
        """Who stands on it is under ``/places``."""
        length, _, _ = await desk.queue(queue, after=0, limit=1)
        return QueueRead(queue=queue, length=length, links={"places": f"/queues/{quote(queue, safe='')}/places"})

    @router.get("/queues/{queue}/places", tags=["queue"], summary="Who stands on a queue")
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

    @router.get("/queue-places/{application}", tags=["queue"], summary="Where an application stands now")
    async def get_place(application: Annotated[str, Path(pattern=r"^[^\x00]{1,200}$")]) -> PlaceRead:
        """The number stays; the place goes down as others leave the queue."""
        return PlaceRead.of(*await desk.place(application))

    return router
