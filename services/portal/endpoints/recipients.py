"""Registration, sign-in and sign-out."""

from fastapi import APIRouter, Depends, Response

from services.portal.endpoints.access import Current, signed_in
from services.portal.schemas.recipients import PlayedSession, RecipientCreate, RecipientRead, SessionCreate, SessionRead
from services.portal.service.recipients import Recipients
from shared.web.access import PUBLIC


def recipients_router(recipients: Recipients) -> APIRouter:
    """Who is it, and may they in?"""
    router = APIRouter(tags=["recipients"])

    @router.post("/recipients", status_code=201, summary="Register with IIN and password", dependencies=[PUBLIC])
    async def register_recipient(body: RecipientCreate) -> RecipientRead:
        """For recipients not yet registered (409 otherwise)."""
        return RecipientRead.of(await recipients.register_recipient(body.iin, body.password, body.certificate))

    @router.post("/sessions", status_code=201, summary="Sign in", dependencies=[PUBLIC])
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


def played_sessions_router(recipients: Recipients) -> APIRouter:
    """Sessions of people whose password only somebody else knows."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.post("/sessions", status_code=201, summary="Let a registered recipient in without the password")
    async def let_in(body: PlayedSession) -> SessionRead:
        """For who plays on a stand where people were registered by hand, as `egov demo --url` does."""
        return SessionRead.of(await recipients.let_in(body.iin))

    return router
