"""Messages as they come out of verification, for tests of what a system does with them."""

from typing import Any

from shared.crypto.report import ValidationReport
from shared.kit.clock import Clock
from shared.kit.ids import sha256_base64url, uuid7
from shared.messages.envelope import Message, payload_data
from shared.messages.journaled import Counts
from shared.messages.payload import Payload
from shared.messages.routes import route_for
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageType
from shared.messaging.records import IncomingRecord, Position, Received

BOUND = frozenset(
    {
        MessageType.APPLICATION_REGISTERED,
        MessageType.REVIEW_STARTED,
        MessageType.NOTICE_ISSUED,
        MessageType.RESULT_DELIVERED,
        MessageType.REFUSAL_ISSUED,
        MessageType.APPLICATION_SUPPLEMENTED,
        MessageType.RESULT_RETURNED,
    }
)
"""Types that say which request they go back to."""


def received(
    clock: Clock,
    kind: MessageType,
    subject: str,
    payload: Payload,
    *,
    source: System,
    destination: System,
    hop: System = System.GATEWAY,
    offset: int = 1,
    journaled: Counts | None = None,
    **fields: Any,
) -> Received:
    """A verified message about ``subject`` that ``hop`` brought from ``source``, who told ``journaled``; ``fields`` go
    into its envelope."""
    route = route_for(source, kind, destination)
    assert route is not None
    message = Message(
        id=uuid7(clock),
        source=source,
        type=kind,
        subject=subject,
        time=clock.now(),
        destination=destination,
        messagetype=route.kind,
        serviceid=route.serviceid,
        correlationid=subject,
        data=payload_data(payload),
        **fields,
    )
    value = message.encode()
    record = IncomingRecord(Position(inbox_of(destination), 0, offset), subject.encode(), value, ())
    return Received(
        record, message, payload, sha256_base64url(value), hop, 1, "", ValidationReport(()), journaled or {}
    )
