"""Requests of third parties, and the consent to them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StrictBool, StringConstraints

from services.portal.domain.access import AccessRequest, AccessState
from services.portal.schemas.common import Body, Iin, ServiceId
from services.portal.schemas.devices import Phone


class AccessRequestCreate(Body):
    """About whom, of which service, and what for: the person asked reads it."""

    iin: Iin
    service: ServiceId
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]+$")]


class AccessAnswer(Body):
    """The person's answer in the cabinet."""

    given: StrictBool


class ShortMessageCreate(Body):
    """A short message that comes from a telephone."""

    phone: Phone
    text: Annotated[str, StringConstraints(min_length=1, max_length=160)]


class AccessRequestRead(BaseModel):
    """A request. ``requester`` and ``subject`` are IINs: each side knows the other's, and consent has to be informed.
    ``means``: how it was answered."""

    id: str
    requester: str
    subject: str
    service: str
    purpose: str
    state: AccessState
    asked_at: datetime
    until: datetime
    answered_at: datetime | None
    means: str | None

    @classmethod
    def of(cls, request: AccessRequest) -> "AccessRequestRead":
        """What both sides see."""
        names = ("id", "service", "purpose", "state", "asked_at", "until", "answered_at", "means")
        shown = {name: getattr(request, name) for name in names}
        return cls(**shown, requester=request.requester_iin, subject=request.subject_iin)
