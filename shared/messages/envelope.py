"""The envelope: a CloudEvents 1.0 structured JSON document with the gateway's own terms as extension attributes.

The encoded bytes are what the sender signs, what the gateway relays and what is stored; nothing encodes a received
message a second time.
"""

from typing import Any, Literal, Self

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from shared.kit.clock import rfc3339
from shared.kit.errors import RejectedMessage
from shared.messages.catalogue import PAYLOADS
from shared.messages.payload import Digest, Identifier, Payload
from shared.messages.systems import System
from shared.messages.types import MessageKind, MessageType

_TYPE_NAMES = frozenset(message_type.value for message_type in MessageType)


class Message(BaseModel):
    """One message between two systems. Extension attributes of CloudEvents are lower case without separators."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    specversion: Literal["1.0"] = "1.0"
    id: Identifier
    """UUIDv7."""
    source: System
    type: MessageType
    subject: Identifier
    """The application id; key of the record."""
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    destination: System
    messagetype: MessageKind
    serviceid: Identifier
    """The gateway service the sender calls; belongs to the route."""
    correlationid: Identifier
    """Chain of one application."""
    causationid: Identifier | None = None
    """The message that this one answers or follows from."""
    requestdigest: Digest | None = None
    """SHA-256 of the request that a response answers."""
    regulation: Identifier | None = None
    traceparent: str | None = None
    data: dict[str, Any]

    def payload(self) -> Payload:
        """``data`` as the payload model of this type. Raises ``RejectedMessage`` (``schema``) if it does not fit."""
        try:
            return PAYLOADS[self.type].model_validate(self.data)
        except ValidationError as error:
            raise RejectedMessage("schema", _faults(error)) from None

    def encode(self) -> bytes:
        """The bytes to sign and send: JSON in UTF-8, absent attributes left out (CloudEvents 1.0 §3.1)."""
        fields: dict[str, Any] = {name: value for name, value in self if value is not None}
        fields["time"] = rfc3339(self.time)
        return orjson.dumps(fields)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse received bytes. Raises ``RejectedMessage``: ``malformed`` (no JSON object), ``unknown-type``,
        ``schema``."""
        try:
            fields = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise RejectedMessage("malformed", f"not JSON: {error}") from None
        if not isinstance(fields, dict):
            raise RejectedMessage("malformed", "a message is a JSON object")
        if not isinstance(fields.get("type"), str) or fields["type"] not in _TYPE_NAMES:
            raise RejectedMessage("unknown-type", f"no message type {str(fields.get('type'))[:80]!r}")
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise RejectedMessage("schema", _faults(error)) from None


def payload_data(payload: Payload) -> dict[str, Any]:
    """A payload as the ``data`` of a message: JSON types only, absent fields left out."""
    data: dict[str, Any] = payload.model_dump(mode="json", exclude_none=True)
    return data


def glimpse(raw: bytes) -> dict[str, Any]:
    """What an unverified record claims about itself; empty if it is no JSON object. Never trusted, only for
    look-ups."""
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _faults(error: ValidationError) -> str:
    parts = (f"/{'/'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_url=False))
    return "; ".join(parts)[:2000]
