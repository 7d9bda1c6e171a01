"""HTTP of officers: kindergartens and their places, the queue for them, vouchers."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.provider.domain.kindergartens import Kindergarten, Voucher, VoucherState, Waiting
from services.provider.endpoints.access import ApplicationId, signed_in
from services.provider.service.allocation import Allocation
from services.provider.service.officers import Officer, Officers
from services.provider.service.places import Place
from shared.kit.text import NO_NUL, Text
from shared.web.paging import Pages

KindergartenCode = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]


class KindergartenRead(BaseModel):
    """A kindergarten with its places."""

    code: str
    number: str
    name: Text
    address: Text
    places: int
    taken: int
    free: int

    @classmethod
    def of(cls, place: Place, state: Kindergarten) -> Self:
        """As it stands."""
        return cls(
            code=place.code,
            number=place.number,
            name=place.name,
            address=place.address,
            places=state.places,
            taken=state.taken,
            free=state.free,
        )


class PlacesChange(BaseModel):
    """So many places more; fewer if negative."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(ge=-1000, le=1000)


class WaitingRead(BaseModel):
    """A child on the queue, in the order in which places are given."""

    place: int
    application: str
    number: int
    priority: bool
    wanted: str | None
    since: datetime

    @classmethod
    def of(cls, place: int, waiting: Waiting) -> Self:
        """The ``place``-th of the queue."""
        return cls(
            place=place,
            application=waiting.application,
            number=waiting.number,
            priority=waiting.rank.startswith("0/"),
            wanted=waiting.wanted,
            since=waiting.since,
        )


class VoucherRead(BaseModel):
    """A voucher and by when it has to be handed in."""

    application: str
    kindergarten: str
    state: VoucherState
    issued_at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, voucher: Voucher) -> Self:
        """As it stands."""
        return cls.model_validate({name: getattr(voucher, name) for name in cls.model_fields})


def places_router(allocation: Allocation, officers: Officers) -> APIRouter:
    """Places of preschool organisations."""
    router = APIRouter(tags=["kindergartens"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.get("/kindergartens", summary="The kindergartens of the officer's organisation")
    async def list_kindergartens(officer: CurrentOfficer) -> list[KindergartenRead]:
        """With their places: how many there are, are given out, are free."""
        return [KindergartenRead.of(place, state) for place, state in await allocation.listed(officer)]

    @router.post("/kindergartens/{code}/places", status_code=204, summary="Places are added, or taken away")
    async def change_places(officer: CurrentOfficer, code: KindergartenCode, body: PlacesChange) -> Response:
        """What is free goes to the children of the queue at once: those with a right to a first-priority place before
        the others, each by the number."""
        await allocation.add_places(officer, code, body.count)
        return Response(status_code=204)

    @router.get("/waiting-children", summary="The queue for a place")
    async def list_waiting(
        officer: CurrentOfficer,
        pages: Pages,
        after: Annotated[str | None, Query(pattern=NO_NUL, description="Last application of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[WaitingRead]:
        """In the order in which places are given."""
        found = await allocation.queue(officer, after=after, limit=limit + 1)
        shown = pages.page(found, limit, after=lambda line: line[1].application)
        return [WaitingRead.of(place, waiting) for place, waiting in shown]

    @router.delete("/waiting-children/{application}", status_code=204, summary="Give a place on the queue up")
    async def withdraw(officer: CurrentOfficer, application: ApplicationId) -> Response:
        """At the recipient's wish; everybody behind moves up."""
        await allocation.withdraw(officer, application)
        return Response(status_code=204)

    @router.post("/vouchers/{application}/handing-in", summary="The kindergarten has the voucher")
    async def hand_in(officer: CurrentOfficer, application: ApplicationId) -> VoucherRead:
        """In its term; a voucher that has expired is worth nothing."""
        return VoucherRead.of(await allocation.hand_in(officer, application))

    return router
