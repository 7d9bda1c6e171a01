"""A cluster that stands still in the middle of a publication keeps nobody waiting for ever."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.kafka.node import KafkaNode
from shared.kit.errors import Transient
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messaging import broker as module
from shared.messaging.broker import KafkaBroker
from shared.messaging.records import OutgoingRecord

pytestmark = pytest.mark.kafka

RECORD = OutgoingRecord(inbox_of(System.NOTARY), b"application-1", b"{}", ())


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[KafkaNode]:
    """A node of our own, to be frozen."""
    found = KafkaNode(tmp_path / "kafka")
    await asyncio.to_thread(found.start)
    yield found
    await asyncio.to_thread(found.kill)


async def test_publication_is_given_up_when_the_system_ends_or_time_is_up(
    node: KafkaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = KafkaBroker(node.bootstrap, "notary")
    await broker.start([inbox_of(System.NOTARY)], {})
    await broker.publish([RECORD])
    node.freeze()
    monkeypatch.setattr(module, "PUBLISH_S", 0.5)
    with pytest.raises(Transient, match="in time"):
        await asyncio.wait_for(broker.publish([RECORD]), 20)
    monkeypatch.setattr(module, "PUBLISH_S", 600.0)
    publishing = asyncio.create_task(broker.publish([RECORD]))
    asyncio.get_running_loop().call_later(0.5, broker.hurry)
    with pytest.raises(Transient):
        await asyncio.wait_for(publishing, 20)
    node.thaw()
    await broker.stop()


async def test_publication_goes_on_when_the_cluster_does(node: KafkaNode, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = KafkaBroker(node.bootstrap, "notary")
    await broker.start([inbox_of(System.NOTARY)], {})
    monkeypatch.setattr(module, "PUBLISH_S", 0.5)
    node.freeze()
    with pytest.raises(Transient):
        await broker.publish([RECORD])
    node.thaw()
    monkeypatch.setattr(module, "PUBLISH_S", 60.0)
    await broker.publish([RECORD])
    await broker.stop()
