"""HTTP of the provider: printed acts, and the stand's controls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.provider.endpoints.access import calling_officer
from services.provider.schemas.matters import AutopilotSwitch, OfficerPassword
from services.provider.service.autopilot import Autopilot
from services.provider.service.desk import Desk
from services.provider.service.officers import Officer, Officers
from services.provider.service.printables import Printables
from services.provider.service.printing import PrintLanguage
from shared.messages.payload import SignedDocument
from shared.web.access import Rule

Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in hexadecimal")]


def documents_router(printables: Printables, desk: Desk, readers: Rule) -> APIRouter:
    """Acts by their hash, for the systems through which recipients get them, and for the officers whose matters they
    are in. ``readers`` lets them in."""

    async def require_own(sha256: Digest, officer: Annotated[Officer | None, Depends(calling_officer)]) -> None:
        if officer is not None:
            await desk.require_act(officer, sha256)

    router = APIRouter(tags=["documents"], dependencies=[Depends(readers), Depends(require_own)])

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

    @router.get("/documents/{sha256}", summary="An act with its signature")
    async def get_act(sha256: Digest) -> SignedDocument:
        """For the portal and its public verification page: the content that was signed,
        and the detached CMS (DER in base64). 404 if nobody here has made such an act."""
        return await printables.act(sha256)

    return router


def controls_router(autopilot: Autopilot, officers: Officers) -> APIRouter:
    """Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.get("/autopilot", summary="Does the provider decide by itself?")
    async def get_autopilot() -> AutopilotSwitch:
        return AutopilotSwitch(on=await autopilot.is_on())

    @router.put("/autopilot", summary="Switch the autopilot")
    async def switch_autopilot(switch: AutopilotSwitch) -> AutopilotSwitch:
        """Counts for what comes from now on, in every replica; matters already under review wait for their officer."""
        await autopilot.switch(on=switch.on)
        return switch

    @router.get("/officers", summary="The stand's officers with their passwords")
    async def list_officers() -> list[OfficerPassword]:
        return [OfficerPassword(**entry) for entry in officers.passwords()]

    return router
