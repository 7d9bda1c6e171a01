"""Messages, signed or otherwise, as anybody with access to the broker could put them there."""

from typing import Any

from shared.kit.ids import uuid7
from shared.messages.application import ReviewStarted
from shared.messages.envelope import Message, payload_data
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageKind, MessageType
from shared.messaging.records import OutgoingRecord
from shared.messaging.signing import Signer
from shared.messaging.testing import Network


def review_started(net: Network, subject: str = "application-1", **changes: Any) -> Message:
    """A direct message provider → regional gateway; ``changes`` override envelope fields."""
    fields: dict[str, Any] = {
        "id": uuid7(net.clock),
        "source": System.PROVIDER,
        "type": MessageType.REVIEW_STARTED,
        "subject": subject,
        "time": net.clock.now(),
        "destination": System.REGIONAL_GATEWAY,
        "messagetype": MessageKind.UPDATE,
        "serviceid": "Review",
        "correlationid": subject,
        "data": payload_data(ReviewStarted(started_at=net.clock.now())),
        **changes,
    }
    return Message(**fields)


def record(
    net: Network,
    message: Message,
    *,
    signer: System | None = None,
    attempt: int = 1,
    topic: str | None = None,
    value: bytes | None = None,
) -> OutgoingRecord:
    """``message`` as a record, signed by its source (or ``signer``); ``value`` replaces the bytes after signing."""
    content = message.encode()
    identity = net.identities[signer or message.source]
    headers = Signer(identity, net.clock).headers(content, attempt=attempt)
    return OutgoingRecord(
        topic or inbox_of(message.destination),
        message.subject.encode(),
        value if value is not None else content,
        headers,
    )
