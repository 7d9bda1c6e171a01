"""Recipients and their sessions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from services.portal.domain.recipients import Recipient
from services.portal.schemas.common import Body, CertificateText, Iin, ServiceId
from services.portal.service.recipients import GrantedSession, certificate_fault
from shared.crypto.certificates import Certificate
from shared.kit import iin as iins

Password = Annotated[str, StringConstraints(min_length=8, max_length=200)]


def _without(fault: str | None, value: str) -> str:
    if fault is not None:
        raise PydanticCustomError("registration", "{fault}", {"fault": fault})
    return value


class RecipientCreate(Body):
    """Registration on the portal; the check digits of the IIN are checked, and that the certificate carries it."""

    iin: Iin
    password: Password
    certificate: CertificateText | None = Field(default=None, description="PEM, or DER in base64")

    # Here and not in the use case, so that they are told together with what else is wrong.
    @field_validator("iin")
    @classmethod
    def _well_formed(cls, iin: str) -> str:
        return _without(iins.fault(iin), iin)

    @field_validator("certificate")
    @classmethod
    def _readable_and_own(cls, text: str | None, info: ValidationInfo) -> str | None:
        return text if text is None else _without(certificate_fault(text, info.data.get("iin")), text)


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


class SessionCreate(Body):
    """A sign-in. ``service``: what the recipient comes for; a refusal is then journaled as a run of that service."""

    iin: Iin
    password: Annotated[str, StringConstraints(max_length=200)]
    service: ServiceId | None = None


class PlayedSession(Body):
    """Who is let in."""

    iin: Iin


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
