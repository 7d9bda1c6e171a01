"""Queries of the notary registry."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select, tuple_

from services.registries.common.domain import AccessEntry, HeldAnswer
from services.registries.common.repository import RegistryKinds
from services.registries.notary.domain import FoundPowers, PowerOfAttorney, keys_of, newest_first
from services.registries.notary.models import AccessEntryRow, HeldAnswerRow, PowerOfAttorneyRow, SwitchRow
from shared.db.session import DatabaseSession
from shared.db.statements import among, keys_parameter
from shared.db.states import StateKind
from shared.db.switches import Switch

POWERS = StateKind(PowerOfAttorneyRow, PowerOfAttorney, "id")
KINDS = RegistryKinds(
    access=StateKind(AccessEntryRow, AccessEntry, "key"),
    held=StateKind(HeldAnswerRow, HeldAnswer, "request_id"),
    faults=StateKind(SwitchRow, Switch, "name"),
)

_POWER = POWERS.sql.c


@dataclass(frozen=True, eq=False)
class PowerSearchKind(StateKind[FoundPowers]):
    """Searches as states: what a search key finds, read and never written. All searches of a batch share their
    queries."""

    async def load(self, session: DatabaseSession, keys: Collection[str]) -> dict[str, FoundPowers]:
        """What each of ``keys`` finds; keys that find nothing are left out."""
        sought = [key.split("\t") for key in keys]
        numbers = {values[-1] for mode, *values in sought if mode == "number"}
        principals = {values[0] for mode, *values in sought if mode == "parties"}
        entries: dict[str, PowerOfAttorney] = {}
        for column, values in ((_POWER.register_number, numbers), (_POWER.principal_iin, principals)):
            if values:
                query = POWERS.select().where(among(column, session.dialect))
                powers = await POWERS.read(session, query, keys_parameter(values, session.dialect))
                entries |= {entry.id: entry for entry in powers}
        found: dict[str, list[PowerOfAttorney]] = {}
        for entry in entries.values():
            for key in keys_of(entry) & set(keys):
                found.setdefault(key, []).append(entry)
        return {key: FoundPowers(key, tuple(newest_first(fitting))) for key, fitting in found.items()}

    async def save(self, session: DatabaseSession, records: Iterable[FoundPowers]) -> None:  # noqa: ARG002 — what every kind takes
        """Raises ``TypeError``: a finding is no record."""
        raise TypeError("findings are not saved")


SEARCHES = PowerSearchKind(PowerOfAttorneyRow, FoundPowers, "key")


async def list_powers(
    session: DatabaseSession,
    *,
    fate: str | None,
    principal: str | None,
    attorney: str | None,
    before: str | None,
    limit: int,
) -> list[PowerOfAttorney]:
    """Entries of the register that fit what is given, newest first."""
    query = POWERS.select().order_by(_POWER.notarised_at.desc(), _POWER.id.desc()).limit(limit)
    for column, value in ((_POWER.fate, fate), (_POWER.principal_iin, principal), (_POWER.attorney_iin, attorney)):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        place = select(_POWER.notarised_at, _POWER.id).where(_POWER.id == before).scalar_subquery()
        query = query.where(tuple_(_POWER.notarised_at, _POWER.id) < place)
    return await POWERS.read(session, query)
