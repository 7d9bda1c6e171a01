"""How many signed records an application needs, and what they are like: counted on the broker, not by the services.

A hop is one record: signed by its sender, kept by the broker, verified and dealt with by its reader. Messages, delivery
receipts and journal events all count; under load one receipt serves many applications, so the number is a fraction.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.stand.bench.figures import apportion
from shared.messages.envelope import glimpse
from shared.messages.systems import System
from shared.messages.topics import topics_read_by
from shared.messaging.records import GATEWAY_JWS_HEADER

_SAMPLE = 2000
"""Records of a partition that are looked at."""

Ends = Mapping[TopicPartition, int]


@dataclass(frozen=True)
class Hop:
    """What one signed record carries."""

    size: int
    """Bytes that are signed."""
    signatures: int = 1
    """How many its reader verifies: two if the gateway countersigned."""


@dataclass(frozen=True)
class HopClass:
    """Records of one message type in one topic."""

    name: str
    per_application: float
    hop: Hop


@dataclass(frozen=True)
class HopProfile:
    """The hops of one application."""

    classes: tuple[HopClass, ...]

    @property
    def per_application(self) -> float:
        """Signed records for one application."""
        return sum(item.per_application for item in self.classes)

    @property
    def bytes_per_application(self) -> float:
        """Signed bytes for one application."""
        return sum(item.per_application * item.hop.size for item in self.classes)

    @property
    def verifications_per_application(self) -> float:
        """Signatures verified for one application."""
        return sum(item.per_application * item.hop.signatures for item in self.classes)

    def plan(self) -> tuple[Hop, ...]:
        """The same in whole hops, for a pipeline that takes one application through all of them."""
        shares = {item.name: item.per_application for item in self.classes}
        by_name = {item.name: item.hop for item in self.classes}
        counts = apportion(shares, max(1, round(self.per_application)))
        return tuple(by_name[name] for name, count in counts.items() for _ in range(count))


@dataclass(frozen=True)
class Sample:
    """What was seen of one record."""

    topic: str
    name: str
    hop: Hop


def profile(samples: Iterable[Sample], counts: Mapping[str, int], applications: int) -> HopProfile:
    """The hops of one application: the number from ``counts`` (records by topic), the mixture from ``samples``.

    Raises ``ValueError`` for a topic that has records and no sample.
    """
    by_topic: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_topic[sample.topic].append(sample)
    found = []
    for topic, count in counts.items():
        if count == 0:
            continue
        seen = by_topic.get(topic)
        if not seen:
            raise ValueError(f"no record of {topic} could be read")
        kinds: dict[tuple[str, int], list[int]] = defaultdict(list)
        for sample in seen:
            kinds[sample.name, sample.hop.signatures].append(sample.hop.size)
        for (name, signatures), sizes in sorted(kinds.items()):
            share = len(sizes) / len(seen) * count / applications
            found.append(
                HopClass(f"{name} in {topic}", share, Hop(round(sum(sizes) / len(sizes)), signatures=signatures))
            )
    return HopProfile(tuple(found))


class HopCounter:
    """Reads offsets and records of the stand's topics beside the stand."""

    def __init__(self, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
        self._producer = producer
        self._consumer = consumer

    async def ends(self) -> Ends:
        """Where every partition ends now."""
        topics = sorted({topic for system in System for topic in topics_read_by(system)})
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in sorted(await self._producer.partitions_for(topic))
        ]
        ends: Ends = await self._consumer.end_offsets(partitions)
        return ends

    async def profile(self, before: Ends, after: Ends, applications: int) -> HopProfile:
        """The hops of each of the ``applications`` that ran between the two readings."""
        samples = await self._sample(before, after)
        return profile(samples, counts_by_topic(before, after), applications)

    async def _sample(self, before: Ends, after: Ends) -> list[Sample]:
        grown = [partition for partition, end in after.items() if end > before.get(partition, 0)]
        self._consumer.assign(grown)
        kept = await self._consumer.beginning_offsets(grown)
        for partition in grown:
            end = after[partition]
            self._consumer.seek(partition, max(before.get(partition, 0), kept[partition], end - _SAMPLE))
        samples: list[Sample] = []
        waiting = set(grown)
        while waiting:
            found = await self._consumer.getmany(*waiting, timeout_ms=1000)
            for partition, records in found.items():
                samples += [_sample_of(record) for record in records if record.offset < after[partition]]
                if await self._consumer.position(partition) >= after[partition]:
                    waiting.discard(partition)
            if not found:
                break
        return samples


def counts_by_topic(before: Ends, after: Ends) -> dict[str, int]:
    """Records that came between two readings, by topic."""
    counts: dict[str, int] = defaultdict(int)
    for partition, end in after.items():
        counts[partition.topic] += end - before.get(partition, 0)
    return dict(counts)


def _sample_of(record: object) -> Sample:
    headers = dict(record.headers)  # type: ignore[attr-defined]
    value: bytes = record.value or b""  # type: ignore[attr-defined]
    signatures = 2 if GATEWAY_JWS_HEADER in headers else 1
    name = str(glimpse(value).get("type", "unknown"))
    return Sample(record.topic, name, Hop(len(value), signatures))  # type: ignore[attr-defined]


@asynccontextmanager
async def hop_counter(bootstrap: str) -> AsyncIterator[HopCounter]:
    """A counter for the stand on this broker."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=5)
    await producer.start()
    try:
        await consumer.start()
        try:
            yield HopCounter(producer, consumer)
        finally:
            await consumer.stop()
    finally:
        await producer.stop()
