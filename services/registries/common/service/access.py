"""The access log: who looked at whose data, when, and on what ground."""

from services.registries.common import repository
from services.registries.common.domain import AccessEntry
from services.registries.common.repository import RegistryKinds
from shared.db.engine import Database


class AccessLog:
    """Shows the access log of one registry."""

    def __init__(self, kinds: RegistryKinds) -> None:
        self._kind = kinds.access

    def open(self, database: Database) -> None:
        """Answer from ``database`` from now on."""
        self._database = database

    async def entries(self, wanted: dict[str, str], *, before: str | None, limit: int) -> list[AccessEntry]:
        """Entries that fit every wanted field, newest first."""
        async with self._database.session() as session:
            return await repository.search_access(session, self._kind, wanted, before=before, limit=limit)
