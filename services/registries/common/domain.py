"""What a look into a registry brought, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

FAULTS = {
    "silent": "takes requests and holds the answers until they are released",
    "late": "answers after a while of stand time",
    "twice": "answers in two messages",
    "wrong_hash": "binds the answer, and the extract, to another request",
    "wrong_signer": "lets the authorised person of the other registry sign the extract",
}
"""Faults both registries can play, as ``KeptFaults`` takes them."""


class Outcome(StrEnum):
    """What a search came to."""

    FOUND = "found"
    ABSENT = "absent"
    AMBIGUOUS = "ambiguous"


class Role(StrEnum):
    """Why a person's data were in an answer."""

    SOUGHT = "sought"
    RELATIVE = "relative"
    PRINCIPAL = "principal"
    ATTORNEY = "attorney"


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody whose data were looked at; without IIN if the search named none and found nobody to name."""

    iin: str | None
    role: Role = Role.SOUGHT


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a search, the statement to sign if something was found, and whose data it tells."""

    outcome: Outcome
    seen: tuple[Seen, ...]
    statement: Mapping[str, Any] = field(default_factory=dict)
    """Members of the extract beyond those every extract has."""


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One line of the access log: one person looked at in one answer."""

    key: str
    message_id: str
    looked_at: datetime
    system: str
    asked_by: str
    regulation: str
    clause: str
    application: str
    consent: str | None
    mode: str
    searched: dict[str, Any]
    included: list[str]
    outcome: str
    iin: str | None
    role: str


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """An answer that a fault keeps back: until ``due_at``, or without it until it is released."""

    request_id: str
    destination: str
    subject: str
    correlation: str
    regulation: str | None
    request_digest: str
    payload: dict[str, Any]
    copies: int
    held_at: datetime
    due_at: datetime | None = None
    released_at: datetime | None = None
