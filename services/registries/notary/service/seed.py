"""The register of notarial acts at its first start."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from services.registries.common.people import names_by_iin
from services.registries.notary.domain import PowerOfAttorney, entry_of
from services.registries.notary.repository import POWERS
from shared.db.states import StateKind
from shared.kit.files import read_yaml
from shared.messages.extracts import Named, Notary, Party, Power, PowerOfAttorneyRecord

_HOUR_OF_THE_ACT = 11
_WITHDRAWN = Named(kk="сенім білдірушінің өтініші бойынша", ru="по заявлению доверителя")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Act(_Entry):
    """An act of the file; days are relative to the seeding."""

    fate: str
    register_number: str
    notary: str
    principal: str
    attorney: str
    notarised: int = Field(ge=0)
    since: int | None = Field(default=None, alias="from")
    until: int
    revoked: int | None = None
    powers: tuple[Power, ...] = Field(min_length=1)


class _Acts(_Entry):
    notaries: dict[str, Notary]
    powers: dict[str, Power]
    acts: tuple[_Act, ...]


class RegisterSeed:
    """Reads the files once. Raises ``ValueError`` for files that do not hold together, ``KeyError`` for an unknown
    party."""

    def __init__(self, powers_file: Path, people_file: Path, families_file: Path, timezone: str) -> None:
        self._file = _Acts.model_validate(read_yaml(powers_file))
        self._names = names_by_iin(people_file, families_file)
        self._zone = ZoneInfo(timezone)

    def entries(self, at: datetime) -> list[PowerOfAttorney]:
        """The acts, their days counted from ``at``."""
        return [self._entry(act, at) for act in self._file.acts]

    def __call__(self, at: datetime) -> Mapping[StateKind[Any], Sequence[Any]]:
        """The rows of the register."""
        return {POWERS: self.entries(at)}

    def _entry(self, act: _Act, at: datetime) -> PowerOfAttorney:
        today = at.astimezone(self._zone).replace(hour=_HOUR_OF_THE_ACT, minute=0, second=0, microsecond=0)
        notarised = today - timedelta(days=act.notarised)
        first = notarised if act.since is None else today + timedelta(days=act.since)
        record = PowerOfAttorneyRecord(
            register_number=act.register_number,
            notarised_at=notarised,
            notary=self._file.notaries[act.notary],
            principal=self._party(act.principal),
            attorney=self._party(act.attorney),
            powers=act.powers,
            valid_from=first.date(),
            valid_until=(today + timedelta(days=act.until)).date(),
            revoked_at=None if act.revoked is None else today - timedelta(days=act.revoked),
            revocation_reason=None if act.revoked is None else _WITHDRAWN,
        )
        return entry_of(record, notarised.date(), at, act.fate)

    def _party(self, iin: str) -> Party:
        return Party(iin=iin, names=self._names[iin])
