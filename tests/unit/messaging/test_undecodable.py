"""Records that nobody can decode are stepped over with a dead letter, and what comes after them is read."""

import gzip
from collections.abc import Callable

import cramjam
import pytest

from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messaging.batches import Batches
from shared.messaging.testing import Network, eventually
from tests.factories.batches import RawBatch, entry, produce
from tests.factories.messages import record, review_started
from tests.factories.readers import collecting, holds, reasons, set_aside, to

TOPIC = inbox_of(System.REGIONAL_GATEWAY)
CONTROL = 0x20
ZEROS = entry(bytes(300_000_000))

NULS = b'{"id":"\\u0000","source":"provider","subject":"\\u0000","type":"\\u0000"}'


def one(packed: bytes, codec: int) -> RawBatch:
    """One record, packed."""
    return RawBatch(packed, attributes=codec)


HOSTILE: dict[str, Callable[[], RawBatch | bytes]] = {
    "header name that is no UTF-8": lambda: RawBatch(entry(b"v", headers=[(b"\xff\xfe", b"x")])),
    "header name of negative length": lambda: RawBatch(entry(b"v", headers=[(None, b"x")], headers_said=2)),
    "more headers than anybody needs": lambda: RawBatch(entry(b"v", headers=[(b"", b"")] * 50_000)),
    "headers that are not there": lambda: RawBatch(entry(b"v", headers_said=2**31 - 1)),
    "a negative number of headers": lambda: RawBatch(entry(b"v", headers_said=-5)),
    "a record that breaks off": lambda: RawBatch(entry(b"value")[:-3]),
    "a record that goes on": lambda: RawBatch(entry(b"value") + b"more"),
    "fewer records than counted": lambda: RawBatch(entry(b"v"), records=3),
    "more records than counted": lambda: RawBatch(entry(b"v") + entry(b"w", delta=1), records=1),
    "offsets that go back": lambda: RawBatch(entry(b"v", delta=1) + entry(b"w", delta=0), records=2),
    "offsets beyond the batch": lambda: RawBatch(entry(b"v", delta=2**40)),
    "a batch that ends before it begins": lambda: RawBatch(entry(b"v"), last_offset_delta=-7),
    "a wrong checksum": lambda: RawBatch(entry(b"v"), crc=1),
    "no such codec": lambda: one(entry(b"v"), 7),
    "gzip that is none": lambda: one(b"not gzip", 1),
    "gzip that breaks off": lambda: one(gzip.compress(entry(b"value" * 100))[:-9], 1),
    "snappy that is none": lambda: one(b"\xff\xff\xff\xff\xff", 2),
    "snappy of Java that lies": lambda: one(b"\x82SNAPPY\0\0\0\0\1\0\0\0\1\x7f\xff\xff\xff", 2),
    "lz4 that is none": lambda: one(b"not lz4", 3),
    "zstd that is none": lambda: one(b"not zstd", 4),
    "gzip of 300 MB": lambda: one(gzip.compress(ZEROS), 1),
    "lz4 of 300 MB": lambda: one(bytes(cramjam.lz4.compress(ZEROS)), 3),
    "zstd of 300 MB": lambda: one(bytes(cramjam.zstd.compress(ZEROS)), 4),
    "more records than anybody sends": lambda: RawBatch(
        b"".join(entry(None, delta=number) for number in range(20_000)), records=20_000
    ),
    "a control batch without a marker": lambda: RawBatch(entry(None), attributes=CONTROL),
    "a control batch of many": lambda: RawBatch(entry(b"v") + entry(b"w", delta=1), records=2, attributes=CONTROL),
}
"""Each of them stopped the reader, or would have made it do too much, and ends as ``undecodable``."""

HARMLESS: dict[str, tuple[Callable[[], RawBatch | bytes], str]] = {
    "a batch that claims a million offsets": (lambda: RawBatch(entry(b"\xff"), last_offset_delta=10**6), "signature"),
    "header value null": (lambda: RawBatch(entry(b"v", headers=[(b"jws", None)])), "signature"),
    "a header without a name": (lambda: RawBatch(entry(b"v", headers=[(b"", b"x")])), "signature"),
    "no value": (lambda: RawBatch(entry(None, key=b"k")), "signature"),
    "no key": (lambda: RawBatch(entry(b"{}")), "signature"),
    "a key that is no UTF-8": (lambda: RawBatch(entry(b"{}", key=b"\xff\0")), "signature"),
    "a NUL in everything": (lambda: RawBatch(entry(NULS, b"\0", [(b"\0", b"\0")])), "signature"),
    "a time before the world": (lambda: RawBatch(entry(b"v", shift=-(2**62)), timestamp=-(2**63)), "signature"),
    "a time after it": (lambda: RawBatch(entry(b"v", shift=2**62), timestamp=2**63 - 1), "signature"),
    "a key of 100 kB": (lambda: RawBatch(entry(b"v", key=b"k" * 100_000)), "too-large"),
    "headers of 100 kB": (lambda: RawBatch(entry(b"v", headers=[(b"h", b"x" * 100_000)])), "too-large"),
    "a value of a megabyte": (lambda: RawBatch(entry(b"v" * 1_000_000)), "too-large"),
    "gzip in order": (lambda: one(gzip.compress(entry(b"{}")), 1), "signature"),
    "snappy in order": (lambda: one(bytes(cramjam.snappy.compress_raw(entry(b"{}"))), 2), "signature"),
    "lz4 in order": (lambda: one(bytes(cramjam.lz4.compress(entry(b"{}"))), 3), "signature"),
    "zstd in order": (lambda: one(bytes(cramjam.zstd.compress(entry(b"{}"))), 4), "signature"),
}
"""Decoded, and not taken for another reason."""

ALL = [(name, make, "undecodable") for name, make in HOSTILE.items()]
ALL += [(name, make, reason) for name, (make, reason) in HARMLESS.items()]


@pytest.mark.parametrize(
    ("make", "reason"), [(make, reason) for _, make, reason in ALL], ids=[name for name, *_ in ALL]
)
async def test_reader_goes_on_after(net: Network, make: Callable[[], RawBatch | bytes], reason: str) -> None:
    seen: list[str] = []
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        assert await produce(net.bootstrap, TOPIC, make()) == [0]
        await to(net, record(net, review_started(net, "after")))
        await eventually(holds(seen, "after"), what="reading on")
        await set_aside(runtime, database, reason)

        async def counted() -> bool:
            return runtime.counts["undecodable"] == (reason == "undecodable")

        await eventually(counted)
        assert runtime.trouble is None


async def test_neighbours_in_the_batch_are_read(net: Network) -> None:
    seen: list[str] = []
    first, last = (record(net, review_started(net, name)) for name in ("first", "last"))
    sent = [entry(r.value, r.key, [(n.encode(), c) for n, c in r.headers], delta=d) for r, d in ((first, 0), (last, 2))]
    content = sent[0] + entry(b"v", headers=[(b"\xff", b"")], delta=1) + sent[1]
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        assert await produce(net.bootstrap, TOPIC, RawBatch(content, records=3)) == [0]
        await eventually(holds(seen, "last"))
        assert seen == ["first", "last"]
        await set_aside(runtime, database, "undecodable")


@pytest.mark.parametrize("bad", [entry(b"v"), entry(b"v", headers=[(b"\xff", b"")])])
async def test_what_comes_after_a_batch_that_claims_its_offsets_is_read(net: Network, bad: bytes) -> None:
    seen: list[str] = []
    good = [record(net, review_started(net, f"application-{number}")) for number in range(5)]
    await to(net, good[0])
    await produce(net.bootstrap, TOPIC, RawBatch(bad, last_offset_delta=3))
    for sent in good[1:]:
        await to(net, sent)
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)):
        await eventually(holds(seen, "application-4"))
        assert seen == [f"application-{number}" for number in range(5)]


async def test_a_batch_larger_than_a_fetch_is_stepped_over(net: Network) -> None:
    seen: list[str] = []
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        assert await produce(net.bootstrap, TOPIC, RawBatch(entry(b"v" * 3_000_000))) == [0]
        await to(net, record(net, review_started(net, "after")))
        await eventually(holds(seen, "after"))

        async def any_there() -> bool:
            return bool(await reasons(runtime, database))

        await eventually(any_there)
        (letter,) = await runtime.dead_letters.search(reason=None, redriven=None, before=None, limit=10)
        assert letter.reason in {"undecodable", "too-large"}
        assert letter.report["size"] >= 3_000_000
        assert len(letter.record.value) <= 64 * 1024


async def test_a_reader_that_starts_anew_does_not_meet_it_again(net: Network) -> None:
    seen: list[str] = []
    before: list[str] = []
    for name in ("one", "two"):
        async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
            await produce(net.bootstrap, TOPIC, RawBatch(entry(b"v"), crc=1))
            await to(net, record(net, review_started(net, name)))
            await eventually(holds(seen, name))
            await set_aside(runtime, database, *before, "undecodable")
            before.append("undecodable")


async def test_a_batch_of_an_old_format_is_stepped_over(net: Network) -> None:
    """Brokers do not take it any more; one that has it from former times gives it out."""
    found = list(Batches(RawBatch(entry(b"v"), magic=1).encode()).next_batch() or ())
    assert [getattr(record.value, "reason", None) for record in found] == ["no record batch of format 2"]
