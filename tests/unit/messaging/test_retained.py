"""What the embedded broker lets go before it was read is sent again at once, and reading goes on after it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from shared.kit.errors import Transient
from shared.kit.ids import uuid7
from shared.messages.application import ReviewStarted
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageType
from shared.messaging.ahead import Ahead
from shared.messaging.handlers import Handlers
from shared.messaging.reading import Progress
from shared.messaging.records import IncomingRecord, OutgoingRecord, Position
from shared.messaging.retained import UNHEARD_S, Retained
from shared.messaging.testing import Network, eventually, rows
from tests.factories.readers import collecting, holds, reasons

REGIONAL, PROVIDER = System.REGIONAL_GATEWAY, System.PROVIDER
PARTITION = TopicPartition("t", 0)


@dataclass
class Consumer:
    """What is asked of aiokafka's; one partition."""

    beginning: int = 0
    at: int = 0
    broken: bool = False
    questions: int = 0

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where they begin."""
        self.questions += 1
        if self.broken:
            raise KafkaConnectionError
        return dict.fromkeys(partitions, self.beginning)

    async def position(self, _partition: TopicPartition) -> int:
        """Where reading goes on."""
        return self.at

    def highwater(self, _partition: TopicPartition) -> int:
        """Its end."""
        return 1000


@dataclass
class Given:
    """A record as aiokafka gives it out."""

    offset: int
    checksum: int


class Bench:
    """Messages sent at times that are set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.retained = Retained(lambda: self.seconds)

    def send(self, *places: int) -> None:
        """Messages at these offsets, named by them."""
        for offset in places:
            self.retained.note(str(offset), Position("t", 0, offset))


async def let_go(bench: Bench, consumer: Any) -> list[str]:
    """Of all whose receipts may have come."""
    return await bench.retained.let_go(consumer, bench.retained.unheard())


async def test_only_what_stood_before_the_beginning_is_gone() -> None:
    bench = Bench()
    bench.send(1, 2, 3)
    assert bench.retained.unheard() == []
    bench.seconds = UNHEARD_S
    bench.send(4)
    assert bench.retained.unheard() == ["1", "2", "3"]
    assert await let_go(bench, Consumer(beginning=3)) == ["1", "2"]
    bench.retained.forget(["1", "3"])
    assert await let_go(bench, Consumer(beginning=10)) == ["2"]


async def test_what_was_sent_again_stands_where_it_was_sent_last() -> None:
    bench = Bench()
    bench.send(1)
    bench.retained.note("1", Position("t", 0, 8))
    bench.seconds = UNHEARD_S
    assert await let_go(bench, Consumer(beginning=5)) == []


async def test_a_silent_broker_has_let_nothing_go() -> None:
    bench = Bench()
    bench.send(1)
    bench.seconds = UNHEARD_S
    with pytest.raises(Transient):
        await let_go(bench, Consumer(beginning=5, broken=True))


async def test_what_the_broker_forgot_is_sent_again_at_once(net: Network) -> None:
    net.settings.resend_after_s = 600
    topic, seen, subject = inbox_of(REGIONAL), list[str](), uuid7(net.clock)
    async with net.run(PROVIDER, Handlers()) as (provider, database):
        async with provider.work(()) as work:
            work.send(MessageType.REVIEW_STARTED, REGIONAL, subject, ReviewStarted(started_at=net.clock.now()))
        await net.read(topic, 1)
        await net.publish(*(OutgoingRecord(topic, subject.encode(), b"x" * 200_000, ()) for _ in range(60)))
        async with net.run(REGIONAL, collecting(seen)) as (regional, letters):
            await eventually(holds(seen, subject), seconds=30)

            async def receipted() -> bool:
                return await rows(database, ["outbox"]) == {"outbox": 0}

            await eventually(receipted, seconds=30)
            assert provider.counts["resent"] >= 1

            async def forgotten() -> bool:
                return provider._broker.retained.unheard() == []

            await eventually(forgotten)
            assert regional._broker._awake_until > 0  # strangers ring no bell
            assert set(await reasons(regional, letters)) <= {"signature", "flood"}


async def test_who_falls_behind_does_not_ask_at_every_gap() -> None:
    """Each question would let it fall behind the more."""
    progress, consumer = Progress(counted=True), Consumer(beginning=10_000)
    progress.begin({PARTITION: 0})
    progress._looked_at = time.monotonic() + 3600
    for number in range(10):
        consumer.at = 100 * number + 100
        await progress.note(consumer, {PARTITION: [Given(consumer.at - 1, checksum=consumer.at)]})
    assert (consumer.questions, progress.forgotten) == (0, 0)
    progress._looked_at -= 7200
    await progress.note(consumer, {})
    assert (consumer.questions, progress.forgotten) == (1, 990)
    await progress.note(consumer, {})
    assert consumer.questions == 1


def numbered(*numbers: int) -> list[IncomingRecord]:
    """Records at these offsets."""
    return [IncomingRecord(Position("t", 0, number), None, b"", ()) for number in numbers]


class Source:
    """Gives out what it has, and then nothing, or raises."""

    def __init__(self, *portions: list[IncomingRecord] | Exception) -> None:
        self.portions = list(portions)

    async def read(self, _most: int) -> list[IncomingRecord]:
        """The next portion."""
        await asyncio.sleep(0)
        if not self.portions:
            return []
        portion = self.portions.pop(0)
        if isinstance(portion, Exception):
            raise portion
        return portion


async def read_on(source: Source) -> Ahead:
    """What reads ahead, when the source has nothing more."""
    ahead = Ahead(source.read)
    ahead.begin()

    async def all_read() -> bool:
        return not source.portions

    await eventually(all_read)
    return ahead


async def test_what_was_read_ahead_is_given_out_in_order() -> None:
    ahead = await read_on(Source(numbered(1, 2), numbered(3)))
    assert await ahead.take(2) == numbered(1, 2)
    ahead.begin()  # and reads on behind what it has
    assert await ahead.take(5) == numbered(3)
    assert await ahead.take(5) == []


async def test_what_reading_ahead_raised_comes_after_what_it_read() -> None:
    ahead = await read_on(Source(numbered(1), Transient("planned")))
    assert await ahead.take(5) == numbered(1)
    ahead.begin()
    with pytest.raises(Transient):
        await ahead.take(5)
    assert await ahead.take(5) == []


async def test_what_was_read_ahead_can_be_forgotten() -> None:
    ahead = await read_on(Source(numbered(1), Transient("planned")))
    await ahead.drop()
    assert await ahead.take(5) == []
