"""HTTP of the provider: officers' work, printed acts, and the stand's controls of both."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.provider.domain import MatterState
from services.provider.schemas import (
    AutopilotSwitch,
    DecisionCreate,
    DecisionRead,
    MatterPage,
    MatterRead,
    MatterSummary,
    OfficerPassword,
    SessionRead,
    SignIn,
)
from services.provider.service.desk import Desk
from services.provider.service.matters import Autopilot
from services.provider.service.officers import Officer, Officers
from services.provider.service.printables import Printables
from services.provider.service.printing import PrintLanguage
from shared.web.wait import WaitSeconds

Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in hexadecimal")]
# PostgreSQL knows no text with NUL in it.
_NO_NUL = r"^[^\x00]{1,200}$"
ApplicationId = Annotated[str, Path(pattern=_NO_NUL)]
_Bearer = Annotated[
    HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False, description="Session token"))
]
_NO_STORE = {"Cache-Control": "no-store"}


def officers_router(desk: Desk, officers: Officers) -> APIRouter:
    """Sign-in, matters, decisions."""
    router = APIRouter()

    async def signed_in(bearer: _Bearer) -> Officer:
        return await officers.officer(bearer.credentials if bearer else None)

    CurrentOfficer = Annotated[Officer, Depends(signed_in)]  # noqa: N806 — a type

    @router.post("/officer-sessions", status_code=201, tags=["officers"], summary="Sign in as an officer")
    async def open_session(body: SignIn, response: Response) -> SessionRead:
        """Locked for a while after repeated failures; an unknown login behaves like a known one."""
        token, opened = await officers.sign_in(body.login, body.password)
        response.headers.update(_NO_STORE)
        return SessionRead(token=token, expires_at=opened.expires_at)

    @router.delete("/officer-sessions/current", status_code=204, tags=["officers"], summary="Sign out")
    async def close_session(_: CurrentOfficer, bearer: _Bearer) -> Response:
        """The token is worthless afterwards."""
        await officers.sign_out(bearer.credentials if bearer else "")
        return Response(status_code=204)

    @router.get("/matters", tags=["matters"], summary="The matters of the officer's organisation")
    async def list_matters(
        officer: CurrentOfficer,
        state: MatterState | None = None,
        before: Annotated[str | None, Query(pattern=_NO_NUL, description="``next`` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> MatterPage:
        """Newest first."""
        lines = await desk.page(officer, state=state, before=before, limit=limit)
        following = lines[-1].application if len(lines) == limit else None
        return MatterPage(matters=[MatterSummary.of(line) for line in lines], next=following)

    @router.get("/matters/{application}", tags=["matters"], summary="One matter")
    async def get_matter(officer: CurrentOfficer, application: ApplicationId, wait: WaitSeconds = 0) -> MatterRead:
        """Document, signature report, attachments, grounds proposed and possible, decision."""
        return MatterRead.of(await desk.view(officer, application, wait=wait))

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
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            # Uploaded files are strangers: whatever type they claim, a browser must not run them.
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return Response(content, media_type="application/octet-stream", headers=headers)

    @router.post("/matters/{application}/decision", tags=["matters"], summary="Grant or refuse")
    async def decide(officer: CurrentOfficer, application: ApplicationId, body: DecisionCreate) -> DecisionRead | None:
        """Once. The same decision again gets the same answer, another one a conflict."""
        return DecisionRead.of(await desk.decide(officer, application, body.decision, body.grounds, body.note))

    return router


def documents_router(printables: Printables) -> APIRouter:
    """Printed acts for whoever knows their hash."""
    router = APIRouter(tags=["documents"])

    @router.get(
        "/documents/{sha256}/printable",
        summary="The printed form of an act",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )
    async def get_printable(sha256: Digest, lang: PrintLanguage = "kk") -> Response:
        """A signed PDF (PAdES) in Kazakh or Russian, rendered when first asked for."""
        headers = {
            "Content-Language": lang,
            "Content-Disposition": f'inline; filename="TEST-{sha256[:12]}-{lang}.pdf"',
            "Cache-Control": "private, max-age=31536000, immutable",
        }
        return Response(await printables.printable(sha256, lang), media_type="application/pdf", headers=headers)

    return router


def controls_router(autopilot: Autopilot, officers: Officers) -> APIRouter:
    """Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.get("/autopilot", summary="Does the provider decide by itself?")
    async def get_autopilot() -> AutopilotSwitch:
        return AutopilotSwitch(on=autopilot.on)

    @router.put("/autopilot", summary="Switch the autopilot")
    async def switch_autopilot(switch: AutopilotSwitch) -> AutopilotSwitch:
        """Counts for what comes from now on; matters already under review wait for their officer."""
        autopilot.on = switch.on
        return switch

    @router.get("/officers", summary="The stand's officers with their passwords")
    async def list_officers() -> list[OfficerPassword]:
        return [OfficerPassword(**entry) for entry in officers.passwords()]

    return router
