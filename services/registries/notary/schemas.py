"""What the stand's controls of the notary register take and give."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from services.registries.notary.domain import PowerOfAttorney, record_of
from shared.messages.extracts import Named, Power, PowerOfAttorneyRecord
from shared.messages.payload import Instant

Fate = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$", description="What the act is for, in one word")]


class PowerOfAttorneyCreate(PowerOfAttorneyRecord):
    """A new act."""

    notarised_at: Instant
    revoked_at: Instant | None = None
    fate: Fate | None = None

    def record(self) -> PowerOfAttorneyRecord:
        """What the register is to state."""
        return PowerOfAttorneyRecord.model_validate(self.model_dump(exclude={"fate"}))


class PowerOfAttorneyPatch(BaseModel):
    """Changes to an act. Members left out stay as they are; ``revoked_at`` null takes a revocation back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    powers: tuple[Power, ...] | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    revoked_at: Instant | None = None
    revocation_reason: Named | None = None
    fate: Fate | None = None

    def changes(self) -> dict[str, Any]:
        """The facts to change."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in given.items() if value is not None or name in _MAY_BE_EMPTY}


_MAY_BE_EMPTY = {"revoked_at", "revocation_reason", "fate"}


class PowerOfAttorneyRead(BaseModel):
    """An act of the register, and what it is for."""

    id: str
    record: PowerOfAttorneyRecord
    notarised_on: date
    fate: str | None
    changed_at: datetime

    @classmethod
    def of(cls, entry: PowerOfAttorney) -> Self:
        """From the register."""
        return cls(
            id=entry.id,
            record=PowerOfAttorneyRecord.model_validate(record_of(entry)),
            notarised_on=entry.notarised_on,
            fate=entry.fate,
            changed_at=entry.changed_at,
        )
