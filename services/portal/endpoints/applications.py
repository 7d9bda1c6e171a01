"""Applications: draft, form, document to sign, submission, state and timeline."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.portal.domain.application import State
from services.portal.endpoints.access import AskedLanguage, Current
from services.portal.schemas.applications import ApplicationCreate, ApplicationRead, MatterRead, SubmissionCreate
from services.portal.service.applications import Applications
from services.portal.service.submission import Submission
from shared.kit.ids import sha256_hex
from shared.web.openapi import then
from shared.web.paging import Pages
from shared.web.sse import LastEventId, event_stream
from shared.web.until import CHANGE, known_until, until_query
from shared.web.wait import WaitSeconds

_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


def _Id(description: str) -> Any:  # noqa: N802 - used as Query is
    return Query(max_length=36, pattern="^[0-9a-f-]+$", description=description)


_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    204: {"description": "The matter is closed and everything was seen"},
}


def applications_router(applications: Applications, submission: Submission, access: Sequence[Any]) -> APIRouter:
    """Everything is the caller's own; somebody else's is 404."""
    router = APIRouter(prefix="/applications", tags=["applications"], dependencies=[Depends(rule) for rule in access])

    @router.post("", status_code=201, summary="Choose a service: a new draft")
    async def choose_service(body: ApplicationCreate, session: Current, response: Response) -> ApplicationRead:
        """404 for an unknown service, 409 for a channel that its regulation does not give, or that begins elsewhere."""
        draft = await applications.choose_service(session, body.service, body.channel)
        response.headers["Location"] = f"/applications/{draft.id}"
        return ApplicationRead.of(draft)

    @router.get("", summary="The cabinet: my matters")
    async def list_applications(
        session: Current,
        pages: Pages,
        state: State | None = None,
        before: Annotated[str | None, _Id("Last id seen")] = None,
        oldest: Annotated[str | None, _Id("No matter older than this one")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[MatterRead]:
        """Newest first; the next page starts ``before`` the last id. Who waits for results asks for what is not older
        than the ``oldest`` matter still waited for."""
        found = await applications.matters(session.iin, state=state, before=before, oldest=oldest, limit=limit + 1)
        return [MatterRead.of(matter) for matter in pages.page(found, limit, before=lambda matter: matter.id)]

    @router.get(
        "/{application_id}",
        summary="State, timeline and place in the queue",
        openapi_extra=then("get_result", "get_queue_place"),
    )
    async def get_application(
        application_id: str,
        session: Current,
        wait: WaitSeconds = 0,
        since: State | None = None,
        until: Annotated[str, until_query(State), known_until(State)] = CHANGE,
    ) -> ApplicationRead:
        """With ``wait`` the answer comes when the state is not ``since`` (default: the state at the call) any more, or
        a notice asks for something or changes when the result is due; at once if the matter is closed, at the latest
        after so many seconds. ``until=final``: granted, refused or rejected; ``until=registered``: that state or one
        after it."""
        found = await applications.follow_state(session.iin, application_id, wait=wait, since=since, until=until)
        return ApplicationRead.of(found)

    @router.get(
        "/{application_id}/events",
        summary="The timeline as server-sent events",
        response_class=StreamingResponse,
        responses=_EVENTS,
    )
    async def get_events(application_id: str, session: Current, last_event_id: LastEventId = None) -> Response:
        """One event a mark; the stream ends when the matter is closed."""
        events = await applications.timeline(session.iin, application_id, last_event_id)
        return Response(status_code=204) if events is None else event_stream(events)

    @router.put(
        "/{application_id}/form", summary="Fill the form", openapi_extra=then("get_document", "attach_document")
    )
    async def fill_form(
        application_id: str, body: dict[str, Any], session: Current, language: AskedLanguage
    ) -> ApplicationRead:
        """422 names every fault with its JSON pointer; the former form then stays."""
        return ApplicationRead.of(await applications.fill_form(session.iin, application_id, body, language))

    @router.delete("/{application_id}", status_code=204, summary="Give up a draft")
    async def delete_draft(application_id: str, session: Current) -> Response:
        """Drafts only."""
        await applications.delete_draft(session.iin, application_id)
        return Response(status_code=204)

    @router.get(
        "/{application_id}/document",
        summary="The bytes to sign",
        response_class=Response,
        responses=_BYTES,
        openapi_extra=then("submit_application"),
    )
    async def get_document(application_id: str, session: Current, request: Request) -> Response:
        """Canonical JSON (RFC 8785), the same bytes for the same content; 409 names everything still missing."""
        content = await applications.document(session.iin, application_id)
        headers = {"ETag": f'"{sha256_hex(content)}"', "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    @router.post(
        "/{application_id}/submit",
        status_code=202,
        summary="Submit the signed request",
        openapi_extra=then("get_application", "get_events"),
    )
    async def submit_application(
        application_id: str, body: SubmissionCreate, session: Current, response: Response
    ) -> ApplicationRead:
        """202 also when it was submitted before. 403: the certificate did not pass, the service is refused for good.
        422: the signature is not over these bytes. 503: the certificate could not be checked; nothing has changed."""
        sent = await submission.submit_application(
            session.iin, application_id, signature=body.signature, certificate=body.certificate
        )
        response.headers["Location"] = f"/applications/{sent.id}"
        return ApplicationRead.of(sent)

    return router
