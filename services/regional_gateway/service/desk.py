"""What the workplace (АЖО / АРМ) of the regional gateway shows."""

from services.regional_gateway import repository
from services.regional_gateway.domain import JournalEntry, QueuePlace
from shared.db.engine import Database
from shared.kit.errors import NotFound


class RegistrationDesk:
    """What the workplace (АЖО / АРМ) of the regional gateway shows."""

    def open(self, database: Database) -> None:
        """Answer from ``database`` from now on."""
        self._database = database

    async def entries(
        self, *, status: str | None, regulation: str | None, before: str | None, limit: int
    ) -> list[JournalEntry]:
        """The registration journal, newest first."""
        async with self._database.session() as session:
            return await repository.search_entries(
                session, status=status, regulation=regulation, before=before, limit=limit
            )

    async def entry(self, number: str) -> JournalEntry:
        """One entry. Raises ``NotFound``."""
        async with self._database.session() as session:
            found = await repository.find_entry(session, number)
        if found is None:
            raise NotFound("the registration journal has no such number")
        return found

    async def queue(self, queue: str, *, after: int, limit: int) -> tuple[int, int, list[QueuePlace]]:
        """Length of a queue, how many stand up to number ``after``, and who stands after it."""
        async with self._database.session() as session:
            return (
                await repository.queue_length(session, queue),
                await repository.queue_length(session, queue, up_to=after),
                await repository.places(session, queue, after=after, limit=limit),
            )

    async def place(self, application: str) -> tuple[QueuePlace, int]:
        """Where an application stands, and how many stand up to and with it now (0: it has left the queue). Raises
        ``NotFound``."""
        async with self._database.session() as session:
            found = (await repository.PLACES.load(session, [application])).get(application)
            if found is None:
                raise NotFound("this application stands on no queue")
            if found.released_at is not None:
                return found, 0
            return found, await repository.queue_length(session, found.queue, up_to=found.number)
