"""Registration, sign-in and sign-out."""

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Response

from services.portal.endpoints.access import Current, signed_in
from services.portal.schemas.recipients import (
    ChallengeCreate,
    ChallengeRead,
    MobileCitizenRead,
    OneTimePasswordCreate,
    PlayedSession,
    RecipientCreate,
    RecipientRead,
    SessionCreate,
    SessionRead,
)
from services.portal.service.proofs import Proofs
from services.portal.service.recipients import Recipients
from shared.messaging.sign_in import Origin
from shared.web.access import PUBLIC
from shared.web.origin import CallerAddress


def recipients_router(recipients: Recipients, proofs: Proofs) -> APIRouter:
    """Who is it, and may they in?"""
    router = APIRouter(tags=["recipients"])

    @router.post("/recipients", status_code=201, summary="Register with IIN and password", dependencies=[PUBLIC])
    async def register_recipient(body: RecipientCreate, address: CallerAddress) -> RecipientRead:
        """The IIN is proven: with the certificate, by a signature under a challenge, checked as condition 2 checks that
        of a request; or with the one-time password that came to the telephone of the state's base. With the
        certificate a registered recipient takes the account back: there is a new password, sessions, telephones and
        consents end, and the telephone of the state's base is told. With the one-time password that is 409. Without a
        proof nobody is told who is registered."""
        if body.challenge is not None and body.signature is not None:
            made = await recipients.register_with_certificate(body.iin, body.password, body.challenge, body.signature)
        else:
            made = await recipients.register_with_password(
                body.iin, body.password, body.one_time_password or "", address
            )
        return RecipientRead.of(made)

    @router.post(
        "/recipients/challenges",
        status_code=201,
        summary="Something to sign, which proves the IIN",
        dependencies=[PUBLIC],
    )
    async def create_challenge(body: ChallengeCreate) -> ChallengeRead:
        """It serves once, for this IIN and purpose, for as long as a one-time password."""
        return ChallengeRead.of(proofs.challenge(body.purpose, body.iin))

    @router.post(
        "/recipients/one-time-passwords",
        status_code=202,
        response_class=Response,
        summary="Have a password sent to the telephone of the state's base",
        dependencies=[PUBLIC],
    )
    async def send_registration_password(body: OneTimePasswordCreate, address: CallerAddress) -> Response:
        """Always the same answer: nobody is told whether the base of mobile citizens knows the IIN, or whether it is
        registered. The password serves from the address it was asked for from. 429 after too many from one address,
        whoever they were for."""
        await proofs.send_password(body.iin, address)
        return Response(status_code=202)

    @router.post("/sessions", status_code=201, summary="Sign in", dependencies=[PUBLIC])
    async def sign_in(body: SessionCreate, address: CallerAddress) -> SessionRead:
        """An unknown IIN and a wrong password get the same answer; repeated failures lock the IIN for a while for who
        has failed (429). Keep `device_token` and show it the next time: then failures of others do not keep you out.
        The certificate lets its owner in all the same."""
        origin = Origin(address, body.device_token)
        if body.challenge is not None and body.signature is not None:
            granted = await recipients.enter_with_certificate(body.iin, body.challenge, body.signature, origin)
        else:
            granted = await recipients.sign_in(body.iin, body.password or "", body.service, origin)
        return SessionRead.of(granted)

    @router.delete(
        "/sessions/current", status_code=204, summary="Sign out", dependencies=[Depends(signed_in(recipients))]
    )
    async def sign_out(session: Current) -> Response:
        """The token serves no longer."""
        await recipients.sign_out(session)
        return Response(status_code=204)

    return router


def played_sessions_router(recipients: Recipients, phones: Mapping[str, str]) -> APIRouter:
    """Sessions of people whose password only somebody else knows, and whose telephone is whose."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.get("/mobile-citizens", summary="The state's base of mobile citizens")
    async def list_mobile_citizens() -> list[MobileCitizenRead]:
        """Whose telephone gets the password for registering; what came to it is in `/__stand/text-messages`."""
        return [MobileCitizenRead(iin=iin, phone=phone) for iin, phone in phones.items()]

    @router.post("/sessions", status_code=201, summary="Let a registered recipient in without the password")
    async def let_in(body: PlayedSession) -> SessionRead:
        """For who plays on a stand where people were registered by hand, as `egov demo --url` does."""
        return SessionRead.of(await recipients.let_in(body.iin))

    return router
