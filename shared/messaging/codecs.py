"""Decompression of what strangers wrote, bounded before it happens: a record of some kilobytes can claim gigabytes.

What it costs goes up with the bytes, packed and in the clear, never with their square: a stream may consist of a great
many members, frames or blocks.

The codecs of Kafka's record batches by their numbers (KIP-98, KIP-110): 1 gzip, 2 snappy, 3 lz4, 4 zstd.
"""

import struct
from collections.abc import Callable, Mapping

import cramjam

DECOMPRESSED = 2 * 1024 * 1024
"""Bytes that one batch may come to. A client fills a batch up to a size counted before compression, 1 MiB at most by
the limits of brokers, so no honest one comes near; and what a forger packs into some hundred bytes costs no more."""
_XERIAL = b"\x82SNAPPY\x00"
"""Java's snappy comes in blocks behind this name, two version numbers and each block's length."""
_XERIAL_HEADER = 16
_MOST_BLOCKS = 4096
"""Of Java's snappy. Each has 32 KiB in the clear, in old versions 1 KiB, and each costs a call."""


class Undecodable(ValueError):
    """Bytes of which nothing can be made; the text says why."""


def decompress(codec: int, packed: bytes, limit: int = DECOMPRESSED) -> bytes:
    """``packed`` in the clear, at most ``limit`` bytes. Raises ``Undecodable``, without ever holding more."""
    unpack = _CODECS.get(codec)
    if unpack is None:
        raise Undecodable(f"no codec has the number {codec}")
    try:
        return unpack(packed, limit)
    except (cramjam.DecompressionError, struct.error, ValueError, EOFError) as error:
        if isinstance(error, Undecodable):
            raise
        raise Undecodable(f"codec {codec} cannot decompress it within {limit} bytes: {error}") from error


def _snappy(packed: bytes, limit: int) -> bytes:
    if not packed.startswith(_XERIAL):
        return _snappy_block(packed, limit)
    parts: list[bytes] = []
    position = _XERIAL_HEADER
    while position < len(packed):
        if len(parts) == _MOST_BLOCKS:
            raise Undecodable(f"more than {_MOST_BLOCKS} snappy blocks")
        (length,) = struct.unpack_from("!i", packed, position)
        position += 4
        if length < 0 or position + length > len(packed):
            raise Undecodable("a snappy block is longer than what holds it")
        parts.append(_snappy_block(packed[position : position + length], limit))
        limit -= len(parts[-1])
        position += length
    return b"".join(parts)


def _snappy_block(packed: bytes, limit: int) -> bytes:
    claimed = cramjam.snappy.decompress_raw_len(packed)
    if claimed > limit:
        raise Undecodable(f"decompressed it is larger than allowed: {claimed} bytes")
    return bytes(cramjam.snappy.decompress_raw(packed))


def _into(decompress_into: Callable[[bytes, bytearray], int]) -> Callable[[bytes, int], bytes]:
    """For codecs that write into room of a fixed size and break off where that ends."""

    def unpack(packed: bytes, limit: int) -> bytes:
        # The pages of it that are not written to cost nothing.
        room = bytearray(limit + 1)
        length = decompress_into(packed, room)
        if length > limit:
            raise Undecodable(f"decompressed it is larger than {limit} bytes")
        return bytes(memoryview(room)[:length])

    return unpack


_CODECS: Mapping[int, Callable[[bytes, int], bytes]] = {
    1: _into(cramjam.gzip.decompress_into),
    2: _snappy,
    3: _into(cramjam.lz4.decompress_into),
    4: _into(cramjam.zstd.decompress_into),
}
