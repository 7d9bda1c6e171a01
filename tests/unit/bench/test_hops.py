"""Counting hops: by hand, and on a broker."""

from collections import Counter

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from services.stand.bench.hops import Hop, HopClass, HopProfile, Sample, counts_by_topic, hop_counter, profile
from shared.messages.systems import System
from shared.messages.topics import JOURNAL, inbox_of
from shared.messaging.embedded import EmbeddedBroker
from shared.messaging.records import GATEWAY_JWS_HEADER, JWS_HEADER

GATEWAY, PORTAL = inbox_of(System.GATEWAY), inbox_of(System.PORTAL)


def test_records_between_two_readings_by_topic() -> None:
    before = {TopicPartition(GATEWAY, 0): 10, TopicPartition(GATEWAY, 1): 4}
    after = {TopicPartition(GATEWAY, 0): 15, TopicPartition(GATEWAY, 1): 4, TopicPartition(PORTAL, 0): 2}
    assert counts_by_topic(before, after) == {GATEWAY: 5, PORTAL: 2}


def test_the_number_comes_from_the_offsets_and_the_mixture_from_the_samples() -> None:
    samples = [
        Sample(GATEWAY, "one", Hop(100)),
        Sample(GATEWAY, "one", Hop(300)),
        Sample(GATEWAY, "two", Hop(50)),
        Sample(GATEWAY, "two", Hop(70)),
        Sample(PORTAL, "one", Hop(200, signatures=2)),
    ]
    found = profile(samples, {GATEWAY: 40, PORTAL: 10, JOURNAL: 0}, 10)
    assert found.per_application == 5.0
    assert {item.name: (item.per_application, item.hop) for item in found.classes} == {
        f"one in {GATEWAY}": (2.0, Hop(200)),
        f"two in {GATEWAY}": (2.0, Hop(60)),
        f"one in {PORTAL}": (1.0, Hop(200, signatures=2)),
    }
    assert found.bytes_per_application == 2 * 200 + 2 * 60 + 200
    assert found.verifications_per_application == 2 + 2 + 2


def test_records_that_nobody_looked_at_are_not_guessed() -> None:
    with pytest.raises(ValueError, match="could be read"):
        profile([], {GATEWAY: 1}, 1)


def test_the_plan_has_whole_hops_in_the_mixture() -> None:
    classes = (
        HopClass("a", 2.0, Hop(10)),
        HopClass("b", 0.3, Hop(20)),
        HopClass("c", 0.3, Hop(30)),
        HopClass("d", 1.1, Hop(40, signatures=2)),
    )
    plan = HopProfile(classes).plan()
    assert len(plan) == round(3.7)
    assert Counter(plan) == {Hop(10): 2, Hop(40, signatures=2): 1, Hop(20): 1}


async def test_hops_are_counted_on_the_broker() -> None:
    broker = EmbeddedBroker()
    bootstrap = broker.start()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()

    async def send(topic: str, value: bytes, *headers: str) -> None:
        await producer.send_and_wait(topic, value, headers=[(name, b"signature") for name in headers])

    try:
        await send(GATEWAY, b'{"type": "before"}', JWS_HEADER)
        async with hop_counter(bootstrap) as counter:
            before = await counter.ends()
            for _ in range(6):
                await send(GATEWAY, b'{"type": "asked"}', JWS_HEADER)
            for _ in range(3):
                await send(PORTAL, b'{"type": "answered"}', JWS_HEADER, GATEWAY_JWS_HEADER)
            found = await counter.profile(before, await counter.ends(), 3)
    finally:
        await producer.stop()
        broker.stop()
    assert {item.name: (item.per_application, item.hop) for item in found.classes} == {
        f"asked in {GATEWAY}": (2.0, Hop(17)),
        f"answered in {PORTAL}": (1.0, Hop(20, signatures=2)),
    }
