"""Applications: draft, submission, state, timeline."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from services.portal.domain.application import Application, MarkName, State
from services.portal.domain.devices import OneTimePassword
from services.portal.schemas.common import Body, CertificateText, ChannelCode, OneTimeCode, ServiceId
from services.portal.service.applications import Matter
from services.portal.service.context import CHANNEL, MOBILE, PROACTIVE


class ApplicationCreate(Body):
    """The choice of a service, and of the way to apply: ``portal``, or ``mobile`` from a registered device."""

    service: ServiceId
    channel: ChannelCode = CHANNEL


class SubmissionCreate(Body):
    """The signature over the bytes of ``/document``; the certificate is taken from the signature if it is not given."""

    signature: Annotated[str, StringConstraints(max_length=200_000)] = Field(
        description="Detached CMS (CAdES-BES), DER in base64"
    )
    certificate: CertificateText | None = Field(default=None, description="The chosen registration certificate")


class PasswordRequest(Body):
    """Where a one-time password is to be sent: a confirmed device of the recipient."""

    device: Annotated[str, StringConstraints(max_length=36)]


class PasswordRead(BaseModel):
    """A password is on its way; it stands in the short message only."""

    device: str
    sent_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, sent: OneTimePassword) -> "PasswordRead":
        """What may be told of a password."""
        return cls(device=sent.device, sent_at=sent.sent_at, expires_at=sent.expires_at)


class Confirmed(Body):
    """The one-time password from the short message."""

    password: OneTimeCode


class ConsentCreate(Body):
    """The answer to an offer; ``password`` is needed to consent, not to decline."""

    given: StrictBool
    password: OneTimeCode | None = None


class DemandRead(BaseModel):
    """A document a notice asks for: by when, what is attached, when it was sent, and why it was not taken if so."""

    notice: str
    expects: str
    until: datetime | None
    attachment: dict[str, Any] | None
    answered_at: datetime | None
    trouble: str | None


class MatterRead(BaseModel):
    """A line of the cabinet; ``due_at``: by when the result is due."""

    id: str
    service: str
    channel: str
    state: State
    created_at: datetime
    changed_at: datetime
    entry_number: str | None
    queue: dict[str, Any] | None
    due_at: datetime | None

    @classmethod
    def of(cls, matter: Matter) -> "MatterRead":
        """What the list shows of a matter."""
        return cls.model_validate(matter, from_attributes=True)


class MarkRead(BaseModel):
    """What was reached, when, and the state once it was known."""

    mark: MarkName
    at: datetime
    state: State


class ApplicationRead(BaseModel):
    """An application with its timeline.

    ``queue`` is the place given in the result, ``variant`` the case of the regulation, ``counts_from`` when it counts
    as received (after hours: the next opening), ``due_at`` by when the result is due, ``demands`` what notices ask for,
    ``offer`` and ``until`` what was offered and by when it is to be answered.
    """

    id: str
    service: str
    channel: str
    state: State
    created_at: datetime
    changed_at: datetime
    form: dict[str, Any] | None
    attachments: list[dict[str, Any]]
    timeline: list[MarkRead]
    message_id: str | None
    entry_number: str | None
    queue: dict[str, Any] | None
    closing: dict[str, Any] | None
    variant: str | None
    counts_from: datetime | None
    due_at: datetime | None
    demands: list[DemandRead]
    offer: dict[str, Any] | None
    until: datetime | None
    links: dict[str, str]

    @classmethod
    def of(cls, application: Application) -> "ApplicationRead":
        """What the cabinet shows, the marks in order of time."""
        fields = {name: getattr(application, name) for name in cls.model_fields if name != "links"}
        fields["timeline"] = sorted(application.timeline, key=lambda mark: mark["at"])
        return cls(**fields, links=_links(application))


def _links(application: Application) -> dict[str, str]:
    base = f"/applications/{application.id}"
    names = ["events"]
    if application.channel != PROACTIVE:
        names.append("document")
    if application.state is State.DRAFT:
        names += ["form", *(("password", "confirm") if application.channel == MOBILE else ("submit",))]
    if application.state is State.OFFERED:
        names += ["password", "consent"]
    if application.state in {State.GRANTED, State.REFUSED} and application.message_id is not None:
        names.append("result")
    if application.queue is not None:
        names.append("queue-place")
    service = f"/services/{application.service}"
    return {"self": base, "service": service, **{name: f"{base}/{name}" for name in names}}
