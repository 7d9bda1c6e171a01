"""HTTP of officers: sign-in, matters, decisions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.provider.domain.matter import MatterState
from services.provider.endpoints.access import NO_NUL, ApplicationId, Bearer, signed_in
from services.provider.endpoints.documents import Digest
from services.provider.schemas.matters import (
    DecisionCreate,
    DecisionRead,
    MatterRead,
    MatterSummary,
    SessionRead,
    SignIn,
)
from services.provider.service.desk import Desk
from services.provider.service.officers import Officer, Officers
from shared.messaging.sign_in import Origin
from shared.web.access import PUBLIC
from shared.web.file_names import disposition
from shared.web.origin import CallerAddress
from shared.web.paging import Pages
from shared.web.until import FINAL, known_until, until_query
from shared.web.wait import WaitSeconds

_NO_STORE = {"Cache-Control": "no-store"}


def officers_router(desk: Desk, officers: Officers) -> APIRouter:
    """Sign-in, matters, decisions."""
    router = APIRouter()

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.post(
        "/officer-sessions", status_code=201, tags=["officers"], summary="Sign in as an officer", dependencies=[PUBLIC]
    )
    async def open_session(body: SignIn, response: Response, address: CallerAddress) -> SessionRead:
        """Locked for a while for who has failed repeatedly; an unknown login behaves like a known one. Keep
        `device_token` and show it the next time: then failures of others do not keep you out."""
        granted = await officers.sign_in(body.login, body.password, Origin(address, body.device_token))
        response.headers.update(_NO_STORE)
        return SessionRead.of(granted)

    @router.delete("/officer-sessions/current", status_code=204, tags=["officers"], summary="Sign out")
    async def close_session(_: CurrentOfficer, bearer: Bearer) -> Response:
        """The token is worthless afterwards."""
        await officers.sign_out(bearer.credentials if bearer else "")
        return Response(status_code=204)

    @router.get("/matters", tags=["matters"], summary="The matters of the officer's organisation")
    async def list_matters(
        officer: CurrentOfficer,
        pages: Pages,
        state: MatterState | None = None,
        overdue: Annotated[
            bool | None,
            Query(description="Only with a term that has passed (of the service, a notice, a course), or without"),
        ] = None,
        before: Annotated[str | None, Query(pattern=NO_NUL, description="Last application of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[MatterSummary]:
        """Newest first."""
        lines = await desk.page(officer, state=state, overdue=overdue, before=before, limit=limit + 1)
        return [MatterSummary.of(line) for line in pages.page(lines, limit, before=lambda line: line.application)]

    @router.get("/matters/{application}", tags=["matters"], summary="One matter")
    async def get_matter(
        officer: CurrentOfficer,
        application: ApplicationId,
        wait: WaitSeconds = 0,
        until: Annotated[str, until_query(MatterState), known_until(MatterState)] = FINAL,
    ) -> MatterRead:
        """Document, signature report, attachments, grounds proposed and possible, decision. With ``wait`` the answer
        comes when the matter is closed; with ``until=change`` when its state or a task of it has changed, with
        ``until=in_review`` in that state or one after it."""
        return MatterRead.of(await desk.view(officer, application, wait=wait, until=until))

    @router.get(
        "/matters/{application}/attachments/{sha256}",
        tags=["matters"],
        summary="An attachment",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    async def get_attachment(officer: CurrentOfficer, application: ApplicationId, sha256: Digest) -> Response:
        """Exactly the bytes the signed document names."""
        attachment, content = await desk.attachment(officer, application, sha256)
        headers = {
            **_NO_STORE,
            "Content-Disposition": disposition("attachment", attachment.name),
            "X-Content-Type-Options": "nosniff",
            # Uploaded files are strangers: whatever type they claim, a browser must not run them.
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return Response(content, media_type="application/octet-stream", headers=headers)

    @router.post("/matters/{application}/review", tags=["matters"], summary="Examine without what is missing")
    async def begin_review(officer: CurrentOfficer, application: ApplicationId) -> MatterRead:
        """Where whoever keeps an attachment has lost it (``trouble`` of the attachment), the matter waits for it. An
        officer who examines may begin without it, and then decides by hand. It is still fetched, should it be found."""
        await desk.begin_review(officer, application)
        return MatterRead.of(await desk.view(officer, application))

    @router.post("/matters/{application}/decision", tags=["matters"], summary="Grant or refuse")
    async def decide(officer: CurrentOfficer, application: ApplicationId, body: DecisionCreate) -> DecisionRead | None:
        """Once. The same decision again gets the same answer, another one a conflict. Every other task of the procedure
        is done in the officer's name, as far as it goes; to do them one by one see ``/tasks``."""
        return DecisionRead.of(await desk.decide(officer, application, body.verdict()))

    return router
