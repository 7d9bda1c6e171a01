"""Operators, the electronic queue, the access log, and what anybody may ask."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from services.csc.domain.matter import Matter
from services.csc.domain.people import AccessEntry, Centre, OperatorRole
from services.csc.domain.states import State
from services.csc.service.operators import GrantedSession, SignedIn
from services.csc.service.visits import Slot
from shared.kit.iin import masked
from shared.kit.text import NO_NUL, Language
from shared.regulations.model import Regulation
from shared.regulations.visits import Visit

Login = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]
DeviceToken = Annotated[str, StringConstraints(min_length=1, max_length=500)]
MaskedIIN = Annotated[str, StringConstraints(pattern=r"^\*{6}[0-9]{3}\*{3}$")]
ServiceId = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)]
VisitId = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
CentreCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Body):
    """Credentials of an operator."""

    login: Login
    password: Password
    device_token: DeviceToken | None = None


class SessionRead(BaseModel):
    """A new session; the token is shown once."""

    token: str
    expires_at: datetime
    device_token: str
    """Shown at the next sign-in it says that one of this login has been here before."""

    @classmethod
    def of(cls, granted: GrantedSession) -> Self:
        """The answer to a sign-in."""
        return cls(token=granted.token, expires_at=granted.session.expires_at, device_token=granted.device_token)


class OperatorRead(BaseModel):
    """Who is signed in."""

    login: str
    name: str
    centre: str
    role: OperatorRole
    expires_at: datetime

    @classmethod
    def of(cls, caller: SignedIn) -> Self:
        """From the session."""
        operator = caller.operator
        return cls(
            login=operator.login,
            name=operator.name,
            centre=operator.centre,
            role=operator.role,
            expires_at=caller.session.expires_at,
        )


class OperatorPassword(BaseModel):
    """An operator of the stand, the password made for them, and the thumbprint of their certificate."""

    login: str
    password: str
    centre: str
    kind: str
    """Of the centre."""
    role: str
    certificate: str


class DueRead(BaseModel):
    """How many matters something was due in."""

    matters: int


class StopRead(BaseModel):
    """A stop of a mobile centre, every week, in local time."""

    settlement: str
    day: str
    opens: str
    closes: str


class CentreRead(BaseModel):
    """A centre."""

    code: str
    kind: str
    channel: str
    name: str
    address: str
    windows: int
    stops: list[StopRead]
    """Of a mobile centre: where it is on which day of the week."""

    @classmethod
    def of(cls, centre: Centre, language: Language) -> Self:
        """In ``language``."""
        return cls(
            code=centre.code,
            kind=centre.kind.value,
            channel=centre.channel,
            name=centre.name.pick(language),
            address=centre.address.pick(language),
            windows=centre.windows,
            stops=[
                StopRead(
                    settlement=stop.settlement.pick(language),
                    day=stop.day,
                    opens=f"{stop.opens:%H:%M}",
                    closes=f"{stop.closes:%H:%M}",
                )
                for stop in centre.stops
            ],
        )


class SlotRead(BaseModel):
    """A time that may be booked, and how many may still do so."""

    starts_at: datetime
    ends_at: datetime
    free: int

    @classmethod
    def of(cls, slot: Slot) -> Self:
        """From the queue."""
        return cls(starts_at=slot.starts_at, ends_at=slot.ends_at, free=slot.free)


class BookingCreate(_Body):
    """A booking. There is no accelerated service, so there is nothing to ask for it with."""

    centre: CentreCode
    starts_at: AwareDatetime
    visitor: MaskedIIN
    service: ServiceId | None = None


class WalkInCreate(_Body):
    """Somebody comes without a booking."""

    centre: CentreCode
    service: ServiceId | None = None


class VisitRead(BaseModel):
    """A place in the electronic queue. ``due_at``: the booked time, or when the visitor came."""

    id: str
    centre: str
    number: str
    booked: bool
    due_at: datetime
    service: str | None
    visitor: str | None
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
        return cls(centre=visit.place, **{n: getattr(visit, n) for n in cls.model_fields if n != "centre"})


class WaitingRead(BaseModel):
    """The board of a centre: numbers in the order in which they are called."""

    number: str
    booked: bool
    due_at: datetime


class NoticeSummary(BaseModel):
    """A notice of the provider on the way: what it says, and what it asks for by when."""

    kind: str
    text: str
    issued_at: datetime
    expects: str | None
    until: datetime | None


class StatusRead(BaseModel):
    """What the contact centre tells: no word about whom. ``ready_by`` is what the receipt said, ``due_at`` by when the
    result has to be there now."""

    number: str | None
    entry_number: str | None
    service: str
    regulation: str
    state: State
    since: datetime
    ready_by: datetime | None
    centre: str
    due_at: datetime | None
    overdue: bool
    notices: list[NoticeSummary]

    @classmethod
    def of(cls, matter: Matter, regulation: Regulation, language: Language) -> Self:
        """In ``language``."""
        return cls(
            number=matter.number,
            entry_number=matter.entry_number,
            service=regulation.service.pick(language),
            regulation=regulation.id,
            state=matter.state,
            since=matter.changed_at,
            ready_by=matter.ready_by,
            centre=matter.centre,
            due_at=matter.due_at,
            overdue=matter.overdue_at is not None,
            notices=[
                NoticeSummary(
                    kind=notice["kind"],
                    text=notice["text"].get(language) or next(iter(notice["text"].values())),
                    issued_at=notice["issued_at"],
                    expects=notice["expects"],
                    until=notice["until"],
                )
                for notice in matter.notices
            ],
        )


class AccessRead(BaseModel):
    """One look at one person's data."""

    key: str
    at: datetime
    operator: str
    matter: str
    look: str
    role: str
    iin: str
    """Masked: whoever looks for a person filters by the whole number."""

    @classmethod
    def of(cls, entry: AccessEntry) -> Self:
        """From the log."""
        values = {name: getattr(entry, name) for name in cls.model_fields}
        return cls(**{**values, "iin": masked(entry.iin)})
