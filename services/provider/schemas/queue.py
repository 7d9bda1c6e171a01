"""The counter's queue, and the status of a matter, over HTTP."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from services.provider.domain.matter import Matter, MatterState
from services.provider.service.organisations import Organisation
from shared.kit.text import NO_NUL, Text
from shared.regulations.model import Regulation
from shared.regulations.visits import Visit

OrganisationCode = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9-]+$")]


class OrganisationRead(BaseModel):
    """An organisation with a counter of its own."""

    code: str
    kind: str
    name: Text

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """As visitors know it."""
        return cls(code=organisation.code, kind=organisation.kind, name=organisation.name)


class WalkInCreate(BaseModel):
    """A visitor who comes to an organisation for a service."""

    model_config = ConfigDict(extra="forbid")

    organisation: OrganisationCode
    regulation: str = Field(max_length=120, pattern=NO_NUL)


class VisitRead(BaseModel):
    """A place in the electronic queue. ``due_at``: the booked time, or when the visitor came."""

    id: str
    organisation: str
    number: str
    booked: bool
    due_at: datetime
    regulation: str | None
    state: str
    called_at: datetime | None
    called_by: str | None
    matter: str | None
    wait_due_at: datetime | None
    service_due_at: datetime | None
    ended_at: datetime | None
    wait_overdue_at: datetime | None
    service_overdue_at: datetime | None

    @classmethod
    def of(cls, visit: Visit) -> Self:
        """From the queue."""
        own = {"organisation": visit.place, "regulation": visit.service}
        return cls(**own, **{name: getattr(visit, name) for name in cls.model_fields if name not in own})


class WaitingRead(BaseModel):
    """The board of a counter: numbers in the order in which they are called."""

    number: str
    booked: bool
    due_at: datetime


class StatusRead(BaseModel):
    """What is told by telephone: no word about whom. ``since``: when it came to this state, as far as that is noted."""

    number: str | None
    application: str
    regulation: str
    service: Text
    organisation: str
    channel: str
    state: MatterState
    received_at: datetime
    since: datetime
    due_at: datetime | None
    overdue: bool
    handed_out: bool

    @classmethod
    def of(cls, matter: Matter, regulation: Regulation, organisation: Organisation) -> Self:
        """Of a matter."""
        return cls(
            number=matter.register_number,
            application=matter.application,
            regulation=regulation.id,
            service=regulation.service,
            organisation=organisation.code,
            channel=matter.channel,
            state=MatterState(matter.state),
            received_at=matter.registered_at,
            since=matter.decided_at or matter.review_started_at or matter.received_at,
            due_at=matter.due_at,
            overdue=matter.overdue_at is not None,
            handed_out=matter.handed_out is not None,
        )
