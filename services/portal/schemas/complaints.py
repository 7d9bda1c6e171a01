"""Complaints of a recipient: what is written and signed, and what the cabinet shows."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints

from services.portal.domain.complaints import STATES, SentComplaint
from services.portal.schemas.common import CertificateText, ServiceId
from services.portal.service.complaints import Drafted
from shared.hosting.complaint_schemas import ComplaintBody
from shared.kit.text import NO_NUL, Text
from shared.regulations.complaints import AddresseeKind, Complaints


class ComplaintDraft(ComplaintBody):
    """A complaint as it is written: about which service, of what, to whom."""

    service: ServiceId
    level: str = Field(max_length=100, pattern=NO_NUL)
    addressee: AddresseeKind
    organisation: str | None = Field(
        default=None, max_length=40, pattern=NO_NUL, description="BIN of the body, or code of the centre"
    )
    application: str | None = Field(default=None, max_length=36, pattern=NO_NUL)

    def drafted(self) -> Drafted:
        """For the portal."""
        return Drafted(self.service, self.level, self.addressee, self.organisation, self.application, self.content())


class ComplaintSubmission(ComplaintDraft):
    """The complaint with the signature over the bytes of ``/complaints/document``."""

    signature: Annotated[str, StringConstraints(max_length=200_000)] = Field(
        description="Detached CMS (CAdES-BES), DER in base64"
    )
    certificate: CertificateText | None = Field(default=None, description="The chosen registration certificate")


class ComplaintMark(BaseModel):
    """A state the complaint has reached, and who had it then."""

    state: str
    name: Text
    organisation: str | None
    at: datetime


class ComplaintSlip(BaseModel):
    """What the slip states (clause 25)."""

    number: str
    accepted_at: datetime
    accepted_by: str


class SentComplaintRead(BaseModel):
    """A complaint in the cabinet: where it stands, its slip, and the answer, or why it is not considered."""

    id: str
    service: str
    level: str
    addressee: AddresseeKind
    organisation: str | None
    application: str | None
    state: str
    state_name: Text
    submitted_at: datetime
    timeline: list[ComplaintMark]
    slip: ComplaintSlip | None
    answer: dict[str, Any] | None
    trouble: str | None

    @classmethod
    def of(cls, sent: SentComplaint) -> Self:
        """As it stands."""
        slip = None
        if sent.number is not None and sent.accepted_at is not None:
            slip = ComplaintSlip(number=sent.number, accepted_at=sent.accepted_at, accepted_by=sent.accepted_by or "")
        made = {"state_name", "timeline", "slip"}
        return cls(
            **{name: getattr(sent, name) for name in cls.model_fields if name not in made},
            state_name=STATES[sent.state],
            timeline=[ComplaintMark(**mark, name=STATES[mark["state"]]) for mark in sent.timeline],
            slip=slip,
        )


class ComplaintAddresseeRead(BaseModel):
    """Somebody complaints are made to, as far as the text says how they are reached."""

    addressee: AddresseeKind
    name: Text
    address: Text | None
    telephone: str | None
    website: str | None
    clause: str


class ComplaintLevelRead(BaseModel):
    """What may be complained of, to whom, in which ways, each with its clause; ``hours`` of handing it in."""

    level: str
    about: Text
    ways: dict[str, str]
    hours: dict[str, Any] | None
    clause: str
    addressees: list[ComplaintAddresseeRead]

    @classmethod
    def all_of(cls, stated: Complaints) -> list[Self]:
        """Every level of a text."""
        return [
            cls(
                level=level.code,
                about=level.about,
                ways={way.value: clause for way, clause in level.ways.items()},
                hours=level.hours.model_dump(mode="json", exclude_defaults=True) if level.hours else None,
                clause=level.clause,
                addressees=[
                    ComplaintAddresseeRead(
                        addressee=kind,
                        **{
                            name: getattr(stated.addressees[kind], name)
                            for name in ("name", "address", "telephone", "website", "clause")
                        },
                    )
                    for kind in level.addressees
                ],
            )
            for level in stated.levels
        ]
