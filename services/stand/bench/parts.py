"""Crypto, broker and database alone: what one hop costs in each when nothing else runs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from services.stand.bench.floor import Ring
from services.stand.bench.hops import Hop
from services.stand.bench.pipeline import HOP_HEADER, content
from shared.crypto.jws import sign_detached, verify_detached
from shared.messaging.records import JWS_HEADER, IncomingRecord, OutgoingRecord, Position
from shared.messaging.runtime import BATCH

_APPLICATION = "bench-application"
_PATIENCE_S = 300.0


def crypto_alone(ring: Ring, hops: int) -> dict[str, float]:
    """Microseconds to sign, to verify, and for a hop of the mixture: signed once, verified as often as it is there."""
    node = ring.node(0, _nothing)
    identity, certificate = node.identity, node.identity.certificate
    course = ring.hops
    values = [content(_APPLICATION, number, course[number % len(course)].size) for number in range(hops)]
    started = perf_counter()
    signatures = [sign_detached(value, identity, attempt=1, clock=node.clock) for value in values]
    signed = perf_counter()
    for value, jws in zip(values, signatures, strict=True):
        if not verify_detached(value, jws, certificate):
            raise RuntimeError("a signature does not verify")
    verified = perf_counter()
    sign, verify = (signed - started) / hops, (verified - signed) / hops
    per_hop = sum(hop.signatures for hop in course) / len(course)
    return {"sign_us": sign * 1e6, "verify_us": verify * 1e6, "hop_us": (sign + per_hop * verify) * 1e6}


async def broker_alone(ring: Ring, hops: int) -> dict[str, float]:
    """Microseconds for a record to be published, acknowledged, kept and read, in batches."""
    node = ring.node(0, _nothing)
    await node.broker.start([ring.topics[0]], {})
    try:
        batches = [_records(ring, first) for first in range(0, hops, BATCH)]
        count = sum(len(batch) for batch in batches)
        started = perf_counter()

        async def publish() -> None:
            for batch in batches:
                await node.broker.publish(batch)

        async def receive() -> None:
            received = 0
            while received < count:
                received += len(await node.broker.receive(max_records=BATCH, timeout_ms=100))

        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.gather(publish(), receive())
        return {"hop_us": (perf_counter() - started) / count * 1e6}
    finally:
        await node.broker.stop()


async def database_alone(ring: Ring, hops: int) -> dict[str, float]:
    """Microseconds of one hop in the transaction of the bare pipeline: in a batch of 100, of 10, and alone."""
    found = {}
    for size, turns in ((100, hops // 100), (10, hops // 20), (1, hops // 20)):
        node = ring.node(1, _nothing)
        await node.database.create_tables()
        try:
            batches = [_batch(ring, size, number) for number in range(max(turns, 1))]
            started = perf_counter()
            for incoming, outgoing in batches:
                async with node.database.transaction() as session:
                    await node.transact(session, incoming, [0] * size, outgoing)
            found[f"hop_us_batch_{size}"] = (perf_counter() - started) / len(batches) / size * 1e6
        finally:
            await node.database.clear()
            await node.close()
    return found


def alone(ring: Ring, data_dir: Path, name: str) -> Ring:
    """The same ring with topics and databases of its own."""
    topics = tuple(f"{topic}.{name}" for topic in ring.topics)
    return Ring(ring.hops, topics, ring.keys, ring.certificates, ring.bootstrap, str(data_dir))


def _records(ring: Ring, first: int) -> list[OutgoingRecord]:
    course = ring.hops
    records = []
    for number in range(first, first + BATCH):
        value = content(_APPLICATION, number, course[number % len(course)].size)
        headers = ((JWS_HEADER, b"." * 300),)
        records.append(OutgoingRecord(ring.topics[0], f"{_APPLICATION}-{number}".encode(), value, headers))
    return records


def _batch(ring: Ring, size: int, turn: int) -> tuple[Sequence[IncomingRecord], Sequence[OutgoingRecord]]:
    """Records that come in and records that go out, all of applications nobody has seen."""
    incoming, outgoing = [], []
    for number in range(turn * size, (turn + 1) * size):
        hop: Hop = ring.hops[number % len(ring.hops)]
        key = f"{_APPLICATION}-{size}-{number}".encode()
        value = content(_APPLICATION, number, hop.size)
        incoming.append(IncomingRecord(Position(ring.topics[0], 0, number), key, value, ()))
        outgoing.append(OutgoingRecord(ring.topics[0], key, value, ((HOP_HEADER, b"1"),)))
    return incoming, outgoing


def _nothing(_count: int) -> None:
    return None
