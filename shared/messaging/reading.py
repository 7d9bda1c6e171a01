"""What a reader was given by the broker, and what it was not."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.access import CLIENT_FAILS
from shared.messaging.batches import Unreadable
from shared.messaging.records import IncomingRecord, Position

log = logging.getLogger(__name__)

_ANSWER_S = 1.0


def incoming(record: Any) -> IncomingRecord:
    """A record of aiokafka's consumer as the runtime sees it. One without a value has an empty one."""
    value = record.value or b""
    position = Position(record.topic, record.partition, record.offset)
    if isinstance(value, Unreadable):
        return IncomingRecord(position, None, bytes(value), (), value.reason, value.size)
    return IncomingRecord(position, record.key, value, tuple(record.headers))


class Progress:
    """How far each partition was read."""

    def __init__(self, *, counted: bool) -> None:
        """``counted``: the broker numbers records by how many a batch has, whatever that claims (the embedded one)."""
        self.forgotten = 0
        """Records that the broker let go before they were read: it keeps so many bytes, or for so long."""
        self._counted = counted
        self._next: dict[TopicPartition, int] = {}
        self._after: dict[TopicPartition, int] = {}

    def begin(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Reading goes on at these offsets; nothing is known of other partitions."""
        self._next = dict(offsets)
        self._after.clear()

    async def note(self, consumer: AIOKafkaConsumer, found: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """These records were given out by ``consumer``."""
        for partition, records in found.items():
            expected, first = self._next.get(partition), records[0].offset
            self._next[partition] = records[-1].offset + 1
            if expected is not None and first > expected:
                await self._look_into(consumer, partition, expected, first)
            self._after[partition] = records[-1].checksum
        for partition, after in list(self._after.items()):
            await self._hold(consumer, partition, after)

    async def _hold(self, consumer: AIOKafkaConsumer, partition: TopicPartition, after: int) -> None:
        """A batch may claim more offsets than it has; what comes after it must not be passed over for that."""
        position, end = await consumer.position(partition), consumer.highwater(partition)
        if position < after:
            return
        del self._after[partition]
        if position > after and (self._counted or (end is not None and position > end)):
            consumer.seek(partition, after)

    async def _look_into(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, expected: int, first: int
    ) -> None:
        """Offsets are missing. Those of transactions are in order; those before the beginning are forgotten."""
        beginning = expected
        with contextlib.suppress(TimeoutError, *CLIENT_FAILS):
            async with asyncio.timeout(_ANSWER_S):
                beginning = (await consumer.beginning_offsets([partition]))[partition]
        forgotten = min(beginning, first) - expected
        if forgotten > 0:
            if not self.forgotten:
                log.warning(
                    "the broker forgot records before they were read, e.g. %d of %s", forgotten, partition.topic
                )
            self.forgotten += forgotten
