"""What strangers write on a real cluster: stepped over, taken back, packed by the topic, too large for it."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource  # type: ignore[attr-defined]

from shared.db.engine import Database
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messaging.broker import KafkaBroker
from shared.messaging.handlers import Handlers
from shared.messaging.records import OutgoingRecord
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually
from tests.factories.batches import RawBatch, entry, produce
from tests.factories.messages import record, review_started
from tests.factories.readers import collecting, holds, reasons, to

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

TOPIC = inbox_of(System.REGIONAL_GATEWAY)


@asynccontextmanager
async def regional_gateway(net: Network, handlers: Handlers) -> AsyncIterator[tuple[Runtime, Database]]:
    """A running receiver."""
    async with net.run(System.REGIONAL_GATEWAY, handlers) as started:
        yield started


def configure(bootstrap: str, topic: str, name: str, value: str) -> None:
    """Set one property of a topic, as whoever runs the cluster may."""
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)]
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(10)


async def test_what_cannot_be_decoded_is_stepped_over(net: Network) -> None:
    seen: list[str] = []
    hostile = [
        RawBatch(entry(b"v", headers=[(b"\xff\xfe", b"x")])),
        RawBatch(gzip.compress(entry(bytes(300_000_000))), attributes=1),
        RawBatch(entry(b"v", headers=[(b"jws", None)])),
        RawBatch(entry(None)),
    ]
    async with regional_gateway(net, collecting(seen)) as (runtime, database):
        codes = await produce(net.bootstrap, TOPIC, *hostile)
        await to(net, record(net, review_started(net, "after")))
        await eventually(holds(seen, "after"), seconds=60, what="reading on")

        async def set_aside() -> bool:
            # The handler has run before the batch is committed.
            return runtime.counts["rejected"] == codes.count(0) == len(await reasons(runtime, database))

        await eventually(set_aside, seconds=30)
        assert codes[0] == codes[2] == 0
        assert runtime.counts["undecodable"] == codes[:2].count(0)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_a_topic_that_packs_its_records_is_read(net: Network, codec: str) -> None:
    seen: list[str] = []
    configure(net.bootstrap, TOPIC, "compression.type", codec)
    async with regional_gateway(net, collecting(seen)) as (runtime, database):
        await net.publish(record(net, review_started(net, "packed")))
        await eventually(holds(seen, "packed"), seconds=60)
        assert await reasons(runtime, database) == []


async def test_what_was_taken_back_is_not_read(net: Network) -> None:
    seen: list[str] = []
    sent = record(net, review_started(net, "taken back"))
    producer = AIOKafkaProducer(bootstrap_servers=net.bootstrap, transactional_id="somebody")
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(sent.topic, sent.value, key=sent.key, headers=list(sent.headers), partition=0)
    await producer.abort_transaction()
    async with regional_gateway(net, collecting(seen)) as (runtime, database):
        await to(net, record(net, review_started(net, "after")))
        await eventually(holds(seen, "after"), seconds=60)
        async with producer.transaction():
            kept = record(net, review_started(net, "meant"))
            await producer.send(kept.topic, kept.value, key=kept.key, headers=list(kept.headers), partition=0)
        await to(net, record(net, review_started(net, "last")))
        await eventually(holds(seen, "last"), seconds=60)
        assert seen == ["after", "meant", "last"]
        assert await reasons(runtime, database) == []
        assert runtime.counts["forgotten"] == 0  # the gaps are the marks of transactions
    await producer.stop()


async def test_a_record_too_large_for_its_topic_holds_up_nobody(net: Network) -> None:
    configure(net.bootstrap, TOPIC, "max.message.bytes", "20000")
    broker = KafkaBroker(net.bootstrap, "provider")
    await broker.start([inbox_of(System.PROVIDER)], {})
    # Afterwards, for starting sets what the plan says.
    configure(net.bootstrap, TOPIC, "max.message.bytes", "20000")
    records = [OutgoingRecord(TOPIC, b"k", value, ()) for value in (b"a", b"x" * 30_000, b"b", b"y" * 2_000_000, b"c")]
    assert set(await broker.publish(records)) == {1, 3}
    await broker.stop()
    assert [found.value for found in await net.read(TOPIC, 3)] == [b"a", b"b", b"c"]
