"""What a system has forgotten is dropped without a word; what is new never, wherever the clock goes."""

from datetime import timedelta

import pytest

from shared.kit.clock import Clock
from shared.kit.ids import uuid7
from shared.messages.application import ReviewStarted
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.forgotten import Forgotten
from shared.messaging.handlers import Handlers
from shared.messaging.records import IncomingRecord, Position
from shared.messaging.testing import Network, eventually, rows
from tests.factories.messages import record, review_started


def about(application: str) -> IncomingRecord:
    return IncomingRecord(Position("topic", 0, 1), application.encode(), b"{}", ())


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_was_made_before_is_dropped_and_what_comes_later_is_not(clock: Clock) -> None:
    forgotten, old = Forgotten(clock), about(uuid7(clock))
    assert forgotten.parted([old])[0] == [old]
    clock.advance(timedelta(seconds=1))
    forgotten.before_ms = forgotten.now_ms()
    clock.advance(timedelta(seconds=1))
    others = [about(uuid7(clock)), about("gateway"), about("application-1"), about("x" * 36)]
    assert forgotten.parted([old, *others])[0] == others


def test_nothing_new_is_dropped_when_the_clock_was_set_back(clock: Clock) -> None:
    forgotten, old = Forgotten(clock), about(uuid7(clock))
    clock.advance(timedelta(days=30))
    forgotten.before_ms = forgotten.now_ms()
    clock.advance(-timedelta(days=10))
    new = about(uuid7(clock))
    assert forgotten.parted([old, new])[0] == [new]
    clock.advance(-timedelta(days=200))
    assert forgotten.parted([about(uuid7(clock))])[0] != []


@pytest.mark.parametrize("part", range(0, 1000, 125))
def test_nothing_new_is_dropped_while_the_clock_stands_still(clock: Clock, part: int) -> None:
    """Parts of a millisecond by which it was set back, and at which it stands."""
    clock.advance(-timedelta(milliseconds=1, microseconds=part))
    moment = clock.now().replace(microsecond=500_000 + part)
    clock.set(moment, freeze=True)
    forgotten = Forgotten(clock)
    forgotten.before_ms = forgotten.now_ms()
    new = about(uuid7(clock))
    assert forgotten.parted([new])[0] == [new]


async def test_after_a_reset_alone_old_messages_leave_no_trace_also_over_a_restart(net: Network) -> None:
    taken: list[str] = []
    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, lambda _w, item: taken.append(item.message.subject), lambda _r: ())
    old = uuid7(net.clock)
    net.clock.advance(timedelta(seconds=1))

    async def arrived(count: int) -> None:
        async def there() -> bool:
            return len(taken) >= count

        await eventually(there)

    async with net.run(System.REGIONAL_GATEWAY, handlers) as (runtime, database):
        await net.publish(record(net, review_started(net)))
        await arrived(1)
        await runtime.standstill.begin()
        await net.publish(record(net, review_started(net, "stood in the topic")))
        await database.clear(keep=(runtime.store.reading,))
        await runtime.standstill.pass_over()
        runtime.standstill.end()
        new = uuid7(net.clock)
        await net.publish(record(net, review_started(net, old)), record(net, review_started(net, new)))
        await arrived(2)
    assert taken[1:] == [new]
    async with net.run(System.REGIONAL_GATEWAY, handlers) as (_, database):
        await net.publish(record(net, review_started(net, old)), record(net, review_started(net, uuid7(net.clock))))
        await arrived(3)
        assert (await rows(database, ["dead_letters"]))["dead_letters"] == 0
    assert old not in taken


async def test_who_speaks_of_it_is_told_to_stop(net: Network) -> None:
    taken: list[str] = []
    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, lambda _w, item: taken.append(item.message.subject), lambda _r: ())
    old = uuid7(net.clock)
    net.clock.advance(timedelta(seconds=1))
    async with (
        net.run(System.REGIONAL_GATEWAY, handlers) as (receiver, _),
        net.run(System.PROVIDER, Handlers()) as (sender, database),
    ):
        await receiver.standstill.begin()
        await receiver.standstill.pass_over()
        receiver.standstill.end()
        async with sender.work(()) as work:
            work.send(
                MessageType.REVIEW_STARTED, System.REGIONAL_GATEWAY, old, ReviewStarted(started_at=net.clock.now())
            )
        assert (await rows(database, ["outbox"]))["outbox"] == 1

        async def stopped() -> bool:
            return (await rows(database, ["outbox"]))["outbox"] == 0

        await eventually(stopped)
    assert taken == []
