"""Which messages the embedded broker has let go before their receipts came.

It keeps some megabytes of a partition, read or not, and cannot make a sender wait. In a flood an honest message goes
with the rest, and would come only when its sender sends it again. The sender knows where it stood, and the broker where
its partition begins now.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kit.errors import Transient
from shared.messaging.access import CLIENT_FAILS
from shared.messaging.doorbell import Place
from shared.messaging.records import OutgoingRecord, Position

UNHEARD_S = 0.3
"""A receipt comes in less, where there is no flood."""
_ANSWER_S = 3.0
_MOST = 20_000
"""Messages that are kept in mind; what is beyond is sent again when its time comes."""


class Retained:
    """What one system has sent, and where it stands."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``monotonic``: seconds of a clock that only goes forward."""
        self._monotonic = monotonic
        self._sent: dict[str, tuple[Position, float]] = {}

    def note(self, message_id: str, position: Position) -> None:
        """It stands there since now, and no more where it stood before."""
        self._sent.pop(message_id, None)
        if len(self._sent) >= _MOST:
            del self._sent[next(iter(self._sent))]
        self._sent[message_id] = position, self._monotonic()

    def standing(self, records: Sequence[OutgoingRecord], published: Mapping[int, Position]) -> dict[Place, int]:
        """Note those of ``records`` that await a receipt, with the positions in ``published`` by their numbers; the
        last offset by topic and partition."""
        last: dict[Place, int] = {}
        for number, at in published.items():
            last[at.topic, at.partition] = max(at.offset, last.get((at.topic, at.partition), -1))
            if (message_id := records[number].message_id) is not None:
                self.note(message_id, at)
        return last

    def unheard(self) -> list[str]:
        """The messages whose receipts may have come by now, in the order in which they were sent."""
        before = self._monotonic() - UNHEARD_S
        found = []
        for message_id, (_, at) in self._sent.items():
            if at > before:
                break
            found.append(message_id)
        return found

    def forget(self, message_ids: Collection[str]) -> None:
        """Nothing needs to be known of these any more."""
        for message_id in message_ids:
            self._sent.pop(message_id, None)

    async def let_go(self, consumer: AIOKafkaConsumer, message_ids: Sequence[str]) -> list[str]:
        """Which of these stood before the present beginnings of their partitions, for which ``consumer`` asks.

        Raises ``Transient``.
        """
        standing = {message_id: self._sent[message_id][0] for message_id in message_ids if message_id in self._sent}
        if not standing:
            return []
        try:
            async with asyncio.timeout(_ANSWER_S):
                begins = await consumer.beginning_offsets({_partition(at) for at in standing.values()})
        except (TimeoutError, *CLIENT_FAILS) as error:
            raise Transient(f"Kafka: {type(error).__name__}") from error
        return [message_id for message_id, at in standing.items() if at.offset < begins[_partition(at)]]

    def clear(self) -> None:
        """Another broker: of what was sent to the one before nothing is known."""
        self._sent.clear()


def _partition(position: Position) -> TopicPartition:
    return TopicPartition(position.topic, position.partition)
