"""Kafka records as the runtime sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.crypto.report import ValidationReport
from shared.messages.envelope import Message
from shared.messages.journaled import Counts
from shared.messages.payload import Payload
from shared.messages.systems import System

JWS_HEADER = "jws"
"""Record header with the sender's detached signature."""
GATEWAY_JWS_HEADER = "jws-gateway"
"""Record header with the gateway's countersignature of a relayed message."""

_FLOOD = 20
"""So many rejected records in one batch are not worth waiting for."""

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record stands; unique while its broker lives."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class IncomingRecord:
    """A record as it came."""

    position: Position
    key: bytes | None
    value: bytes
    headers: Headers
    undecodable: str | None = None
    """Why nothing could be made of it; then ``value`` is the raw bytes, or their beginning."""
    size: int | None = None
    """Of the whole ``value``, where only its beginning is here."""

    def header(self, name: str) -> str | None:
        """The last header of that name as text; ``None`` if absent or no ASCII."""
        for key, content in reversed(self.headers):
            if key == name:
                try:
                    return content.decode("ascii")
                except UnicodeDecodeError:
                    return None
        return None


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """A record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


@dataclass(frozen=True, slots=True)
class Received:
    """A record whose signatures, sender and shape are verified."""

    record: IncomingRecord
    message: Message
    payload: Payload
    digest: str
    """SHA-256 of the bytes, base64url."""
    hop: System
    """Who handed it over: the gateway for a relayed message, else the sender."""
    attempt: int
    """The hop's signed number of the sending."""
    jws: str
    report: ValidationReport
    journaled: Counts = field(default_factory=dict)
    """What the sender knows of the journal of the application."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that the system does not take, and why."""

    record: IncomingRecord
    reason: str
    report: dict[str, Any]
    digest: str
    claimed: Mapping[str, Any]
    """What the record says about itself; not trusted."""
    answer: bool
    """Whether the claimed sender is told. Not for replays: what they repeat was taken, or will be sent again."""
    proven: bool = True
    """Whether the claimed sender has signed it."""


Verified = Sequence[Received | Rejected]
"""Records as verification leaves them, in the order in which they came."""


def bare(rejected: Rejected, detail: str) -> Rejected:
    """``rejected`` without anything of what was in the record, which could not be kept."""
    record = IncomingRecord(rejected.record.position, None, b"", ())
    report = {"reason": rejected.reason, "detail": detail, "cut": True}
    return Rejected(record, rejected.reason, report, rejected.digest, {}, answer=False, proven=False)


def flood_last(verified: Verified) -> tuple[Verified, Verified]:
    """What goes first and what comes after it: in a flood of records that are not taken, those that are go first."""
    rejected = [item for item in verified if isinstance(item, Rejected)]
    if len(rejected) < _FLOOD:
        return (), verified
    return [item for item in verified if isinstance(item, Received)], rejected
