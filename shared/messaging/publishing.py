"""The idempotent producer of one system, and what becomes of each record that is given to it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from shared.kit.errors import Transient
from shared.messages import limits
from shared.messaging.access import CLIENT_FAILS, KafkaAccess, close_client
from shared.messaging.records import OutgoingRecord, Position

PUBLISH_MS = 10_000
_NEVER_TAKEN = (MessageSizeTooLargeError, RecordListTooLargeError)
"""What lies in the record: sending it again is no use."""

Published = tuple[dict[int, Position], dict[int, str]]
"""Where the records stand, and what the cluster never takes with the cause: both by place in what was given."""


class Publisher:
    """Connects when it is first needed, and again after a failure."""

    def __init__(self, access: KafkaAccess, name: str) -> None:
        self._access = access
        self._name = name
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def connected(self) -> AIOKafkaProducer:
        """The producer. Raises what the client raises while the cluster does not answer."""
        async with self._connecting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._access.arguments(self._name),
                    enable_idempotence=True,
                    linger_ms=0,
                    request_timeout_ms=PUBLISH_MS,
                    max_request_size=limits.RECORD,
                )
                try:
                    await producer.start()
                except BaseException:
                    await close_client(producer)
                    raise
                self._producer = producer
            return self._producer

    async def publish(self, records: Sequence[OutgoingRecord]) -> Published:
        """Send ``records``. Raises ``Transient`` if one could not be sent that the cluster may take another time."""
        sent: dict[int, asyncio.Future[Any]] = {}
        outcomes: dict[int, Any] = {}
        try:
            producer = await self.connected()
            for number, record in enumerate(records):
                headers = list(record.headers)
                try:
                    sent[number] = await producer.send(record.topic, record.value, key=record.key, headers=headers)
                except _NEVER_TAKEN as error:
                    outcomes[number] = error
        except CLIENT_FAILS as error:
            await self.renew()
            raise Transient(f"Kafka: {_said(error)}") from error
        outcomes.update(zip(sent, await asyncio.gather(*sent.values(), return_exceptions=True), strict=True))
        return await self._sorted_out(records, outcomes)

    async def _sorted_out(self, records: Sequence[OutgoingRecord], outcomes: Mapping[int, Any]) -> Published:
        failed = {number: found for number, found in sorted(outcomes.items()) if isinstance(found, BaseException)}
        standing = {
            number: Position(found.topic, found.partition, found.offset)
            for number, found in outcomes.items()
            if number not in failed
        }
        if not failed:
            return standing, {}
        await self.renew()
        if not any(isinstance(error, _NEVER_TAKEN) for error in failed.values()):
            first = next(iter(failed.values()))
            raise Transient(f"Kafka: {_said(first)}") from first
        if len(records) == 1:
            return standing, {0: _said(failed[0])}
        # A refused record leaves a gap in the producer's numbers, by which its neighbours fail too; one by one it shows
        # which it was.
        refused: dict[int, str] = {}
        for number in failed:
            alone, never = await self.publish([records[number]])
            if alone:
                standing[number] = alone[0]
            if never:
                refused[number] = never[0]
        return standing, refused

    async def renew(self) -> None:
        """Let go of the producer: after a lost record an idempotent one cannot go on, its numbers would have a gap."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_client(producer)


def _said(error: BaseException) -> str:
    """What happened; the messages of the client may quote what was sent, and are left out."""
    return type(error).__name__
