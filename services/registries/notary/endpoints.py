"""The register of notarial acts for the stand's tools, under ``/__stand/`` like every control; other systems ask by
message."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.registries.notary.schemas import PowerOfAttorneyCreate, PowerOfAttorneyPatch, PowerOfAttorneyRead
from services.registries.notary.service.desk import RegisterDesk
from shared.web.paging import Pages

Key = Annotated[str, Path(min_length=1, max_length=300, description="``id`` of the act")]
_Number = Annotated[str | None, Query(pattern=r"^[0-9]{12}$", description="IIN")]


def register_router(desk: RegisterDesk) -> APIRouter:
    """Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand/powers-of-attorney", tags=["powers of attorney"])

    @router.get("", summary="Powers of attorney of the register")
    async def list_powers(
        pages: Pages,
        fate: Annotated[str | None, Query(max_length=60, description="Only those with this fate")] = None,
        principal: _Number = None,
        attorney: _Number = None,
        before: Annotated[str | None, Query(max_length=200, description="Last key of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[PowerOfAttorneyRead]:
        """Newest first."""
        found = await desk.powers(fate=fate, principal=principal, attorney=attorney, before=before, limit=limit + 1)
        return [PowerOfAttorneyRead.of(entry) for entry in pages.page(found, limit, before=lambda entry: entry.id)]

    @router.post("", status_code=201, summary="Add a power of attorney")
    async def add_power(body: PowerOfAttorneyCreate) -> PowerOfAttorneyRead:
        """The day of the act, by which it is found, follows from ``notarised_at``."""
        return PowerOfAttorneyRead.of(await desk.add(body.record(), body.fate))

    @router.get("/{key}", summary="One power of attorney")
    async def get_power(key: Key) -> PowerOfAttorneyRead:
        """Logged in the access log as a look by ``stand-tools``."""
        return PowerOfAttorneyRead.of(await desk.power(key))

    @router.patch("/{key}", summary="Revoke or change a power of attorney")
    async def change_power(key: Key, body: PowerOfAttorneyPatch) -> PowerOfAttorneyRead:
        """What is left out stays."""
        return PowerOfAttorneyRead.of(await desk.change(key, body.changes()))

    return router
