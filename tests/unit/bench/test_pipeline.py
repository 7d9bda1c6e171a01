"""The bare pipeline does all its hops, and verifies what it says it verifies."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.stand.bench.floor import Ring, in_one_process
from services.stand.bench.hops import Hop
from services.stand.bench.parts import alone, crypto_alone, database_alone
from services.stand.bench.pipeline import content
from shared.db.engine import Database, sqlite_url
from shared.messaging.embedded import EmbeddedBroker
from shared.messaging.testing import rows

HOPS = (Hop(200), Hop(1500, signatures=2), Hop(300), Hop(100), Hop(800), Hop(200))


async def test_every_application_makes_every_hop(tmp_path: Path) -> None:
    broker = EmbeddedBroker()
    ring = Ring.new(HOPS, broker.start(), tmp_path, "test")
    try:
        run = await in_one_process(ring, applications=7, window=3)
    finally:
        broker.stop()
    assert (run.applications, run.hops) == (7, len(HOPS))
    assert run.hops_per_s == pytest.approx(42 / run.seconds)
    taken = 0
    for number, topic in enumerate(ring.topics):
        database = Database(sqlite_url(tmp_path, topic), ring.node(number, lambda _: None).tables.metadata)
        counts = await rows(database, ["inbox", "states"])
        await database.close()
        taken += counts["inbox"]
        assert counts["states"] == 7
    assert taken == 7 * len(HOPS)


async def test_a_wrong_signature_stops_it(tmp_path: Path) -> None:
    broker = EmbeddedBroker()
    ring = Ring.new(HOPS, broker.start(), tmp_path, "test")
    stranger = Ring.new(HOPS, "", tmp_path, "other")
    try:
        with pytest.raises(RuntimeError, match="does not verify"):
            await in_one_process(replace(ring, keys=stranger.keys), applications=1, window=1)
    finally:
        broker.stop()


def test_a_ring_goes_over_a_line_unharmed(tmp_path: Path) -> None:
    ring = Ring.new(HOPS, "127.0.0.1:1", tmp_path, "test")
    assert Ring.of(ring.as_dict()) == ring
    assert ring.course.last_node == 5 % 4
    assert [ring.course.topic_of(hop) for hop in range(6)] == [*ring.topics, *ring.topics[:2]]


def test_signed_bytes_are_as_long_as_the_stands() -> None:
    assert len(content("application", 3, 500)) == 500
    assert content("application", 3, 500) != content("application", 4, 500)


async def test_the_parts_alone(tmp_path: Path) -> None:
    ring = alone(Ring.new(HOPS, "", tmp_path, "test"), tmp_path, "parts")
    crypto = crypto_alone(ring, 20)
    # One of six hops is countersigned and verified twice.
    assert crypto["hop_us"] == pytest.approx(crypto["sign_us"] + 7 / 6 * crypto["verify_us"])
    database = await database_alone(ring, 100)
    assert database.keys() == {"hop_us_batch_100", "hop_us_batch_10", "hop_us_batch_1"}
    assert all(value > 0 for value in database.values())
