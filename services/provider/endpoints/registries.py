"""HTTP of officers: what the registries were asked about a matter."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response

from services.provider.endpoints.access import ApplicationId, signed_in
from services.provider.schemas.matters import MatterRead
from services.provider.service.desk import Desk
from services.provider.service.extracts import Extracts
from services.provider.service.officers import Officer, Officers

_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {}}}}


def registries_router(extracts: Extracts, desk: Desk, officers: Officers) -> APIRouter:
    """Extracts, and asking again."""
    router = APIRouter(tags=["matters"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.get(
        "/matters/{application}/extracts/{about}",
        summary="What a registry stated, with its signature",
        response_class=Response,
        responses=_JSON,
    )
    async def get_extract(
        officer: CurrentOfficer, application: ApplicationId, about: Literal["applicant", "child"]
    ) -> Response:
        """The electronic document as the registry signed it: ``content`` and the detached CMS over its bytes."""
        content = await extracts.extract(officer, application, about)
        return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})

    @router.post("/matters/{application}/registry-queries", status_code=202, summary="Ask silent registries again")
    async def ask_again(officer: CurrentOfficer, application: ApplicationId) -> MatterRead:
        """At once; what was answered is not asked again. Nothing is asked where the text has the provider ask
        nothing."""
        await extracts.ask_again(officer, application)
        return MatterRead.of(await desk.view(officer, application))

    return router
