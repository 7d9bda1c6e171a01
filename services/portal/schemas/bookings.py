"""The electronic queue of the centres."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


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
