"""Complaints over HTTP, alike in every system that has addressees."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.kit.clock import rfc3339
from shared.kit.text import NO_NUL, Text
from shared.messaging.complaints import ComplaintDesk, HandedIn
from shared.regulations.complaints import AddresseeKind, ComplaintLevel, Way
from shared.regulations.hearing import Complaint, ComplaintState

_Line = Field(min_length=1, max_length=300, pattern=NO_NUL)
_Words = Field(min_length=1, max_length=5000, pattern=NO_NUL)
_Login = Annotated[str, Field(max_length=60, pattern=NO_NUL)]


class ComplaintBody(BaseModel):
    """What a complaint has to contain: who complains and where they live, the date; about whom, why, and what is
    demanded."""

    model_config = ConfigDict(extra="forbid")

    surname: str = _Line
    given_name: str = _Line
    patronymic: str | None = Field(default=None, max_length=300, pattern=NO_NUL)
    postal_address: str = _Line
    written_on: date
    about: str = _Line
    against: str | None = Field(
        default=None, max_length=40, pattern=NO_NUL, description="BIN or code of the organisation complained of"
    )
    position: str | None = Field(default=None, max_length=300, pattern=NO_NUL)
    reasons: str = _Words
    demands: str = _Words
    enclosures: list[Annotated[str, _Line]] = Field(default=[], max_length=50)

    def content(self) -> dict[str, Any]:
        """As it is kept."""
        names = " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)
        kept = {"postal_address", "about", "against", "position", "reasons", "demands", "enclosures"}
        return {"names": names, "written_on": self.written_on.isoformat(), **self.model_dump(include=kept)}


class ComplaintCreate(ComplaintBody):
    """A complaint that is handed in or told by telephone, with what it is about."""

    regulation: str = Field(max_length=120, pattern=NO_NUL)
    level: str = Field(max_length=100, pattern=NO_NUL)
    addressee: AddresseeKind | None = Field(default=None, description="The first of the level that is here, if absent")
    way: Way = Way.WRITTEN
    application: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    signed: bool = Field(description="A paper has to carry the complainant's signature")
    accused: list[_Login] = Field(default=[], max_length=20, description="Logins of who is complained of, if known")

    def brought(self) -> HandedIn:
        """For the desk."""
        return HandedIn(
            regulation=self.regulation,
            level=self.level,
            addressee=self.addressee,
            way=self.way,
            content=self.content(),
            application=self.application,
            signed=self.signed,
            accused=tuple(self.accused),
        )


class RegistrationCreate(BaseModel):
    """Whose logins those complained of have, as far as whoever registers knows."""

    model_config = ConfigDict(extra="forbid")

    accused: list[_Login] = Field(default=[], max_length=20)


class AnswerCreate(BaseModel):
    """The written answer."""

    model_config = ConfigDict(extra="forbid")

    text: str = _Words
    justified: bool


class ComplaintRefusal(BaseModel):
    """Why a complaint is refused consideration."""

    model_config = ConfigDict(extra="forbid")

    reason: str = _Words


class SlipRead(BaseModel):
    """What the slip states: date and time, and who took the complaint."""

    number: str
    accepted_at: str
    accepted_by: str
    clause: str


class ComplaintRead(BaseModel):
    """A complaint with its slip and its answer. ``slip``: none before it is registered."""

    id: str
    number: str | None
    organisation: str
    addressee: AddresseeKind
    regulation: str
    level: str
    way: Way
    application: str | None
    content: dict[str, Any]
    state: ComplaintState
    received_at: datetime
    slip: SlipRead | None
    accused: list[str]
    history: list[dict[str, Any]]
    answer: dict[str, Any] | None
    answered_at: datetime | None

    @classmethod
    def of(cls, complaint: Complaint, desk: ComplaintDesk) -> Self:
        """As it stands."""
        slip = None
        if complaint.number is not None and complaint.accepted_at is not None:
            slip = SlipRead(
                number=complaint.number,
                accepted_at=rfc3339(complaint.accepted_at),
                accepted_by=complaint.accepted_by_name or "",
                clause=desk.stated(complaint.regulation).slip_clause,
            )
        kept = {name: getattr(complaint, name) for name in cls.model_fields if name != "slip"}
        return cls.model_validate({**kept, "slip": slip})


class OrganisationNamed(BaseModel):
    """An organisation by its BIN, a centre by its code."""

    organisation: str
    name: Text


class AddresseeRead(BaseModel):
    """To whom what may be complained of here, in which ways, when, and how they are reached, as far as the text says
    so."""

    level: str
    about: Text
    addressee: AddresseeKind
    name: Text
    ways: dict[Way, str]
    hours: dict[str, Any] | None
    address: Text | None
    telephone: str | None
    website: str | None
    clause: str
    organisations: list[OrganisationNamed]

    @classmethod
    def of(
        cls, desk: ComplaintDesk, regulation: str, row: tuple[ComplaintLevel, AddresseeKind, Mapping[str, Text]]
    ) -> Self:
        """One addressee of one level."""
        level, kind, organisations = row
        stated = desk.stated(regulation).addressees[kind]
        return cls(
            level=level.code,
            about=level.about,
            addressee=kind,
            name=stated.name,
            ways=dict(level.ways),
            hours=level.hours.model_dump(mode="json", exclude_defaults=True) if level.hours else None,
            address=stated.address,
            telephone=stated.telephone,
            website=stated.website,
            clause=level.clause,
            organisations=[OrganisationNamed(organisation=code, name=name) for code, name in organisations.items()],
        )
