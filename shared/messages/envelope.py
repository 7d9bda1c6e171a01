"""The envelope: a CloudEvents 1.0 structured JSON document with the gateway's own terms as extension attributes.

The encoded bytes are what the sender signs, what the gateway relays and what is stored; nothing encodes a received
message a second time.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from shared.kit.clock import rfc3339
from shared.kit.errors import RejectedMessage
from shared.messages.catalogue import PAYLOADS
from shared.messages.payload import Digest, Identifier, Instant, Payload
from shared.messages.systems import System
from shared.messages.types import MessageKind, MessageType

MEDIA_TYPE = "application/cloudevents+json"
"""Of a record's value: one event in CloudEvents' structured mode (Kafka protocol binding 1.0.2 §3.3)."""
MOST_EXTENSIONS = 20
DEEPEST = 32
"""Lists and objects within one another."""
_TYPE_NAMES = frozenset(message_type.value for message_type in MessageType)
_JSON = re.compile(r'\s*application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.ASCII | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,50}", re.ASCII)
_NESTING = (b"{", b"[")


def _json(value: str) -> str:
    if _JSON.fullmatch(value) is None:
        raise ValueError("data is application/json in UTF-8")
    return value


class Message(BaseModel):
    """One message between two systems. Extension attributes of CloudEvents are lower case without separators.

    Those that this protocol has not are taken and mean nothing here, as CloudEvents 1.0 §3 asks: a sender may add them
    for its own infrastructure. Nothing of the kind is ever sent by the stand.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    specversion: Literal["1.0"] = "1.0"
    id: Identifier
    """UUIDv7."""
    source: System
    type: MessageType
    subject: Identifier
    """The application id; key of the record."""
    time: Instant
    datacontenttype: Annotated[str, StringConstraints(max_length=100), AfterValidator(_json)] = "application/json"
    dataschema: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None
    """A URI; what ``data`` must be is said by ``type`` alone."""
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
    traceparent: Annotated[str, StringConstraints(max_length=200)] | None = None
    data: dict[str, Any]

    @model_validator(mode="after")
    def _extensions_are_simple(self) -> Self:
        extensions = self.model_extra
        if not extensions:
            return self
        if len(extensions) > MOST_EXTENSIONS:
            raise ValueError(f"at most {MOST_EXTENSIONS} attributes that are not of this protocol")
        for name, value in extensions.items():
            if _ATTRIBUTE.fullmatch(name) is None or name == "data_base64":
                raise ValueError("an attribute has a name of a-z and 0-9")
            if isinstance(value, float | list | dict) or (isinstance(value, str) and len(value) > 2000):
                raise ValueError(f"{name}: an attribute is a short text, a whole number or a boolean")
        return self

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
        _check_content(raw, fields)
        if not isinstance(fields.get("type"), str) or fields["type"] not in _TYPE_NAMES:
            raise RejectedMessage("unknown-type", f"no message type {str(fields.get('type'))[:80]!r}")
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise RejectedMessage("schema", _faults(error)) from None


def _check_content(raw: bytes, fields: dict[str, Any]) -> None:
    """Raises ``RejectedMessage`` for what JSON allows and a database or a parser of somebody else does not."""
    # Only looked for where it may be: a NUL is always written like this, and depth needs brackets.
    may_have_nul = b"\\u0000" in raw
    if not may_have_nul and sum(raw.count(bracket) for bracket in _NESTING) <= DEEPEST:
        return
    level: list[Any] = [fields]
    for _ in range(DEEPEST):
        if may_have_nul and any("\0" in text for item in level for text in _texts(item)):
            raise RejectedMessage("malformed", "a text has a NUL in it")
        level = [inner for item in level for inner in _inner(item) if isinstance(inner, str | dict | list)]
        if not level:
            return
    raise RejectedMessage("malformed", f"more than {DEEPEST} lists and objects within one another")


def _texts(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict):
        yield from item


def _inner(item: Any) -> Iterator[Any]:
    if isinstance(item, dict):
        yield from item.values()
    elif isinstance(item, list):
        yield from item


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
