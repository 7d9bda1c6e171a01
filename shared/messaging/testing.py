"""A small network for tests: the embedded broker, an authority in memory, and runtimes of any systems on it.

Everything but the authority is the real thing: Kafka protocol over TCP, SQLite files, real signatures.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from sqlalchemy import MetaData

from shared.crypto.identity import Identity
from shared.crypto.testing import MemoryPKI
from shared.db.engine import Database, sqlite_url
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.systems import System
from shared.messaging.embedded import EmbeddedBroker
from shared.messaging.handlers import Handlers
from shared.messaging.platform import assemble_runtime
from shared.messaging.reading import incoming
from shared.messaging.records import IncomingRecord, OutgoingRecord
from shared.messaging.runtime import Runtime
from shared.messaging.tables import MessagingTables


class Network:
    """Broker, authority and the systems' identities; ``run`` starts a runtime on it."""

    def __init__(
        self, directory: Path, bootstrap: str, database_url: Callable[[Path, str], str] = sqlite_url, **settings: Any
    ) -> None:
        """``database_url`` says where a system keeps its tables; ``settings`` override those of the stand,
        ``bootstrap`` stays the way by which a test publishes and reads."""
        self.clock = Clock()
        self.pki = MemoryPKI(self.clock)
        self.identities: dict[System, Identity] = {system: self.pki.system(system.value) for system in System}
        self.certificates = self.pki.directory()
        self._database_url = database_url
        self.bootstrap = bootstrap
        self.settings = StandSettings(
            **{
                "data_dir": directory,
                "kafka_bootstrap": bootstrap,
                "assignment": "static",
                "fetch_wait_ms": 5,
                "resend_after_s": 0.2,
                **settings,
            }
        )

    @asynccontextmanager
    async def run(
        self,
        system: System,
        handlers: Handlers,
        metadata: MetaData | None = None,
        tables: MessagingTables | None = None,
    ) -> AsyncIterator[tuple[Runtime, Database]]:
        """A started runtime with its database, which stays in the directory for the next ``run`` of the same system."""
        metadata = metadata or MetaData()
        tables = tables or MessagingTables.define(metadata)
        database = Database(self._database_url(self.settings.data_dir, system.value), metadata)
        await database.create_tables()
        runtime = assemble_runtime(
            system,
            database=database,
            tables=tables,
            handlers=handlers,
            identity=self.identities[system],
            directory=self.certificates,
            stand=self.settings,
            clock=self.clock,
            on_change=lambda _key: None,
        )
        await runtime.start()
        try:
            yield runtime, database
        finally:
            await runtime.kill()
            await database.close()

    async def publish(self, *records: OutgoingRecord) -> None:
        """Put records on the broker, as anybody with access to it could."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        try:
            for record in records:
                await producer.send_and_wait(record.topic, record.value, key=record.key, headers=list(record.headers))
        finally:
            await producer.stop()

    async def read(self, topic: str, count: int, *, seconds: float = 10) -> list[IncomingRecord]:
        """The first ``count`` records of ``topic``, in order of arrival within a partition; fewer if they do not come
        in time."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=5)
        await consumer.start()
        try:
            await consumer._client.set_topics([topic])  # noqa: SLF001 - no public way to ask for partitions
            partitions = sorted(consumer.partitions_for_topic(topic) or ())
            consumer.assign([TopicPartition(topic, number) for number in partitions])
            await consumer.seek_to_beginning()
            found: list[IncomingRecord] = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while len(found) < count:
                        for records in (await consumer.getmany(timeout_ms=50)).values():
                            found += [incoming(record) for record in records]
            return found
        finally:
            await consumer.stop()


@asynccontextmanager
async def network(directory: Path, database_url: Callable[[Path, str], str] = sqlite_url) -> AsyncIterator[Network]:
    """A fresh network with its own embedded broker; ``database_url`` as for ``Network``."""
    broker = EmbeddedBroker()
    try:
        yield Network(directory, broker.start(), database_url)
    finally:
        broker.stop()


async def eventually(holds: Callable[[], Awaitable[bool]], *, seconds: float = 10, what: str = "the condition") -> None:
    """Poll until ``holds``; raises ``AssertionError`` after ``seconds``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await holds():
        if loop.time() > deadline:
            raise AssertionError(f"{what} did not come about within {seconds:g} s")
        await asyncio.sleep(0.01)


async def rows(database: Database, tables: Sequence[str]) -> dict[str, int]:
    """How many rows the named tables hold."""
    async with database.session() as session:
        counts = {}
        for name in tables:
            result = await session.execute(database.metadata.tables[name].select())
            counts[name] = len(result.all())
    return counts
