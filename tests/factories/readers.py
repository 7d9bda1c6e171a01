"""A reader that takes reviews, what it did not take, and a way to put records where it reads them."""

from collections.abc import Awaitable, Callable

from shared.db.engine import Database
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.records import OutgoingRecord
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually
from tests.factories.batches import RawBatch, entry, produce


def collecting(into: list[str]) -> Handlers:
    """Handlers that note the subject of every review that started."""
    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, lambda _w, r: into.append(r.message.subject), lambda _r: ())
    return handlers


async def reasons(runtime: Runtime, database: Database) -> list[str]:
    """The reasons of all dead letters, oldest first."""
    async with database.session() as session:
        return [letter["reason"] for letter in reversed(await runtime.store.dead_letters(session))]


def holds(found: list[str], wanted: str) -> Callable[[], Awaitable[bool]]:
    """Whether ``wanted`` is in ``found`` by now."""

    async def there() -> bool:
        return wanted in found

    return there


async def set_aside(runtime: Runtime, database: Database, *wanted: str) -> None:
    """Wait until there are as many dead letters; these must be their reasons."""

    async def as_many() -> bool:
        return len(await reasons(runtime, database)) >= len(wanted)

    await eventually(as_many, what="dead letters")
    assert await reasons(runtime, database) == list(wanted)


async def to(net: Network, sent: OutgoingRecord, partition: int = 0) -> None:
    """Publish a record to one partition, where the hostile ones are."""
    headers = [(name.encode(), content) for name, content in sent.headers]
    assert await produce(
        net.bootstrap, sent.topic, RawBatch(entry(sent.value, sent.key, headers)), partition=partition
    ) == [0]
