"""The Kafka client of one system: one idempotent producer, one consumer, offsets committed by hand."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.kit.errors import Transient
from shared.messaging.records import IncomingRecord, OutgoingRecord, Position

REPLICAS = 1
"""Copies of a topic the stand creates; a cluster that shall survive a broker has its topics made beforehand."""
PARTITIONS = 4
"""Partitions of a topic the stand creates; one application always falls into one of them."""


class KafkaBroker:
    """Publishes and receives for one system.

    ``static`` assignment reads every partition (the embedded broker, whose group rebalancing cannot be relied on), and
    where reading goes on is the caller's to know; ``group`` joins the consumer group of the system.
    """

    def __init__(
        self, bootstrap: str, name: str, *, assignment: Literal["static", "group"] = "group", fetch_wait_ms: int = 500
    ) -> None:
        self._bootstrap = bootstrap
        self._name = name
        self.cluster = bootstrap
        """Which broker this is; an embedded one has another address at every start."""
        self.static = assignment == "static"
        self._fetch_wait_ms = fetch_wait_ms
        self._producer: AIOKafkaProducer | None = None
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self, topics: Sequence[str], positions: Mapping[tuple[str, int], int]) -> None:
        """Connect and begin to read ``topics``; with static assignment from ``positions`` (by topic and partition) on.

        Raises ``Transient`` while the cluster does not answer.
        """
        try:
            await self._start(topics, positions)
        except (KafkaError, OSError) as error:
            await self.stop()
            raise Transient(f"Kafka at {self._bootstrap}: {type(error).__name__}") from error

    async def _start(self, topics: Sequence[str], positions: Mapping[tuple[str, int], int]) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, client_id=self._name, enable_idempotence=True, linger_ms=0
        )
        await self._producer.start()
        if not self.static:
            await self._create(topics)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=self._name,
            group_id=None if self.static else f"egov.{self._name}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=self._fetch_wait_ms,
        )
        await self._consumer.start()
        if self.static:
            partitions = [
                TopicPartition(topic, number)
                for topic in topics
                for number in sorted(await self._producer.partitions_for(topic))
            ]
            self._consumer.assign(partitions)
            await self._consumer.seek_to_beginning()
            for partition in partitions:
                if (partition.topic, partition.partition) in positions:
                    self._consumer.seek(partition, positions[partition.topic, partition.partition])
        else:
            self._consumer.subscribe(list(topics))

    async def _create(self, topics: Sequence[str]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(topic, PARTITIONS, REPLICAS) for topic in topics])
        except TopicAlreadyExistsError:
            pass
        finally:
            await admin.close()

    async def publish(self, records: Sequence[OutgoingRecord]) -> None:
        """Send and wait until the cluster has them. Raises ``Transient`` if any could not be sent."""
        if self._producer is None:
            raise Transient("the Kafka producer is not running")
        try:
            sent = [
                await self._producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
                for record in records
            ]
            await asyncio.gather(*sent)
        except (KafkaError, OSError) as error:
            raise Transient(f"Kafka: {type(error).__name__}") from error

    async def receive(self, *, max_records: int, timeout_ms: int) -> list[IncomingRecord]:
        """The next records in partition order, at most ``max_records``; empty after ``timeout_ms``."""
        if self._consumer is None:
            raise Transient("the Kafka consumer is not running")
        try:
            found = await self._consumer.getmany(max_records=max_records, timeout_ms=timeout_ms)
        except (KafkaError, OSError) as error:
            raise Transient(f"Kafka: {type(error).__name__}") from error
        return [
            IncomingRecord(
                Position(record.topic, record.partition, record.offset),
                record.key,
                record.value or b"",
                tuple(record.headers),
            )
            for records in found.values()
            for record in records
        ]

    async def commit(self) -> None:
        """Mark everything received so far as done (nothing to do with static assignment)."""
        if self._consumer is None or self.static:
            return
        try:
            await self._consumer.commit()
        except KafkaError:
            # A lost partition: its new owner reads the records again, and its inbox knows them.
            return

    async def stop(self) -> None:
        """Leave the group and disconnect."""
        consumer, producer = self._consumer, self._producer
        self._consumer = self._producer = None
        if consumer is not None:
            await consumer.stop()
        if producer is not None:
            await producer.stop()
