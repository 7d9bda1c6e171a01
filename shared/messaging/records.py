"""Kafka records as the runtime sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    message_id: str | None = None
    """Of one that waits in the outbox for its receipt."""


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
    expendable: bool = False
    """Whether nothing is lost with it: nobody has signed it, or its sender keeps it and sends it again."""
    stands_for: Mapping[str, int] = field(default_factory=dict)
    """Of a flood, of which this record alone is kept: how many were rejected, by reason, this one included."""

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many records it is about, by reason."""
        return self.stands_for or {self.reason: 1}


Verified = Sequence[Received | Rejected]
"""Records as verification leaves them, in the order in which they came."""


def bare(rejected: Rejected, detail: str) -> Rejected:
    """``rejected`` without anything of what was in the record, which could not be kept."""
    record = IncomingRecord(rejected.record.position, None, b"", ())
    report = {"reason": rejected.reason, "detail": detail, "cut": True}
    return replace(rejected, record=record, report=report, claimed={}, answer=False, proven=False)


def tally(buried: Sequence[Rejected]) -> tuple[int, int, int, int]:
    """The number of records these are about; how many of them could not be decoded; how many are told to nobody, being
    part of a flood; and how many of these are not kept."""
    counts = [sum(item.reasons.values()) for item in buried]
    undecodable = sum(item.reasons.get("undecodable", 0) for item in buried)
    untold = sum(sum(item.stands_for.values()) for item in buried)
    return sum(counts), undecodable, untold, sum(counts) - len(counts)


def flood_last(verified: Verified) -> tuple[Verified, Verified]:
    """What goes first and what comes after it: in a flood of records that are not taken, those that are go first."""
    rejected = [item for item in verified if isinstance(item, Rejected)]
    if sum(sum(item.reasons.values()) for item in rejected) < _FLOOD:
        return (), verified
    return [item for item in verified if isinstance(item, Received)], rejected
