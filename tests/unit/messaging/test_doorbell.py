"""Readers that sleep until they are rung, or look for what strangers have published."""

import asyncio
import os
import socket
import struct
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from shared.messaging.broker import KafkaBroker
from shared.messaging.doorbell import Doorbell, Rung, _hear
from shared.messaging.publishing import Published
from shared.messaging.records import OutgoingRecord
from shared.messaging.testing import Network, eventually, network

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bells are sockets of Linux; elsewhere readers poll")

CLUSTER = "nowhere:1"


async def test_who_publishes_wakes_who_reads_that_topic() -> None:
    reader, other, sender = Doorbell(CLUSTER), Doorbell(CLUSTER), Doorbell(CLUSTER)
    rung, others = Rung(), Rung()
    assert reader.listen(["a", "b"], rung)
    assert other.listen(["c"], others)
    try:
        sender.ring({("b", 0): 1})
        await asyncio.wait_for(rung.event.wait(), 5)
        assert not others.event.is_set()
        rung.event.clear()
        sender.ring({("a", 0): 1})
        await asyncio.wait_for(rung.event.wait(), 5)
    finally:
        for bell in (reader, other, sender):
            bell.close()


async def test_a_topic_has_one_bell_and_it_can_be_hung_again() -> None:
    first, second = Doorbell(CLUSTER), Doorbell(CLUSTER)
    assert first.listen(["a"], Rung())
    assert not second.listen(["b", "a"], Rung())
    first.close()
    assert second.listen(["b", "a"], Rung())
    second.close()
    second.ring({("a", 0): 1})  # nobody hears it, and nothing breaks
    second.close()


async def test_another_user_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, rung = Doorbell(CLUSTER), Rung()
    assert reader.listen(["a"], rung)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as button:
        button.connect(f"\0egov/{CLUSTER}/a")
        if os.getuid() == 0:  # who may say that it is somebody else
            credentials = struct.pack("=iII", os.getpid(), 65_534, 65_534)
            button.sendmsg([b"0 9"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)])
        else:
            monkeypatch.setattr(os, "getuid", lambda: 65_534)
            button.send(b"0 9")
        _hear(reader._bells[0], "a", rung)
        assert not rung.event.is_set()
        assert not rung.awaited
        monkeypatch.undo()
        button.send(b"0 1")
        await asyncio.wait_for(rung.event.wait(), 5)
        assert rung.awaited == {("a", 0): 1}
    reader.close()


async def test_more_rings_than_anybody_hears_are_one() -> None:
    reader, sender, rung = Doorbell(CLUSTER), Doorbell(CLUSTER), Rung()
    assert reader.listen(["a"], rung)
    for _ in range(5000):
        sender.ring({("a", 0): 1})
    await asyncio.wait_for(rung.event.wait(), 5)
    await asyncio.sleep(0)
    rung.event.clear()
    sender.ring({("a", 0): 1})
    await asyncio.wait_for(rung.event.wait(), 5)
    reader.close()
    sender.close()


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Network]:
    """A network of its own."""
    async with network(tmp_path) as found:
        yield found


async def read(broker: KafkaBroker) -> list[bytes]:
    """What one call gives."""
    return [record.value for record in await broker.receive(max_records=10, timeout_ms=50)]


async def test_a_sleeping_reader_gets_what_friends_and_strangers_publish(net: Network) -> None:
    reader = KafkaBroker(net.bootstrap, "reader", assignment="static", fetch_wait_ms=5)
    friend = KafkaBroker(net.bootstrap, "friend", assignment="static", fetch_wait_ms=5)
    await reader.start(["things"], {})
    await friend.start(["other-things"], {})
    got: list[bytes] = []

    async def has(*values: bytes) -> bool:
        got.extend(await read(reader))
        return set(got) == set(values)

    try:
        assert await read(reader) == []  # now it sleeps
        await friend.publish([OutgoingRecord("things", b"k", b"one", ())])
        await eventually(lambda: has(b"one"), what="the friend's record")
        assert await read(reader) == []
        await net.publish(OutgoingRecord("things", b"k", b"two", ()))
        await eventually(lambda: has(b"one", b"two"), what="the stranger's record")
        assert len(got) == 2
    finally:
        await asyncio.gather(reader.stop(), friend.stop())


async def test_a_ring_says_how_far_and_wakes_nobody_for_what_is_read_at_leisure() -> None:
    reader, sender, rung = Doorbell(CLUSTER), Doorbell(CLUSTER), Rung({"notes"})

    async def heard(what: dict[tuple[str, int], int]) -> bool:
        return rung.awaited == what

    assert reader.listen(["a", "notes"], rung)
    try:
        sender.ring({("notes", 0): 3})
        await eventually(lambda: heard({("notes", 0): 3}), what="the ring for the notes")
        assert not rung.event.is_set()
        sender.ring({("a", 1): 7, ("a", 2): 0})
        sender.ring({("a", 1): 5})
        await asyncio.wait_for(rung.event.wait(), 5)
        await eventually(lambda: heard({("notes", 0): 3, ("a", 1): 7, ("a", 2): 0}), what="the rings")
        rung.hear("a", b"rubbish")
        assert rung.event.is_set()
    finally:
        reader.close()
        sender.close()


async def test_what_nobody_waits_for_is_read_all_the_same(net: Network) -> None:
    reader = KafkaBroker(net.bootstrap, "reader", assignment="static", fetch_wait_ms=5)
    friend = KafkaBroker(net.bootstrap, "friend", assignment="static", fetch_wait_ms=5)
    await reader.start(["things", "notes"], {}, {"notes"})
    await friend.start(["other-things"], {})
    got: list[bytes] = []

    async def has(count: int) -> bool:
        got.extend(await read(reader))
        return len(got) == count

    try:
        assert await read(reader) == []
        for number in range(5):
            await friend.publish([OutgoingRecord("notes", b"k", f"note {number}".encode(), ())])
            await friend.publish([OutgoingRecord("things", b"k", f"thing {number}".encode(), ())])
        await eventually(lambda: has(10), what="things and notes")
        await friend.publish([OutgoingRecord("notes", b"k", b"note 5", ())])
        await eventually(lambda: has(11), what="a note that comes alone")
        assert [value for value in got if value.startswith(b"note")] == [f"note {n}".encode() for n in range(6)]
        assert [value for value in got if value.startswith(b"thing")] == [f"thing {n}".encode() for n in range(5)]
    finally:
        await asyncio.gather(reader.stop(), friend.stop())


async def test_who_was_told_to_stay_awake_does_not_sleep(net: Network) -> None:
    """What strangers write, who ring no bell, is read before the broker forgets it."""
    reader = KafkaBroker(net.bootstrap, "reader", assignment="static", fetch_wait_ms=5)
    await reader.start(["things"], {})
    try:
        reader.stay_awake()
        assert await read(reader) == []
        assert not reader._asleep
        reader._awake_until = 0.0

        async def asleep() -> bool:
            assert await read(reader) == []
            return bool(reader._asleep)

        await eventually(asleep)
    finally:
        await reader.stop()


async def test_what_gets_out_as_its_system_stops_rings_nobody(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = KafkaBroker(net.bootstrap, "sender", assignment="static", fetch_wait_ms=5)
    await broker.start(["things"], {})
    publish = broker._publisher.publish

    async def slowly(records: Sequence[OutgoingRecord]) -> Published:
        published = await publish(records)
        await broker.stop()
        return published

    monkeypatch.setattr(broker._publisher, "publish", slowly)
    assert await broker.publish([OutgoingRecord("things", b"k", b"v", ())]) == {}
    assert broker._doorbell._button is None


async def test_more_than_is_asked_for_is_not_left_lying(net: Network) -> None:
    reader = KafkaBroker(net.bootstrap, "reader", assignment="static", fetch_wait_ms=5)
    await reader.start(["things"], {})
    try:
        assert await read(reader) == []
        await reader.publish([OutgoingRecord("things", b"k", b"%64d" % number, ()) for number in range(25)])
        got: list[bytes] = []

        async def has_all() -> bool:
            got.extend(await read(reader))
            return len(got) == 25

        await eventually(has_all, what="25 records, ten at a time")
        assert got == [b"%64d" % number for number in range(25)]
    finally:
        await reader.stop()
