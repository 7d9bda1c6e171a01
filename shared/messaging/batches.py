"""Record batches as the broker gives them out, decoded so that nothing in them stops a reader.

aiokafka raises out of the middle of a fetch where a batch or a record cannot be decoded: an unknown codec, a wrong
checksum, a header name that is no UTF-8. Its position stays before that record, so the reader meets it for ever, and
what was fetched of other partitions in the same call is lost. Here every batch, and within a batch every record, is
decoded by itself; what cannot be is given out as ``Unreadable`` in its place, with the raw bytes and the reason.

The layout is that of message format 2 (KIP-98), the only one that brokers since 0.11 store.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiokafka.consumer import fetcher
from aiokafka.record.control_record import ControlRecord
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c, decode_varint

from shared.messaging.codecs import Undecodable, decompress

MOST_HEADERS = 32
"""Of one record. The protocol has four; each costs far more memory than the two bytes it may take on the wire."""
LEAST_RECORD = 64
"""Bytes on the wire for each record of a batch, on the average and however well it is packed: a signature alone has as
many, and they are random. So what a batch costs whoever reads it is bounded by what it cost to send."""
_SMALL = 64 * 1024
"""Bytes of a batch that may be decoded before it is looked at: so few cannot claim much."""
KEPT_RAW = 64 * 1024
"""Bytes of an undecodable batch that are kept."""

_HEADER = struct.Struct(">qiibIhiqqqhii")
_OVERHEAD = struct.Struct(">qi")
"""Offset and length, which every format begins with."""
_MAGIC_AT, _CHECKED_FROM = 16, 21
_CODEC, _LOG_APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x07, 0x08, 0x10, 0x20
_MAGIC = 2


class Unreadable(bytes):
    """In place of the value of what could not be decoded: its raw bytes, or the beginning of them. aiokafka passes a
    value on as it is."""

    reason: str
    size: int
    """How many bytes there were."""

    @classmethod
    def of(cls, raw: bytes, reason: str) -> "Unreadable":
        """``raw`` with the reason why nothing could be made of it."""
        found = cls(raw[:KEPT_RAW])
        found.reason, found.size = reason, len(raw)
        return found


@dataclass(frozen=True, slots=True)
class Record:
    """One record as aiokafka's fetcher takes it."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    checksum: int = 0
    """The offset after its batch by the number of its records, which may be less than what the batch claims. In this
    place aiokafka passes on what it does not look at; records of format 2 have no checksum."""


class _Header(NamedTuple):
    base_offset: int
    length: int
    leader_epoch: int
    magic: int
    crc: int
    attributes: int
    last_offset_delta: int
    first_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    records: int


class Batch:
    """One batch, with what aiokafka's fetcher asks of it."""

    def __init__(self, raw: bytes, base_offset: int, end: int | None, fault: str | None = None) -> None:
        """``end``: the offset at which the next batch begins, if that is known."""
        self.base_offset = base_offset
        self.next_offset = _next_offset(raw, base_offset, end)
        self.is_control_batch = self.is_transactional = False
        self.producer_id: int | None = None
        self._raw = raw
        self._records: Iterator[Record]
        if fault is None:
            try:
                self._open()
            except Undecodable as error:
                fault = str(error)
        if fault is not None:
            value = Unreadable.of(raw, fault)
            self._records = iter(
                (Record(base_offset, 0, 0, None, value, checksum=_counted(_header_of(raw), base_offset)),)
            )

    def _open(self) -> None:
        header = _header_of(self._raw)
        if header is None:
            raise Undecodable("no record batch of format 2")
        if header.crc != calc_crc32c(self._raw[_CHECKED_FROM:]):
            raise Undecodable("the checksum is wrong")
        if not 0 <= header.records <= (most := len(self._raw) // LEAST_RECORD):
            raise Undecodable(f"{header.records} records; at most {most} are taken in {len(self._raw)} bytes")
        records = self._quickly(header) or list(self._decoded(header))
        if header.attributes & _CONTROL:
            _check_marker(records, header)
            self.is_control_batch = True
        self.is_transactional = bool(header.attributes & _TRANSACTIONAL)
        self.producer_id = header.producer_id
        self._records = iter(records)

    def _quickly(self, header: _Header) -> list[Record] | None:
        """The records as aiokafka's compiled code decodes them, in a fifth of the time; ``None`` for whatever is not
        small and in order, and so for everything that has to be looked at piece by piece."""
        if len(self._raw) > _SMALL or header.attributes & _CODEC:
            return None
        try:
            found = list(DefaultRecordBatch(self._raw))
        except Exception:  # noqa: BLE001 — what is wrong is found out, and said, by who decodes it piece by piece
            return None
        after, last = _counted(header, self.base_offset), self.base_offset - 1
        records = []
        for record in found:
            headers = tuple((name, content or b"") for name, content in record.headers)
            if not last < record.offset <= self.base_offset + header.last_offset_delta or len(headers) > MOST_HEADERS:
                return None
            last = record.offset
            records.append(
                Record(last, record.timestamp, record.timestamp_type, record.key, record.value, headers, after)
            )
        return records

    def validate_crc(self) -> bool:
        """Whatever is wrong is said by the records; a checksum that fails would end the reading."""
        return True

    def __iter__(self) -> "Batch":
        return self

    def __next__(self) -> Record:
        """The next record, or what stands in its place."""
        return next(self._records)

    def _decoded(self, header: _Header) -> Iterator[Record]:
        content, codec = self._raw[_HEADER.size :], header.attributes & _CODEC
        if codec:
            content = decompress(codec, content)
        position, before = 0, -1
        for _ in range(header.records):
            start = position
            try:
                length, position = decode_varint(content, start)
            except (IndexError, ValueError) as error:
                raise Undecodable("fewer records than the batch counts") from error
            end = position + length
            if length < 0 or end > len(content):
                raise Undecodable("a record is longer than its batch")
            record = _record(content[position:end], header, before)
            if record.offset > self.base_offset + header.last_offset_delta:
                raise Undecodable("more records than offsets")
            yield record
            before, position = record.offset - self.base_offset, end
        if position != len(content):
            raise Undecodable("more bytes than records")


def _header_of(raw: bytes) -> _Header | None:
    if len(raw) < _HEADER.size or raw[_MAGIC_AT] != _MAGIC:
        return None
    return _Header._make(_HEADER.unpack_from(raw))


def _counted(header: _Header | None, base_offset: int) -> int:
    """The offset after a batch by the number of its records."""
    return base_offset + max(1, header.records if header else 1)


def _next_offset(raw: bytes, base_offset: int, end: int | None) -> int:
    """The offset after a batch, whatever is wrong with it; never one at or before its first, which would be read for
    ever. ``end``: where the next batch begins, if that is known; what a batch claims may not reach beyond."""
    header = _header_of(raw)
    claimed = base_offset + max(1, *((header.last_offset_delta + 1, header.records) if header else (1,)))
    return claimed if end is None else min(claimed, max(end, base_offset + 1))


def _record(raw: bytes, header: _Header, before: int) -> Record:
    """The record that follows the one at offset ``before`` of its batch."""
    offset = before + 1
    log_time = header.attributes & _LOG_APPEND_TIME
    try:
        shift, position = decode_varint(raw, 1)  # the attributes of a record have no meaning
        delta, position = decode_varint(raw, position)
        if not before < delta <= header.last_offset_delta:
            raise Undecodable("the offsets of a batch go up by its records")
        offset = delta
        key, position = _field(raw, position)
        value, position = _field(raw, position)
        headers, position = _headers(raw, position)
        if position != len(raw):
            raise Undecodable("a record with something behind it")
    except (IndexError, ValueError, OverflowError) as error:
        value, key, shift, headers = Unreadable.of(raw, _said(error)), None, 0, ()
    time = header.max_timestamp if log_time else header.first_timestamp + shift
    after = _counted(header, header.base_offset)
    return Record(header.base_offset + offset, time, int(bool(log_time)), key, value, headers, after)


def _field(raw: bytes, position: int) -> tuple[bytes | None, int]:
    length, position = decode_varint(raw, position)
    if length < 0:
        return None, position
    if position + length > len(raw):
        raise Undecodable("a field is longer than its record")
    return raw[position : position + length], position + length


def _headers(raw: bytes, position: int) -> tuple[tuple[tuple[str, bytes], ...], int]:
    count, position = decode_varint(raw, position)
    if not 0 <= count <= MOST_HEADERS:
        raise Undecodable(f"{count} headers; at most {MOST_HEADERS} are taken")
    found = []
    for _ in range(count):
        name, position = _field(raw, position)
        content, position = _field(raw, position)
        # The value of a header may be null, which says no more than an empty one.
        found.append(((name or b"").decode(), content or b""))
    return tuple(found), position


def _check_marker(records: list[Record], header: _Header) -> None:
    """aiokafka looks into the first record of a control batch without a doubt, and gives none of it out."""
    if header.records != 1 or header.last_offset_delta != 0:
        raise Undecodable("a control batch has one record")
    try:
        ControlRecord.parse(records[0].key)
    except Exception as error:
        raise Undecodable("a control batch without a marker") from error


def _said(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "a header name is no UTF-8"
    return str(error) if isinstance(error, Undecodable) else "the record breaks off"


class Batches:
    """The batches of one partition in one answer of a broker; what aiokafka's fetcher takes for its ``MemoryRecords``.

    The last batch may be cut off by the size of the fetch and comes whole with the next one, unless it is the first.
    """

    def __init__(self, content: bytes | None) -> None:
        self._content = bytes(content or b"")
        self._position = 0

    def size_in_bytes(self) -> int:
        """Of what can be made something of."""
        return len(self._content) if self.has_next() else 0

    def has_next(self) -> bool:
        """Whether ``next_batch`` gives one."""
        return self._end_of(self._position) is not None

    def next_batch(self) -> Batch | None:
        """The next batch; never raises for what is in it."""
        start, end = self._position, self._end_of(self._position)
        if end is None:
            return None
        self._position = end
        raw = self._content[start:end]
        offset, length = _OVERHEAD.unpack_from(raw)
        whole = len(raw) == _OVERHEAD.size + length
        return Batch(raw, offset, self._offset_at(end), None if whole else "a batch that does not fit into a fetch")

    def _offset_at(self, position: int) -> int | None:
        found = self._content[position : position + 8]
        return int.from_bytes(found, signed=True) if len(found) == 8 else None

    def _end_of(self, position: int) -> int | None:
        """Where the batch at ``position`` ends, or ``None`` if there is none to give out."""
        if position + _OVERHEAD.size > len(self._content):
            return None
        _offset, length = _OVERHEAD.unpack_from(self._content, position)
        end = int(position + _OVERHEAD.size + length)
        if length > 0 and end <= len(self._content):
            return end
        # A first batch that is not there as a whole never will be, and nothing can follow one without a length.
        return len(self._content) if position == 0 else None


def decode_with_care() -> None:
    """Let aiokafka's consumers of this process decode by this module. There is no public way; the version is pinned."""
    module: Any = fetcher
    module.MemoryRecords = Batches
