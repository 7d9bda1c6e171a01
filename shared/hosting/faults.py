"""Faults that count for all replicas of a service, kept in its database.

As ``shared.kit.faults``, for what strikes inside a unit of work: how often a fault still strikes is counted down in the
transaction that it spoils, so it strikes exactly so often, in whichever replica.
"""

from sqlalchemy import delete

from shared.db.engine import Database
from shared.db.session import DatabaseSession
from shared.db.states import StateKey, StateKind
from shared.db.switches import Switch
from shared.kit.faults import Fault
from shared.messaging.work import Work


class KeptFaults:
    """The faults one service declares; all are off until set. ``open`` comes before the first question from outside."""

    def __init__(self, kind: StateKind[Switch], **descriptions: str) -> None:
        """``descriptions``: name with underscores → what goes wrong; the outside name has hyphens."""
        self._kind = kind
        self._descriptions = {name.replace("_", "-"): text for name, text in sorted(descriptions.items())}
        self._database: Database | None = None

    def open(self, database: Database) -> None:
        """Keep them in ``database`` from now on."""
        self._database = database

    # -- inside a unit of work -------------------------------------------------------------------------------

    def loads(self) -> list[StateKey]:
        """What ``strikes`` needs loaded. A fault that is off has no row, so then nobody waits for anybody."""
        return [(self._kind, name) for name in self._descriptions]

    def strikes(self, work: Work, name: str) -> bool:
        """Whether it happens now; counts down. Raises ``LookupError`` if it is not declared: a typo never passes."""
        found = work.get(self._kind, name)
        if found is None or found.value == 0:
            return False
        if found.value is not None:
            work.put(self._kind, Switch(name, found.value - 1))
        return True

    # -- from outside ----------------------------------------------------------------------------------------

    async def shown(self) -> list[Fault]:
        """Every declared fault, by name, as it is set."""
        async with self._opened().session() as session:
            found = await self._kind.load(session, self._descriptions)
        return [self._fault(name, found.get(name)) for name in self._descriptions]

    async def play(self, name: str, times: int | None) -> Fault:
        """Let ``name`` strike the next ``times`` times, or always. Raises ``KeyError`` if it is not declared."""
        fault = self._fault(name, Switch(name, times))
        async with self._opened().transaction() as session:
            if times == 0:
                await self._delete(session, name)
            else:
                await self._kind.save(session, [Switch(name, times)])
        return fault

    async def forget(self) -> None:
        """Switch every fault off."""
        async with self._opened().transaction() as session:
            for name in self._descriptions:
                await self._delete(session, name)

    async def _delete(self, session: DatabaseSession, name: str) -> None:
        await session.execute(delete(self._kind.sql).where(self._kind.sql.c.name == name))

    def _fault(self, name: str, switch: Switch | None) -> Fault:
        return Fault(name, self._descriptions[name], switch.value if switch is not None else 0)

    def _opened(self) -> Database:
        assert self._database is not None, "faults are opened with the platform"
        return self._database
