"""A visitor's matter at the window: service, form, consent, registries."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from services.csc.domain.states import State
from services.csc.endpoints.access import AskedLanguage, Current, CurrentOperator, MatterId, Text200
from services.csc.schemas.matters import ConsentCreate, MatterCreate, MatterRead, MatterSummary, ServiceSummary
from services.csc.service.enquiries import Enquiries
from services.csc.service.matters import Matters
from shared.web.access import PUBLIC
from shared.web.openapi import then
from shared.web.paging import Pages
from shared.web.until import CHANGE, known_until, until_query
from shared.web.wait import WaitSeconds

CentreChannel = Literal["csc", "employment_centre"]
_SCHEMA: dict[str, Any] = {"application/schema+json": {"schema": {"type": "object"}}}


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = "application/schema+json"


def services_router(matters: Matters) -> APIRouter:
    """Open to everybody."""
    router = APIRouter(prefix="/services", tags=["services"], dependencies=[PUBLIC])

    @router.get("", summary="Services rendered through centres")
    async def list_services(language: AskedLanguage, channel: CentreChannel = "csc") -> list[ServiceSummary]:
        """``channel``: that of the centres, or of the employment centres that take documents in the same way."""
        return [ServiceSummary.of(regulation, language) for regulation in matters.services(channel)]

    @router.get(
        "/{issuer}/{service}/form",
        summary="The form as JSON Schema",
        openapi_extra=then("get_sample"),
        response_class=SchemaResponse,
        responses={200: {"content": _SCHEMA}},
    )
    async def get_form(
        issuer: str, service: str, language: AskedLanguage, channel: CentreChannel = "csc"
    ) -> SchemaResponse:
        """404 for an unknown service, 409 with the clause for one that is not rendered through centres."""
        schema = matters.form(f"{issuer}/{service}", channel, language)
        return SchemaResponse(schema, headers={"Content-Language": language, "Vary": "Accept-Language"})

    return router


def matters_router(matters: Matters, enquiries: Enquiries, access: Sequence[Any]) -> APIRouter:
    """Everything is of the operator's own centre; another one's is 404."""
    router = APIRouter(prefix="/matters", tags=["matters"], dependencies=[Depends(rule) for rule in access])

    @router.post("", status_code=201, summary="Choose a service: a new matter")
    async def open_matter(
        body: MatterCreate, caller: Current, language: AskedLanguage, response: Response
    ) -> MatterRead:
        """404 for an unknown service, 409 with the clause for one that is not rendered through such a centre."""
        view = await matters.open_matter(caller, body.service, body.visit)
        response.headers["Location"] = f"/matters/{view.matter.id}"
        return MatterRead.of(view, language)

    @router.get("", summary="The matters of the operator's centre")
    async def list_matters(
        operator: CurrentOperator,
        pages: Pages,
        state: State | None = None,
        before: Annotated[str | None, Query(pattern=Text200, description="Last id seen")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        overdue: Annotated[bool | None, Query(description="Only those with a term that has passed, or without")] = None,
    ) -> list[MatterSummary]:
        """Newest first; without personal data."""
        found = await matters.page(operator, state=state, before=before, limit=limit + 1, overdue=overdue)
        return [MatterSummary.of(line) for line in pages.page(found, limit, before=lambda line: line.id)]

    @router.get("/{matter_id}", summary="One matter")
    async def get_matter(
        matter_id: MatterId,
        operator: CurrentOperator,
        language: AskedLanguage,
        wait: WaitSeconds = 0,
        since: State | None = None,
        until: Annotated[str, until_query(State), known_until(State)] = CHANGE,
    ) -> MatterRead:
        """With ``wait`` the answer comes when the state is not ``since`` (default: the state at the call) any more, at
        once if nothing more comes by itself. ``until=final``: when nothing follows at all; ``until=ready``: when that
        state has been reached, or cannot be any more. The look is in the access log."""
        return MatterRead.of(await matters.read(operator, matter_id, wait=wait, since=since, until=until), language)

    @router.put(
        "/{matter_id}/form",
        summary="Enter the applicant and the representative",
        openapi_extra=then("record_consent", "mark_document", "get_document"),
    )
    async def enter_form(
        matter_id: MatterId, body: dict[str, Any], operator: CurrentOperator, language: AskedLanguage
    ) -> MatterRead:
        """422 names every fault with its JSON pointer; the former form then stays. The data of a power of attorney are
        entered only if it is notarised. 409 with the clause if centres are not for such an application."""
        return MatterRead.of(await matters.enter_form(operator, matter_id, body, language), language)

    @router.post("/{matter_id}/consent", summary="Record the written consent", openapi_extra=then("ask_registries"))
    async def record_consent(
        matter_id: MatterId, body: ConsentCreate, operator: CurrentOperator, language: AskedLanguage
    ) -> MatterRead:
        """Before any registry is asked. 409 if another text is in force."""
        view = await matters.record_consent(operator, matter_id, body.version, body.given_by)
        return MatterRead.of(view, language)

    @router.post("/{matter_id}/registry-queries", status_code=202, summary="Ask the registries (process 3)")
    async def ask_registries(
        matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage, response: Response
    ) -> MatterRead:
        """409 without the consent. Asked again while answers are awaited, nothing more is sent."""
        matter = await enquiries.ask(operator, matter_id)
        response.headers["Location"] = f"/matters/{matter.id}"
        return MatterRead.of(await matters.view(matter), language)

    @router.post("/{matter_id}/registry-queries/retry", status_code=202, summary="Have silent registries asked again")
    async def retry_registries(
        matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage, response: Response
    ) -> MatterRead:
        """Only while the matter is ``registry_silent``."""
        matter = await enquiries.retry(operator, matter_id)
        response.headers["Location"] = f"/matters/{matter.id}"
        return MatterRead.of(await matters.view(matter), language)

    return router
