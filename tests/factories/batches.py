"""Record batches (message format 2) as anybody can write them who speaks Kafka's protocol, in order or not."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c, encode_varint

Field = bytes | None


def varint(value: int) -> bytes:
    """Zigzag, as in the records of a batch."""
    found = bytearray()
    encode_varint(value, found.append)
    return bytes(found)


def field(content: Field) -> bytes:
    """A length and the bytes; ``None`` is null."""
    return varint(-1) if content is None else varint(len(content)) + content


def entry(
    value: Field,
    key: Field = None,
    headers: Sequence[tuple[bytes, Field]] = (),
    *,
    delta: int = 0,
    shift: int = 0,
    headers_said: int | None = None,
) -> bytes:
    """One record of a batch, at ``delta`` from its first."""
    count = len(headers) if headers_said is None else headers_said
    body = b"\0" + varint(shift) + varint(delta) + field(key) + field(value) + varint(count)
    body += b"".join(field(name) + field(content) for name, content in headers)
    return varint(len(body)) + body


@dataclass(frozen=True)
class RawBatch:
    """A batch; what is not given is as it should be."""

    content: bytes
    """The records, packed as ``attributes`` say."""
    records: int = 1
    attributes: int = 0
    last_offset_delta: int | None = None
    magic: int = 2
    crc: int | None = None
    timestamp: int = 0

    def encode(self) -> bytes:
        """The bytes as a producer sends them."""
        last = self.records - 1 if self.last_offset_delta is None else self.last_offset_delta
        times = (self.timestamp, self.timestamp)
        checked = struct.pack(">hiqqqhii", self.attributes, last, *times, -1, -1, -1, self.records) + self.content
        crc = calc_crc32c(checked) if self.crc is None else self.crc
        rest = struct.pack(">ibI", -1, self.magic, crc) + checked
        return struct.pack(">qi", 0, len(rest)) + rest


async def produce(bootstrap: str, topic: str, *batches: RawBatch | bytes, partition: int = 0) -> list[int]:
    """Put batches on the broker, one request each; the error codes it answers with (0: taken)."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.partitions_for(topic)
        node = producer.client.cluster.leader_for_partition(TopicPartition(topic, partition))
        codes = []
        for batch in batches:
            content = batch if isinstance(batch, bytes) else batch.encode()
            request = ProduceRequest(
                transactional_id=None, required_acks=-1, timeout=5000, topics=[(topic, [(partition, content)])]
            )
            answer = await producer.client.send(node, request)
            codes.append(answer.topics[0][1][0][1])
        return codes
    finally:
        await producer.stop()
