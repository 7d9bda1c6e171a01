"""Centres, their operators, sessions, and who looked at whose data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.kit.iin import CheckedBin, CheckedIin
from shared.kit.text import Text
from shared.regulations.parts import ChannelName
from shared.regulations.terms import Hours, TimeOfDay, Weekday

SHORTEST_STOP_HOURS = 6

_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CentreKind(StrEnum):
    """What sort of counter it is."""

    CENTRE = "centre"
    """A centre for servicing the population, or a department of the State Corporation."""
    DISTRICT_BRANCH = "district_branch"
    """A district or city branch of the State Corporation: couriers bring the papers."""
    MOBILE_CENTRE = "mobile_centre"
    """Goes from settlement to settlement by a schedule of its own."""
    EMPLOYMENT_CENTRE = "employment_centre"
    """Not of the State Corporation; some regulations have it take documents in the same way."""

    @property
    def channel(self) -> ChannelName:
        """The channel of a regulation that such a counter renders."""
        return "employment_centre" if self is CentreKind.EMPLOYMENT_CENTRE else "csc"


class Stop(_Entry):
    """Where a mobile centre is every week, and when: at least six working hours in one settlement (004, clause 9)."""

    settlement: Text
    day: Weekday
    opens: TimeOfDay
    closes: TimeOfDay

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        hours = (self.closes.hour - self.opens.hour) + (self.closes.minute - self.opens.minute) / 60
        if hours < SHORTEST_STOP_HOURS:
            raise ValueError(f"a mobile centre works at least {SHORTEST_STOP_HOURS} hours in one settlement")
        return self


class Centre(_Entry):
    """One centre. ``hours`` apply where a regulation states none for its channel; ``serves`` are the places of
    residence it is for, as forms name them (none: all)."""

    code: _Code
    kind: CentreKind = CentreKind.CENTRE
    serves: tuple[_Code, ...] = ()
    bin: CheckedBin
    name: Text
    name_in_certificate: Annotated[str, StringConstraints(max_length=64)]
    address: Text
    windows: int = Field(ge=1, le=100)
    hours: Hours
    stops: tuple[Stop, ...] = ()

    @model_validator(mode="after")
    def _has_stops_if_it_moves(self) -> Self:
        if bool(self.stops) != (self.kind is CentreKind.MOBILE_CENTRE):
            raise ValueError("a mobile centre, and no other, has stops")
        if len({stop.day for stop in self.stops}) != len(self.stops):
            raise ValueError("a mobile centre is in one settlement a day")
        return self

    @property
    def channel(self) -> ChannelName:
        """The channel it renders."""
        return self.kind.channel

    def facts(self) -> dict[str, Any]:
        """What variants and restrictions of a regulation may look at, under ``/centre``: its ``branch`` is
        ``district`` or ``main``, ``serves`` names the kinds of residence it is for."""
        branch = "district" if self.kind is CentreKind.DISTRICT_BRANCH else "main"
        return {"code": self.code, "kind": self.kind.value, "branch": branch, "serves": list(self.serves)}


OperatorRole = Literal["operator", "supervisor", "head", "enterprise_head"]


class Operator(_Entry):
    """A worker of a centre; a supervisor reads its access log as well. The head answers complaints about its people,
    the head of the enterprise those made to the enterprise (004, clause 22(1))."""

    login: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,60}$")]
    iin: CheckedIin
    surname: str
    given_name: str
    patronymic: str | None = None
    centre: _Code
    role: OperatorRole = "operator"

    @property
    def name(self) -> str:
        """Surname, name, patronymic."""
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


@dataclass(frozen=True)
class OperatorSession:
    """A granted sign-in; ``token_hash`` is all that is kept of the token."""

    token_hash: str
    login: str
    opened_at: datetime
    expires_at: datetime
    ends_s: float
    """``Clock.elapsed_s`` at its end: a clock that is set back does not revive it."""


Look = Literal[
    "form_entered",
    "registries_asked",
    "matter_read",
    "document_read",
    "signed",
    "scan_read",
    "receipt_read",
    "result_read",
    "handed_out",
    "supplemented",
]


@dataclass(frozen=True)
class AccessEntry:
    """One look at one person's data. Field names are the columns."""

    key: str
    at: datetime
    operator: str
    centre: str
    matter: str
    look: str
    iin: str
    role: str
    """What the person is in the matter: applicant, representative, child."""
