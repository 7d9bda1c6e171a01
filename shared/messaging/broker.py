"""The Kafka client of one system: one idempotent producer, one consumer, offsets committed by hand.

With ``group`` assignment the partitions are shared among the replicas of a system. A partition is given away only when
the batch at hand is finished and its offsets are committed; who cannot finish in time loses the batch (``Lost``), its
transaction is rolled back, and the partition's new reader takes the same records.
"""

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from shared.kit.errors import Transient
from shared.messages.topics import group_of, planned_topics
from shared.messaging.access import CLIENT_FAILS, KafkaAccess, close_client, ended_with
from shared.messaging.ahead import Ahead
from shared.messaging.batches import decode_with_care
from shared.messaging.doorbell import Doorbell, Rung
from shared.messaging.lag import lag_of
from shared.messaging.provision import provide_topics
from shared.messaging.publishing import Publisher
from shared.messaging.reading import Progress, incoming
from shared.messaging.records import IncomingRecord, OutgoingRecord
from shared.messaging.retained import Retained

log = logging.getLogger(__name__)
decode_with_care()

PARTITIONS = 4
"""Partitions of a topic on the embedded broker; one application always falls into one of them."""
SESSION_MS = 10_000
"""A replica that is silent for so long has lost its partitions."""
HANDOVER_S = 5.0
"""How long a batch may delay a rebalance; well within the session, so that the group does not lose the replica."""
PUBLISH_S = 15.0
"""After so long without a confirmation nothing is taken as sent."""
_FLUSH_S = 2.0
_ANSWER_S = 3.0
_LOOK_MS = 10
"""How long a reader with a doorbell looks whether there is something, before it waits to be rung."""
_LOOK_EVERY_S = 0.25
"""How often it looks meanwhile, for what those publish who do not ring."""
_AWAKE_S = 1.0


class Lost(Transient):
    """The batch at hand belongs to another replica now, or will be read again: nothing of it may be committed."""


class KafkaBroker(ConsumerRebalanceListener):  # type: ignore[misc]
    """Publishes and receives for one system.

    ``static`` assignment reads every partition (the embedded broker, whose group rebalancing cannot be relied on), and
    where reading goes on is the caller's to know; ``group`` joins the consumer group of the system.
    """

    def __init__(
        self,
        access: KafkaAccess | str,
        name: str,
        *,
        assignment: Literal["static", "group"] = "group",
        fetch_wait_ms: int = 500,
        replicas: int = 1,
        topics_file: Path | None = None,
    ) -> None:
        """``access`` may be a bare ``host:port``; ``replicas`` and ``topics_file`` are for topics that are missing."""
        self._access = KafkaAccess(access) if isinstance(access, str) else access
        self._name = name
        self.cluster = self._access.bootstrap
        """Which broker this is; an embedded one has another address at every start."""
        self.static = assignment == "static"
        self._fetch_wait_ms = fetch_wait_ms
        self._replicas = replicas
        self._topics_file = topics_file
        self._topics: tuple[str, ...] = ()
        self._publisher = Publisher(self._access, name)
        self._consumer: AIOKafkaConsumer | None = None
        self._progress = Progress(counted=self.static)
        self._generation = self._batch_generation = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._done: dict[TopicPartition, int] = {}
        self._at_hand: list[str] = []
        self._committing: asyncio.Task[None] | None = None
        self._hurried = asyncio.Event()
        self._doorbell = Doorbell(self.cluster)
        self._listening = False
        self._rung = Rung()
        self._asleep: list[TopicPartition] = []
        self._looks_at = 0.0
        self._awake_until = 0.0
        self._ahead = Ahead(lambda most: self._read(_LOOK_MS, most))
        self.retained = Retained()
        """What was sent to an embedded broker, until its receipt has come."""

    # -- connecting ------------------------------------------------------------------------------------------

    async def start(
        self, topics: Sequence[str], positions: Mapping[tuple[str, int], int], at_leisure: Collection[str] = ()
    ) -> None:
        """Connect and begin to read ``topics``; with static assignment from ``positions`` (by topic and partition) on.

        For what comes in the topics ``at_leisure`` nobody waits: a reader with a doorbell has it with what comes next,
        or is waked for it after a moment.

        Raises ``Transient`` while the cluster does not answer. May be called again after a failure.
        """
        await self.stop()
        self._topics, self._rung = tuple(topics), Rung(at_leisure)
        try:
            await self._start(positions)
        except (*CLIENT_FAILS, TimeoutError) as error:
            await self.stop()
            raise Transient(f"Kafka at {self.cluster}: {type(error).__name__}") from error

    async def _start(self, positions: Mapping[tuple[str, int], int]) -> None:
        if not self.static:
            plans = planned_topics(file=self._topics_file)
            await provide_topics(self._access, self._name, plans, self._replicas)
        producer = await self._publisher.connected()
        self._consumer = AIOKafkaConsumer(
            **self._access.arguments(self._name),
            group_id=None if self.static else group_of(self._name),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            # What somebody else has taken back was never sent. The embedded broker has no transactions, and ignores it.
            isolation_level="read_committed",
            fetch_max_wait_ms=self._fetch_wait_ms,
            session_timeout_ms=SESSION_MS,
            request_timeout_ms=SESSION_MS + 5_000,
            # By ranges, so that one application's records of all topics of a system come to one replica.
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        await self._consumer.start()
        self._progress.begin({})
        if not self.static:
            self._consumer.subscribe(list(self._topics), listener=self)
            return
        partitions = [
            TopicPartition(topic, number)
            for topic in self._topics
            for number in sorted(await producer.partitions_for(topic))
        ]
        # A cluster that may hold a fetch for long tells by itself when something comes.
        self._listening = self._fetch_wait_ms <= _LOOK_MS and self._doorbell.listen(self._topics, self._rung)
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning()
        offsets = {partition: positions.get((partition.topic, partition.partition), 0) for partition in partitions}
        self._progress.begin(offsets)
        for partition, offset in offsets.items():
            if offset:
                self._consumer.seek(partition, offset)

    @property
    def forgotten(self) -> int:
        """Records that the cluster let go before this system had read them."""
        return self._progress.forgotten

    async def fault(self) -> str | None:
        """Why the cluster cannot be worked with, or ``None`` if it answers and has the topics of this system."""
        if self._consumer is None:
            return f"not connected to Kafka at {self.cluster}"
        try:
            async with asyncio.timeout(_ANSWER_S):
                there = await self._consumer.topics()
        except TimeoutError:
            return f"Kafka at {self.cluster}: no answer within {_ANSWER_S:g} s"
        except CLIENT_FAILS as error:
            return f"Kafka at {self.cluster}: {type(error).__name__}"
        missing = sorted(set(self._topics) - there)
        return f"Kafka at {self.cluster} has no topic {', '.join(missing)}" if missing else None

    async def lag(self) -> dict[str, int]:
        """How many records of each topic are not handled yet, as far as this replica reads it."""
        return await lag_of(self._consumer, [*self._at_hand, *self._ahead.topics])

    async def stop(self) -> None:
        """Commit what is done, leave the group and disconnect; what does not answer is left alone."""
        await self._ahead.drop()
        await self._flush(_FLUSH_S)
        consumer, self._consumer = self._consumer, None
        self._generation += 1
        self._rest()
        self._done.clear()
        self._asleep, self._listening = [], False
        self.retained.clear()
        self._doorbell.close()
        await asyncio.gather(self._publisher.renew(), *([] if consumer is None else [close_client(consumer)]))

    # -- sending ---------------------------------------------------------------------------------------------

    async def publish(self, records: Sequence[OutgoingRecord]) -> dict[int, str]:
        """Send and wait until the cluster has them; those it never takes, by place in ``records``, with the cause.

        Raises ``Transient`` if any of the others could not be sent.
        """
        if self._consumer is None:
            raise Transient("Kafka is not connected")
        # An idempotent client tries for ever to send what it has begun to; we have the outbox for that.
        sending, hurry = (
            asyncio.ensure_future(self._publisher.publish(records)),
            asyncio.ensure_future(self._hurried.wait()),
        )
        try:
            await asyncio.wait({sending, hurry}, timeout=PUBLISH_S, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                sending.cancel()
                await self._publisher.renew()
                raise Transient("Kafka: the cluster has not confirmed in time")
            published, refused = await sending
        finally:
            hurry.cancel()
        if self.static and self._consumer is not None:  # whoever has stopped meanwhile has hung up
            self._doorbell.ring(self.retained.standing(records, published))
        return refused

    async def let_go(self, message_ids: Sequence[str]) -> list[str]:
        """Which of these an embedded broker does not have any more. Raises ``Transient``."""
        return await self.retained.let_go(self._consumer, message_ids) if self._consumer is not None else []

    def hurry(self) -> None:
        """Give up what the cluster has not confirmed yet: the system ends, and sends it again at its next start."""
        self._hurried.set()

    # -- receiving -------------------------------------------------------------------------------------------

    async def receive(self, *, max_records: int, timeout_ms: int) -> list[IncomingRecord]:
        """The next records in partition order, at most ``max_records``; empty after ``timeout_ms``.

        What was received is at hand until ``commit``. Raises ``Transient``; then ``start`` anew.
        """
        found = await self._ahead.take(max_records) or await self._read(timeout_ms, max_records)
        if found and self.static and self._awake:
            self._ahead.begin()
        if found and self._at_rest.is_set():
            self._at_rest.clear()
            self._batch_generation = self._generation
        self._at_hand += [record.position.topic for record in found]
        return found

    async def _read(self, timeout_ms: int, max_records: int) -> list[IncomingRecord]:
        consumer = self._consumer
        if consumer is None:
            raise Transient("Kafka is not connected")
        if (ended := ended_with(consumer)) is not None:
            raise Transient(f"Kafka: reading ended with {type(ended).__name__}")
        if self._asleep:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rung.event.wait(), timeout_ms / 1000)
            if not self._rung.event.is_set() and asyncio.get_running_loop().time() < self._looks_at:
                return []
            self._wake()
        told = bool(self._rung.awaited)
        if self._listening:
            self._rung.event.clear()
            timeout_ms = min(timeout_ms, _LOOK_MS)
        try:
            # In a rebalance the client waits for its end, however long that takes.
            async with asyncio.timeout(timeout_ms / 1000 + 1):
                found = await consumer.getmany(max_records=max_records, timeout_ms=timeout_ms)
        except TimeoutError:
            return []
        except CLIENT_FAILS as error:
            raise Transient(f"Kafka: {type(error).__name__}") from error
        await self._note(consumer, found)
        # Who was told what there is, and has it, need not look once more.
        enough = (told or not found) and not self._awake
        if self._listening and enough and await self._has_all(consumer) and not self._rung.event.is_set():
            self._sleep()
        return [incoming(record) for records in found.values() for record in records]

    def stay_awake(self) -> None:
        """Somebody rings no bell, and may write more than the embedded broker keeps: for a while look all the time, and
        read on while a batch is handled."""
        self._awake_until = asyncio.get_running_loop().time() + _AWAKE_S

    @property
    def _awake(self) -> bool:
        return asyncio.get_running_loop().time() < self._awake_until

    async def _note(self, consumer: AIOKafkaConsumer, found: Mapping[TopicPartition, Sequence[Any]]) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self._progress.note(consumer, found)
        except (TimeoutError, *CLIENT_FAILS) as error:
            # What was found is given out only when it is known where it stands: it is read again.
            raise Transient(f"Kafka: {type(error).__name__}") from error

    async def _has_all(self, consumer: AIOKafkaConsumer) -> bool:
        """Whether everything was read that is not to be read at leisure, as far as this reader was told."""
        rung = self._rung
        for (topic, partition), offset in list(rung.awaited.items()):
            if await consumer.position(TopicPartition(topic, partition)) > offset:
                del rung.awaited[topic, partition]
        return all(topic in rung.at_leisure for topic, _ in rung.awaited)

    def _sleep(self) -> None:
        """Ask for nothing until the bell rings or somebody looks again. What is on its way here stays at the broker."""
        if self._consumer is not None:
            self._looks_at = asyncio.get_running_loop().time() + _LOOK_EVERY_S
            self._asleep = list(self._consumer.assignment())
            self._consumer.pause(*self._asleep)

    def _wake(self) -> None:
        asleep, self._asleep = self._asleep, []
        if self._consumer is not None:
            self._consumer.resume(*asleep)

    def check(self) -> None:
        """Raises ``Lost`` if the batch at hand is no longer this replica's to handle."""
        if self._batch_generation != self._generation:
            raise Lost("the partitions went to another replica")

    def drop(self, records: Sequence[IncomingRecord]) -> None:
        """Let go of the batch at hand without having done it; it is read again, here or elsewhere."""
        # A batch gathered across a rebalance may hold records of partitions that are this replica's again.
        mine = self._consumer.assignment() if self._consumer is not None else frozenset()
        first: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.position.topic, record.position.partition)
            first[place] = min(first.get(place, record.position.offset), record.position.offset)
        for place, offset in first.items():
            if self._consumer is not None and place in mine:
                self._consumer.seek(place, offset)
        self._rest()

    def _rest(self) -> None:
        self._at_hand.clear()
        self._at_rest.set()

    def commit(self, records: Sequence[IncomingRecord]) -> None:
        """The batch at hand is done. With a group its offsets are committed, in the background: should that fail, the
        records are read again and the inbox knows them."""
        if not self.static and self._batch_generation == self._generation:
            for record in records:
                place = TopicPartition(record.position.topic, record.position.partition)
                self._done[place] = max(self._done.get(place, 0), record.position.offset + 1)
            if self._committing is None or self._committing.done():
                self._committing = asyncio.create_task(self._commit())
        self._rest()

    async def _commit(self) -> None:
        while self._done and self._consumer is not None:
            offsets, self._done = self._done, {}
            try:
                await self._consumer.commit(offsets)
            except CLIENT_FAILS as error:
                # E.g. a partition that has just gone: its new owner reads the records again.
                log.info("%s: offsets were not committed: %s", self._name, type(error).__name__)

    async def skip(self) -> dict[tuple[str, int], int]:
        """Pass over everything that stands in the topics now, as done; where reading goes on. Nobody may be receiving.

        Raises ``Transient``.
        """
        consumer = self._consumer
        if consumer is None:
            raise Transient("Kafka is not connected")
        await self._ahead.drop()
        partitions = consumer.assignment()
        try:
            ends = await consumer.end_offsets(partitions)
            for partition, offset in ends.items():
                consumer.seek(partition, offset)
            self._progress.begin(ends)
            if not self.static and ends:
                await consumer.commit(ends)
        except CLIENT_FAILS as error:
            raise Transient(f"Kafka: {type(error).__name__}") from error
        self._done.clear()
        return {(partition.topic, partition.partition): offset for partition, offset in ends.items()}

    async def _flush(self, seconds: float) -> None:
        if self._committing is not None and not self._committing.done():
            await asyncio.wait({self._committing}, timeout=seconds)
            self._committing.cancel()

    # -- rebalancing -----------------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Called before the partitions are shared out anew: let the batch at hand be finished and committed."""
        if revoked:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HANDOVER_S):
                    await self._at_rest.wait()
            await self._flush(_FLUSH_S)
        self._generation += 1
        self._done.clear()
        self._progress.begin({})

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Called when the partitions are shared out."""
        log.info("%s reads %d partitions", self._name, len(assigned))
