"""The services offered on the portal."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.portal.endpoints.access import AskedLanguage
from services.portal.schemas.common import CHANNEL_PATTERN
from services.portal.schemas.services import ServiceRead, ServiceSummary
from services.portal.service.catalogue import Catalogue
from services.portal.service.context import CHANNEL
from shared.web.access import PUBLIC
from shared.web.openapi import then

_SCHEMA: dict[str, Any] = {"application/schema+json": {"schema": {"type": "object"}}}
AskedChannel = Annotated[str, Query(max_length=40, pattern=CHANNEL_PATTERN, description="Way of applying")]


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = "application/schema+json"


def services_router(catalogue: Catalogue) -> APIRouter:
    """List, service, form; open to everybody."""
    router = APIRouter(prefix="/services", tags=["services"], dependencies=[PUBLIC])

    @router.get("", summary="Services that can be applied for here")
    async def list_services(
        language: AskedLanguage,
        issuer: Annotated[str | None, Query(max_length=100, description="First part of the id")] = None,
        q: Annotated[str | None, Query(max_length=200, description="Part of the title in any language")] = None,
    ) -> list[ServiceSummary]:
        """Only those whose regulation has a portal channel."""
        return [ServiceSummary.of(found, language) for found in catalogue.services(issuer=issuer, text=q)]

    @router.get("/{issuer}/{service}", summary="One service: documents, restrictions, terms")
    async def get_service(
        issuer: str, service: str, language: AskedLanguage, channel: AskedChannel = CHANNEL
    ) -> ServiceRead:
        """404 if there is none, 409 if its regulation does not give it through that channel."""
        return ServiceRead.read(*catalogue.service(f"{issuer}/{service}", channel), channel, language)

    @router.get(
        "/{issuer}/{service}/form",
        summary="The form as JSON Schema",
        openapi_extra=then("get_sample"),
        response_class=SchemaResponse,
        responses={200: {"content": _SCHEMA}},
    )
    async def get_form(
        issuer: str, service: str, language: AskedLanguage, channel: AskedChannel = CHANNEL
    ) -> SchemaResponse:
        """Titles by ``Accept-Language``, all languages under ``x-labels``."""
        schema = catalogue.form(f"{issuer}/{service}", channel, language)
        return SchemaResponse(schema, headers={"Content-Language": language, "Vary": "Accept-Language"})

    return router
