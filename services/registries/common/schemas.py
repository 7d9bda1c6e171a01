"""What the stand's controls of both registries give."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from services.registries.common.domain import AccessEntry, HeldAnswer, Outcome, Role
from shared.messages.systems import System


class AccessEntryRead(BaseModel):
    """One person looked at in one answer: by whom, on what ground, by which search, with what outcome."""

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
    outcome: Outcome
    iin: str | None
    role: Role

    @classmethod
    def of(cls, entry: AccessEntry) -> Self:
        """From the log."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class HeldAnswerRead(BaseModel):
    """An answer that a fault keeps back; without ``due_at`` until it is released."""

    request_id: str
    destination: System
    application: str
    held_at: datetime
    due_at: datetime | None

    @classmethod
    def of(cls, answer: HeldAnswer) -> Self:
        """From what is held."""
        return cls(
            request_id=answer.request_id,
            destination=System(answer.destination),
            application=answer.subject,
            held_at=answer.held_at,
            due_at=answer.due_at,
        )


class ReleasedRead(BaseModel):
    """How many held answers were sent."""

    released: int
