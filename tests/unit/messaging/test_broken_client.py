"""A connection that closes in the moment of writing: uvloop raises what the Kafka client does not expect."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest

from shared.kit.errors import Transient
from shared.messaging.broker import KafkaBroker
from shared.messaging.embedded import EmbeddedBroker
from shared.messaging.records import OutgoingRecord

ONE = OutgoingRecord("things", b"k", b"one", ())


@pytest.fixture
async def broker() -> AsyncIterator[KafkaBroker]:
    """Started, at a cluster of its own."""
    cluster = EmbeddedBroker()
    found = KafkaBroker(cluster.start(), "reader", assignment="static", fetch_wait_ms=5)
    await found.start(["things"], {})
    yield found
    await found.stop()
    cluster.stop()


def break_once(monkeypatch: pytest.MonkeyPatch, kind: type[Any]) -> None:
    """The next request of this ``kind`` meets a connection that has just closed."""
    send = AIOKafkaConnection.send
    broken = False

    def breaking(connection: AIOKafkaConnection, request: Any, *arguments: Any, **options: Any) -> Any:
        nonlocal broken
        if isinstance(request, kind) and not broken:
            broken = True
            raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")
        return send(connection, request, *arguments, **options)

    monkeypatch.setattr(AIOKafkaConnection, "send", breaking)


async def read_until(broker: KafkaBroker, value: bytes | None) -> None:
    """Read until this record comes; ``None``: for ever."""
    while value not in [record.value for record in await broker.receive(max_records=10, timeout_ms=50)]:
        pass


async def test_a_reader_that_gets_nothing_any_more_says_so_and_reads_on_when_started_anew(
    broker: KafkaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broker.publish([ONE])
    break_once(monkeypatch, FetchRequest)
    # Whether the record came before the connection closed is a matter of chance: the reader asks all the time.
    with pytest.raises(Transient, match="reading ended"):
        await asyncio.wait_for(read_until(broker, None), 10)
    await broker.start(["things"], {})
    await asyncio.wait_for(read_until(broker, b"one"), 10)


async def test_a_publication_that_breaks_is_said_to_have_failed(
    broker: KafkaBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_once(monkeypatch, ProduceRequest)
    with pytest.raises(Transient):
        await broker.publish([ONE])
    await broker.publish([ONE])
