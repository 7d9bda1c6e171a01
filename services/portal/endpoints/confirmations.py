"""What a recipient confirms with a one-time password: a request from a device, and the consent to an offer."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Response

from services.portal.domain.application import State
from services.portal.endpoints.access import Current
from services.portal.schemas.applications import (
    ApplicationRead,
    Confirmed,
    ConsentCreate,
    PasswordRead,
    PasswordRequest,
)
from services.portal.service.applications import Applications
from services.portal.service.mobile import Mobile
from services.portal.service.offers import Offers
from shared.web.openapi import then


def confirmations_router(
    applications: Applications, mobile: Mobile, offers: Offers, access: Sequence[Any]
) -> APIRouter:
    """Everything is the caller's own; somebody else's is 404."""
    router = APIRouter(prefix="/applications", tags=["confirmations"], dependencies=[Depends(rule) for rule in access])

    @router.post(
        "/{application_id}/password",
        status_code=202,
        summary="Have a one-time password sent",
        openapi_extra=then("submit_from_device", "answer_offer"),
    )
    async def send_password(application_id: str, body: PasswordRequest, session: Current) -> PasswordRead:
        """For a draft of the mobile channel, or for an offer. 409 if the device is not a confirmed one of the
        recipient's; 429 after too many short messages. A draft that is changed needs another password."""
        application = await applications.find(session.iin, application_id)
        use = offers if application.state is State.OFFERED else mobile
        return PasswordRead.of(await use.send_password(session.iin, application_id, body.device))

    @router.post(
        "/{application_id}/confirm",
        status_code=202,
        summary="Submit from a registered device",
        openapi_extra=then("get_application"),
    )
    async def submit_from_device(
        application_id: str, body: Confirmed, session: Current, response: Response
    ) -> ApplicationRead:
        """202 also when it was submitted before. 403: the password is wrong, was used or has expired; 429 after too
        many wrong ones."""
        sent = await mobile.submit_from_device(session.iin, application_id, body.password)
        response.headers["Location"] = f"/applications/{sent.id}"
        return ApplicationRead.of(sent)

    @router.post("/{application_id}/consent", status_code=202, summary="Answer an offer")
    async def answer_offer(
        application_id: str, body: ConsentCreate, session: Current, response: Response
    ) -> ApplicationRead:
        """To consent takes the one-time password, to decline none. 409 once the offer was answered or has lapsed."""
        if body.given:
            answered = await offers.consent(session.iin, application_id, body.password or "")
        else:
            answered = await offers.decline(session.iin, application_id)
        response.headers["Location"] = f"/applications/{answered.id}"
        return ApplicationRead.of(answered)

    return router
