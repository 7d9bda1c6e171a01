"""What a reader was given by the broker, and what it was not."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.access import CLIENT_FAILS
from shared.messaging.batches import Unreadable
from shared.messaging.records import IncomingRecord, Position

log = logging.getLogger(__name__)

_ANSWER_S = 1.0
_LOOK_EVERY_S = 0.1


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
        self._gaps: list[tuple[TopicPartition, int, int]] = []
        self._looked_at = 0.0

    def begin(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Reading goes on at these offsets; nothing is known of other partitions."""
        self._next = dict(offsets)
        self._after.clear()
        self._gaps.clear()

    async def note(self, consumer: AIOKafkaConsumer, found: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """These records were given out by ``consumer``."""
        for partition, records in found.items():
            expected, first = self._next.get(partition), records[0].offset
            self._next[partition] = records[-1].offset + 1
            if expected is not None and first > expected:
                self._gaps.append((partition, expected, first))
            self._after[partition] = records[-1].checksum
        for partition, after in list(self._after.items()):
            await self._hold(consumer, partition, after)
        # Not at every gap: who cannot keep up would fall behind the more.
        if self._gaps and time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
            await self._look_into(consumer)

    async def _hold(self, consumer: AIOKafkaConsumer, partition: TopicPartition, after: int) -> None:
        """A batch may claim more offsets than it has; what comes after it must not be passed over for that."""
        position, end = await consumer.position(partition), consumer.highwater(partition)
        if position < after:
            return
        del self._after[partition]
        if position > after and (self._counted or (end is not None and position > end)):
            consumer.seek(partition, after)

    async def _look_into(self, consumer: AIOKafkaConsumer) -> None:
        """Offsets are missing. Those of transactions are in order; those before the beginning are forgotten."""
        gaps, self._gaps = self._gaps, []
        self._looked_at = time.monotonic()
        beginnings: dict[TopicPartition, int] = {}
        with contextlib.suppress(TimeoutError, *CLIENT_FAILS):
            async with asyncio.timeout(_ANSWER_S):
                beginnings = await consumer.beginning_offsets({partition for partition, _, _ in gaps})
        for partition, expected, first in gaps:
            forgotten = min(beginnings.get(partition, expected), first) - expected
            if forgotten > 0:
                if not self.forgotten:
                    log.warning(
                        "the broker forgot records before they were read, e.g. %d of %s", forgotten, partition.topic
                    )
                self.forgotten += forgotten
