"""What the portal's HTTP takes and gives."""

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.portal.domain.application import Application, MarkName, State
from services.portal.domain.documents import IssuedDocument
from services.portal.domain.notices import TITLES, Notice
from services.portal.domain.recipients import Recipient
from services.portal.service.applications import Matter
from services.portal.service.recipients import GrantedSession
from shared.crypto.certificates import Certificate
from shared.kit.text import Language, Text
from shared.regulations.model import Channel, Regulation

Iin = Annotated[str, StringConstraints(max_length=64)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=200)]
CertificateText = Annotated[str, StringConstraints(max_length=20_000)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecipientCreate(_Input):
    """Registration on the portal; the check digits of the IIN are checked."""

    iin: Iin
    password: Password
    certificate: CertificateText | None = Field(default=None, description="PEM, or DER in base64")


class CertificateRead(BaseModel):
    """A registration certificate."""

    thumbprint: str
    common_name: str
    not_before: datetime
    not_after: datetime


class RecipientRead(BaseModel):
    """A registered recipient."""

    iin: str
    registered_at: datetime
    certificate: CertificateRead | None

    @classmethod
    def of(cls, recipient: Recipient) -> "RecipientRead":
        """What is shown of ``recipient``."""
        shown = None
        if recipient.certificate is not None:
            found = Certificate.from_der(recipient.certificate)
            shown = CertificateRead(
                thumbprint=found.thumbprint,
                common_name=found.common_name,
                not_before=found.not_before,
                not_after=found.not_after,
            )
        return cls(iin=recipient.iin, registered_at=recipient.registered_at, certificate=shown)


class SessionCreate(_Input):
    """A sign-in. ``service``: what the recipient comes for; a refusal is then journaled as a run of that service."""

    iin: Iin
    password: Annotated[str, StringConstraints(max_length=200)]
    service: Annotated[str, StringConstraints(max_length=200)] | None = None


class SessionRead(BaseModel):
    """A session; ``token`` is shown this once."""

    token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 — the name of the scheme
    iin: str
    opened_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, granted: GrantedSession) -> "SessionRead":
        """The answer to a sign-in."""
        session = granted.session
        return cls(token=granted.token, iin=session.iin, opened_at=session.opened_at, expires_at=session.expires_at)


class ServiceSummary(BaseModel):
    """A line of the list of services."""

    id: str
    title: str
    titles: Text
    provider: str

    @classmethod
    def of(cls, regulation: Regulation, language: Language) -> "ServiceSummary":
        """What the list shows of a regulation."""
        return cls(
            id=regulation.id,
            title=regulation.service.pick(language),
            titles=regulation.service,
            provider=regulation.provider.name.pick(language),
        )


class ServiceRead(ServiceSummary):
    """A service as the portal offers it; texts in all languages, every rule with its clause."""

    regulation: Text
    clause: str
    restrictions: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    terms: list[dict[str, Any]]
    results: list[dict[str, Any]]
    links: dict[str, str]

    @classmethod
    def read(cls, regulation: Regulation, channel: Channel, language: Language) -> "ServiceRead":
        """Everything about the service."""
        terms = [term for term in regulation.terms if not term.channels or "portal" in term.channels]
        results = [result for result in regulation.results if result.kind in channel.outcomes.values()]
        return cls(
            **ServiceSummary.of(regulation, language).model_dump(),
            regulation=regulation.title,
            clause=channel.clause,
            restrictions=[part.model_dump(mode="json") for part in channel.restrictions],
            documents=[part.model_dump(mode="json", exclude_none=True) for part in channel.documents],
            terms=[part.model_dump(mode="json", exclude_none=True) for part in terms],
            results=[part.model_dump(mode="json") for part in results],
            links={"form": f"/services/{regulation.id}/form"},
        )


class ApplicationCreate(_Input):
    """The choice of a service."""

    service: Annotated[str, StringConstraints(max_length=200)]


class SubmissionCreate(_Input):
    """The signature over the bytes of ``/document``; the certificate is taken from the signature if it is not given."""

    signature: Annotated[str, StringConstraints(max_length=200_000)] = Field(
        description="Detached CMS (CAdES-BES), DER in base64"
    )
    certificate: CertificateText | None = Field(default=None, description="The chosen registration certificate")


class MatterRead(BaseModel):
    """A line of the cabinet."""

    id: str
    service: str
    state: State
    created_at: datetime
    changed_at: datetime
    entry_number: str | None
    queue: dict[str, Any] | None

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
    """An application with its timeline; ``queue`` is the place given in the result."""

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
    links: dict[str, str]

    @classmethod
    def of(cls, application: Application) -> "ApplicationRead":
        """What the cabinet shows, the marks in order of time."""
        fields = {name: getattr(application, name) for name in cls.model_fields if name != "links"}
        fields["timeline"] = sorted(application.timeline, key=lambda mark: mark["at"])
        return cls(**fields, links=_links(application))


class ResultRead(BaseModel):
    """The provider's act: the signed document, the signature (CMS, DER, base64) and the report on it."""

    application: str
    granted: bool
    sha256: str
    document: dict[str, Any]
    signature: str
    report: dict[str, Any]
    received_at: datetime
    links: dict[str, str]

    @classmethod
    def of(cls, act: IssuedDocument) -> "ResultRead":
        """What the cabinet shows of the act."""
        base = f"/applications/{act.application}/result"
        links = {
            "document": f"{base}/document",
            "signature": f"{base}/signature.p7s",
            "pdf": f"{base}.pdf",
            "verify": f"/verify/{act.sha256}",
        }
        names = ("application", "granted", "sha256", "signature", "report", "received_at")
        return cls(**{name: getattr(act, name) for name in names}, document=json.loads(act.content), links=links)


class NoticeRead(BaseModel):
    """A notice; ``title`` and ``text`` in the language asked for, ``texts`` in all."""

    id: str
    application: str
    kind: str
    title: str
    text: str
    texts: Text
    clause: str | None
    grounds: list[dict[str, Any]]
    created_at: datetime

    @classmethod
    def of(cls, notice: Notice, language: Language) -> "NoticeRead":
        """What the cabinet shows of a notice."""
        texts = Text(**notice.text)
        names = ("id", "application", "kind", "clause", "grounds", "created_at")
        shown = {name: getattr(notice, name) for name in names}
        return cls(**shown, title=TITLES[notice.kind].pick(language), text=texts.pick(language), texts=texts)


def signature_bytes(act: IssuedDocument) -> bytes:
    """The CMS signature of an act in DER."""
    return base64.b64decode(act.signature)


def _links(application: Application) -> dict[str, str]:
    base = f"/applications/{application.id}"
    names = ["document", "events"]
    if application.state is State.DRAFT:
        names += ["form", "submit"]
    if application.state in {State.GRANTED, State.REFUSED} and application.message_id is not None:
        names.append("result")
    service = f"/services/{application.service}"
    return {"self": base, "service": service, **{name: f"{base}/{name}" for name in names}}


class CentreRead(BaseModel):
    """A centre, as its system describes it."""

    code: str
    name: str
    address: str
    windows: int


class SlotRead(BaseModel):
    """A time that may be booked, and how many may still do so."""

    starts_at: datetime
    ends_at: datetime
    free: int


class BookingCreate(BaseModel):
    """A time at a centre, and perhaps the service one comes for."""

    model_config = ConfigDict(extra="forbid")

    centre: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    starts_at: AwareDatetime
    service: Annotated[str, Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$", max_length=120)] | None = None


class BookingRead(BaseModel):
    """A booking: the number that will be called, and when."""

    id: str
    centre: str
    number: str
    due_at: datetime
    service: str | None
