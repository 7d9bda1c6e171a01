"""The persons register for the stand's tools, under ``/__stand/`` like every control; other systems ask by message."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.registries.persons.schemas import PersonCreate, PersonPatch, PersonRead, PersonSummary
from services.registries.persons.service.desk import RegisterDesk
from shared.kit.clock import Clock
from shared.web.paging import Pages

Number = Annotated[str, Path(pattern=r"^[0-9]{12}$", description="IIN")]


def register_router(desk: RegisterDesk, clock: Clock) -> APIRouter:
    """Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand/persons", tags=["persons"])

    @router.get("", summary="The people of the register")
    async def list_persons(
        pages: Pages,
        fate: Annotated[str | None, Query(max_length=60, description="Only those with this fate")] = None,
        special: Annotated[bool | None, Query(description="Only those with any fate, or only those without")] = None,
        after: Annotated[str | None, Query(max_length=12, description="IIN the page before ended with")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[PersonSummary]:
        """By IIN."""
        persons = await desk.persons(fate=fate, special=special, after=after, limit=limit + 1)
        return [PersonSummary.of(person) for person in pages.page(persons, limit, after=lambda person: person.iin)]

    @router.post("", status_code=201, summary="Add a person")
    async def add_person(body: PersonCreate) -> PersonRead:
        """Relatives must be in the register; each relation is recorded on both sides."""
        wanted = [relation.wanted() for relation in body.relations]
        return PersonRead.of(await desk.add(body.person(clock.now()), body.identity_documents, wanted))

    @router.get("/{iin}", summary="Everything about one person")
    async def get_person(iin: Number) -> PersonRead:
        """Logged in the access log as a look by ``stand-tools``."""
        return PersonRead.of(await desk.person(iin))

    @router.patch("/{iin}", summary="Change a person")
    async def change_person(iin: Number, body: PersonPatch) -> PersonRead:
        """What is left out stays; documents and relations are added or changed, never removed."""
        wanted = [relation.wanted() for relation in body.relations]
        return PersonRead.of(await desk.change(iin, body.changes(), body.identity_documents, wanted))

    return router
