"""Recipients and their sessions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from services.portal.domain.challenges import Challenge, Purpose
from services.portal.domain.recipients import Recipient
from services.portal.schemas.common import Body, Iin, OneTimeCode, ServiceId
from services.portal.service.recipients import GrantedSession
from shared.crypto.certificates import Certificate
from shared.kit import iin as iins

Password = Annotated[str, StringConstraints(min_length=8, max_length=200)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Signature = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]


class _Person(Body):
    iin: Iin

    # Here and not in the use case, so that it is told together with what else is wrong.
    @field_validator("iin")
    @classmethod
    def _well_formed(cls, iin: str) -> str:
        if (fault := iins.fault(iin)) is not None:
            raise PydanticCustomError("registration", "{fault}", {"fault": fault})
        return iin


class ChallengeCreate(_Person):
    """Who wants to prove their IIN with their certificate, and for what."""

    purpose: Purpose = Purpose.REGISTRATION


class ChallengeRead(BaseModel):
    """``document`` is signed exactly as it is, in UTF-8; ``challenge`` comes back with the signature."""

    challenge: str
    document: str
    expires_at: datetime

    @classmethod
    def of(cls, made: Challenge) -> "ChallengeRead":
        """As it is given out."""
        return cls(challenge=made.token, document=made.document, expires_at=made.expires_at)


class OneTimePasswordCreate(_Person):
    """Who wants to prove their IIN with the telephone that the state's base of mobile citizens has for it."""


class RecipientCreate(_Person):
    """Registration on the portal. The IIN is proven by ``challenge`` and ``signature``, or by ``one_time_password``."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["challenge", "signature"]}, {"required": ["one_time_password"]}]}
    )

    password: Password
    challenge: Token | None = Field(default=None, description="As `POST /recipients/challenges` gave it")
    signature: Signature | None = Field(default=None, description="Detached CMS over `document`: DER in base64, or PEM")
    one_time_password: OneTimeCode | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> "RecipientCreate":
        signed = self.challenge is not None and self.signature is not None
        half = self.challenge is not None or self.signature is not None
        if signed == (self.one_time_password is not None) or half is not signed:
            raise PydanticCustomError(
                "registration", "the IIN is proven by challenge and signature, or by one_time_password"
            )
        return self


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
    """A sign-in, with the password, or with a signed challenge (``purpose`` ``sign-in``). ``service``: what the
    recipient comes for; a refusal is then journaled as a run of that service."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["password"]}, {"required": ["challenge", "signature"]}]}
    )

    iin: Iin
    password: Annotated[str, StringConstraints(max_length=200)] | None = None
    challenge: Token | None = None
    signature: Signature | None = None
    service: ServiceId | None = None
    device_token: Token | None = Field(default=None, description="As the last sign-in from this device gave it")

    @model_validator(mode="after")
    def _one_way(self) -> "SessionCreate":
        signed = self.challenge is not None and self.signature is not None
        half = self.challenge is not None or self.signature is not None
        if signed == (self.password is not None) or half is not signed:
            raise PydanticCustomError("sign-in", "who signs in shows the password, or a challenge and its signature")
        return self


class MobileCitizenRead(BaseModel):
    """Whose telephone this is."""

    iin: str
    phone: str


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
    device_token: str
    """Shown at the next sign-in it says that the recipient has been here before."""

    @classmethod
    def of(cls, granted: GrantedSession) -> "SessionRead":
        """The answer to a sign-in."""
        session = granted.session
        return cls(
            token=granted.token,
            iin=session.iin,
            opened_at=session.opened_at,
            expires_at=session.expires_at,
            device_token=granted.device_token,
        )
