"""What a message or a record looks like as a row of inbox or dead letters."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from shared.messages import limits
from shared.messages.control import ReceiptState
from shared.messages.envelope import Message
from shared.messaging.batches import KEPT_RAW
from shared.messaging.records import JWS_HEADER, Headers, IncomingRecord, Received, Rejected
from shared.messaging.signing import JOURNALED_MEMBER
from shared.messaging.work import Sending

NOWHERE = -1
"""Partition of what never got into a topic."""
NOT_SENDABLE = "not-sendable"
"""Reason of a dead letter at its sender: the cluster does not take it."""
JOURNAL_REJECTED = "journal-rejected"
"""Reason of a dead letter at its sender: the gateway does not take this record of the journal."""


def inbox_key(message: Message) -> str:
    """By what the inbox knows a message: its sender and the id that it gave. Nobody uses up the ids of others."""
    return f"{message.source}/{message.id}"


def taken_row(item: Received, state: ReceiptState, now: float) -> dict[str, Any]:
    """The row of the inbox for a message that came at ``now``, in seconds."""
    return {
        "message_id": inbox_key(item.message),
        "digest": item.digest,
        "attempt": item.attempt,
        "state": state.value,
        "topic": item.record.position.topic,
        "partition": item.record.position.partition,
        "record_offset": item.record.position.offset,
        "received_at": now,
    }


def place_of(item: Rejected) -> tuple[str, int, int, str]:
    """Where a dead letter stood, and its digest: its key."""
    position = item.record.position
    return position.topic, position.partition, position.offset, item.digest


def dead_letter_row(item: Rejected, now: datetime) -> dict[str, Any]:
    """The row; of what is over a limit only the beginning, and the digest of the whole. It must fit into a record of
    the dead-letter topic."""
    claimed_id, place, key = item.claimed.get("id"), item.record.position, item.record.key
    headers = item.record.headers
    if sum(len(name.encode()) + len(content) for name, content in headers) > limits.HEADERS:
        headers = ()
    return {
        "topic": place.topic,
        "partition": place.partition,
        "record_offset": place.offset,
        "digest": item.digest,
        "message_id": _storable(claimed_id) if isinstance(claimed_id, str) else None,
        "reason": item.reason,
        "report": item.report,
        "record_key": None if key is None else key[: limits.KEY],
        "value": item.record.value if len(item.record.value) <= limits.VALUE else item.record.value[:KEPT_RAW],
        "headers": [[name, b64encode(content).decode()] for name, content in headers],
        "recorded_at": now,
        "expendable": int(item.expendable),
        "published": int(place.partition == NOWHERE),
    }


def _storable(claimed: str) -> str:
    """What anybody may have written, as a text that every database takes: PostgreSQL knows no NUL, and half a surrogate
    pair has no UTF-8."""
    return claimed.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:200]


def unpack(headers: list[list[str]]) -> Headers:
    """The headers of a kept record."""
    return tuple((name, b64decode(content)) for name, content in headers)


def unsent_headers(sender_jws: str | None, journaled: str | None) -> Headers:
    """What a message that could not be sent needs beside its bytes, to be signed and sent another time."""
    kept = ((JWS_HEADER, sender_jws), (JOURNALED_MEMBER, journaled))
    return tuple((name, content.encode()) for name, content in kept if content)


def unsent(record: IncomingRecord, message_id: str) -> Sending:
    """The message of such a dead letter, not signed yet."""
    return Sending(
        message_id,
        record.position.topic,
        (record.key or b"").decode(),
        record.value,
        sender_jws=record.header(JWS_HEADER),
        journaled=record.header(JOURNALED_MEMBER),
    )
