"""Decompression costs as much as there are bytes, however they are divided."""

import gzip
import struct
import time
from collections.abc import Callable

import cramjam
import pytest

from shared.messaging.codecs import DECOMPRESSED, Undecodable, decompress


def java(blocks: list[bytes]) -> bytes:
    """Snappy as Java packs it."""
    packed = [bytes(cramjam.snappy.compress_raw(block)) for block in blocks]
    return b"\x82SNAPPY\0" + bytes(8) + b"".join(struct.pack("!i", len(block)) + block for block in packed)


PACKED: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "gzip": (1, gzip.compress),
    "snappy": (2, lambda content: bytes(cramjam.snappy.compress_raw(content))),
    "snappy of Java": (2, lambda content: java([content])),
    "lz4": (3, lambda content: bytes(cramjam.lz4.compress(content))),
    "zstd": (4, lambda content: bytes(cramjam.zstd.compress(content))),
}
SEVERAL = {"gzip": 1, "lz4": 3, "zstd": 4}
"""Codecs whose streams may follow one another."""


@pytest.mark.parametrize("name", PACKED)
def test_what_was_packed_comes_out(name: str) -> None:
    codec, pack = PACKED[name]
    assert decompress(codec, pack(b"value" * 1000)) == b"value" * 1000
    assert decompress(codec, pack(b"")) == b""


@pytest.mark.parametrize("name", PACKED)
def test_the_limit_is_what_may_come_out(name: str) -> None:
    codec, pack = PACKED[name]
    assert len(decompress(codec, pack(bytes(DECOMPRESSED)))) == DECOMPRESSED
    with pytest.raises(Undecodable):
        decompress(codec, pack(bytes(DECOMPRESSED + 1)))


@pytest.mark.parametrize("name", SEVERAL)
def test_streams_may_follow_one_another(name: str) -> None:
    codec, pack = PACKED[name]
    assert decompress(codec, pack(b"one") + pack(b"") + pack(b"two")) == b"onetwo"
    assert decompress(2, java([b"one", b"", b"two"])) == b"onetwo"


def seconds(codec: int, packed: bytes) -> float:
    """Of a core, the least of several times."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        decompress(codec, packed)
        taken.append(time.process_time() - started)
    return min(taken)


@pytest.mark.parametrize("name", SEVERAL)
def test_many_empty_streams_cost_as_much_as_their_bytes(name: str) -> None:
    codec, pack = PACKED[name]
    few = pack(b"") * (256 * 1024 // len(pack(b"")))
    # Eight times as much; by the square it would be sixty-four times.
    assert seconds(codec, few * 8) < 24 * max(seconds(codec, few), 0.001)


def test_many_blocks_are_not_taken() -> None:
    assert decompress(2, java([b"x" * 512] * 4096)) == b"x" * DECOMPRESSED
    with pytest.raises(Undecodable, match="4096 snappy blocks"):
        decompress(2, java([b""] * 5000))
