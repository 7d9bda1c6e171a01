"""Centres, their operators, sessions, and who looked at whose data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.kit.text import Text

_TwelveDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Centre(_Entry):
    """One centre for servicing the population."""

    code: _Code
    bin: _TwelveDigits
    name: Text
    name_in_certificate: Annotated[str, StringConstraints(max_length=64)]
    address: Text
    windows: int = Field(ge=1, le=100)


class Operator(_Entry):
    """A worker of a centre; a supervisor reads its access log as well."""

    login: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,60}$")]
    iin: _TwelveDigits
    surname: str
    given_name: str
    patronymic: str | None = None
    centre: _Code
    role: Literal["operator", "supervisor"] = "operator"

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
