"""Registration, sign-in and sign-out."""

from fastapi import APIRouter, Depends, Response

from services.portal.endpoints.access import Current, signed_in
from services.portal.schemas.recipients import RecipientCreate, RecipientRead, SessionCreate, SessionRead
from services.portal.service.recipients import Recipients


def recipients_router(recipients: Recipients) -> APIRouter:
    """Who is it, and may they in?"""
    router = APIRouter(tags=["recipients"])

    @router.post("/recipients", status_code=201, summary="Register with IIN and password")
    async def register_recipient(body: RecipientCreate) -> RecipientRead:
        """For recipients not yet registered (409 otherwise)."""
        return RecipientRead.of(await recipients.register_recipient(body.iin, body.password, body.certificate))

    @router.post("/sessions", status_code=201, summary="Sign in")
    async def sign_in(body: SessionCreate) -> SessionRead:
        """An unknown IIN and a wrong password get the same answer; repeated failures lock the IIN for a while (429)."""
        return SessionRead.of(await recipients.sign_in(body.iin, body.password, body.service))

    @router.delete(
        "/sessions/current", status_code=204, summary="Sign out", dependencies=[Depends(signed_in(recipients))]
    )
    async def sign_out(session: Current) -> Response:
        """The token serves no longer."""
        await recipients.sign_out(session)
        return Response(status_code=204)

    return router
