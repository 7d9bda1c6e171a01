"""Takes records that a system has not read yet away from the broker and gives them back otherwise, on real Kafka.

The reader stands still (SIGSTOP) meanwhile. What it had fetched before, it still handles; so an interception also makes
records come twice.
"""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError

from shared.messages.systems import System
from shared.messages.topics import topics_read_by
from tests.faults import topics

_COORDINATED_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A record as it stood in its partition."""

    place: TopicPartition
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    def corrupted(self, chance: random.Random) -> "Taken":
        """The record with one bit of its value turned over."""
        value = bytearray(self.value)
        value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
        return replace(self, value=bytes(value))


class Interception:
    """The unread records of one system."""

    def __init__(self, bootstrap: str, system: System) -> None:
        self._bootstrap = bootstrap
        self._group = f"egov.{system.value}"
        self._topics = topics_read_by(system)

    async def unread(self) -> list[Taken]:
        """What the system has not read yet, by partition in order."""
        places = await topics.partitions(self._bootstrap, self._topics)
        found = await topics.records(self._bootstrap, places, await self._committed())
        return [Taken(place, record.key, record.value or b"", tuple(record.headers)) for place, record in found]

    async def take(self) -> list[Taken]:
        """As ``unread``, and the broker forgets them: for the system they are lost."""
        taken = await self.unread()
        places = {record.place for record in taken}
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            # -1: everything that stands there now.
            if places:
                await admin.delete_records({place: RecordsToDelete(before_offset=-1) for place in places})
        finally:
            await admin.close()
        return taken

    async def give_back(self, records: Iterable[Taken]) -> None:
        """Put ``records`` into their partitions, in this order."""
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap)
        await producer.start()
        try:
            for record in records:
                place = record.place
                await producer.send(
                    place.topic, record.value, key=record.key, partition=place.partition, headers=list(record.headers)
                )
            await producer.flush()
        finally:
            await producer.stop()

    async def _committed(self) -> dict[TopicPartition, int]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _COORDINATED_WITHIN_S
        while True:
            admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
            await admin.start()
            try:
                found = await admin.list_consumer_group_offsets(self._group)
            except KafkaError:
                # A broker that has just started is still reading its groups.
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(0.2)
            else:
                return {place: entry.offset for place, entry in found.items()}
            finally:
                await admin.close()
