"""The counter over HTTP: applications, bookings, offers."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.provider.domain.people import Booking
from services.provider.service.intake import Submission
from shared.kit.text import NO_NUL

_Named = Field(min_length=1, max_length=200, pattern=NO_NUL)


class ApplicationCreate(BaseModel):
    """What a visitor hands in: the form as the officer enters it, and the codes of the papers shown."""

    model_config = ConfigDict(extra="forbid")

    regulation: str = Field(max_length=120, pattern=NO_NUL)
    channel: Literal["office", "akim", "employment_centre", "csc", "portal", "mobile", "proactive"] = "office"
    form: dict[str, Any]
    papers: list[str] = Field(default=[], max_length=50)
    originals_returned: bool = False
    visit: str | None = Field(default=None, max_length=60, pattern=NO_NUL)
    """In the electronic queue, with which the visitor was called."""

    def submission(self) -> Submission:
        """As the counter takes it."""
        return Submission(self.regulation, self.channel, self.form, self.papers, self.originals_returned, self.visit)


class BookingCreate(BaseModel):
    """A visitor who comes at a time, and how they booked it."""

    model_config = ConfigDict(extra="forbid")

    regulation: str = Field(max_length=120, pattern=NO_NUL)
    at: AwareDatetime
    name: str = _Named
    phone: str = Field(pattern=r"^\+7[0-9]{10}$")
    means: Literal["telephone", "in_person"]

    def booking(self) -> Booking:
        """As it is kept, but for who notes it and when."""
        return Booking("", "", self.regulation, self.at, self.name, self.phone, self.means, "", self.at)


class BookingRead(BaseModel):
    """A time that is taken."""

    regulation: str
    at: datetime
    name: str
    phone: str
    means: str
    booked_by: str
    booked_at: datetime

    @classmethod
    def of(cls, booking: Booking) -> Self:
        """As it is kept."""
        return cls.model_validate({name: getattr(booking, name) for name in cls.model_fields})


class OfferCreate(BaseModel):
    """A service offered to somebody who has not asked for it: what the state's systems say of them."""

    model_config = ConfigDict(extra="forbid")

    regulation: str = Field(max_length=120, pattern=NO_NUL)
    form: dict[str, Any]
