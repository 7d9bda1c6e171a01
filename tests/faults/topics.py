"""Reading topics from outside: what stands there, whoever has read it."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


async def partitions(bootstrap: str, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of ``topics``."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics(list(topics))
    finally:
        await admin.close()
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]


async def records(
    bootstrap: str, places: Iterable[TopicPartition], start: Mapping[TopicPartition, int] | None = None
) -> list[tuple[TopicPartition, Any]]:
    """Everything that stands in ``places`` now, from the offsets ``start`` on (default: the oldest), by partition in
    order."""
    wanted = list(places)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(wanted)
        ends, oldest = await consumer.end_offsets(wanted), await consumer.beginning_offsets(wanted)
        for place in wanted:
            consumer.seek(place, max((start or {}).get(place, 0), oldest[place]))
        found: list[tuple[TopicPartition, Any]] = []
        while any([await consumer.position(place) < ends[place] for place in wanted]):
            for place, fetched in (await consumer.getmany(timeout_ms=200)).items():
                found += [(place, record) for record in fetched if record.offset < ends[place]]
        return found
    finally:
        await consumer.stop()
