"""The envelope: what is encoded is decoded again, what does not fit is rejected with its reason."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.errors import RejectedMessage
from shared.messages.catalogue import PAYLOADS
from shared.messages.envelope import Message
from shared.messages.routes import ROUTES, route_for
from shared.messages.systems import System
from shared.messages.topics import ALL_TOPICS, dead_letters_of, inbox_of, topics_read_by
from shared.messages.types import MessageKind, MessageType

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200)
OPTIONAL = st.none() | TEXT
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
EARLIEST = datetime(2000, 1, 1)  # noqa: DTZ001 - hypothesis wants the bounds naive
DIGEST = st.none() | st.text("ABCabc012_-", min_size=43, max_size=43)
LATEST = datetime(2999, 12, 31)  # noqa: DTZ001 - the same
TIMES = st.datetimes(min_value=EARLIEST, max_value=LATEST, timezones=st.just(UTC)).map(
    lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)
)
MESSAGES = st.builds(
    Message,
    specversion=st.just("1.0"),
    id=TEXT,
    source=st.sampled_from(System),
    type=st.sampled_from(MessageType),
    subject=TEXT,
    time=TIMES,
    datacontenttype=st.just("application/json"),
    destination=st.sampled_from(System),
    messagetype=st.sampled_from(MessageKind),
    serviceid=TEXT,
    correlationid=TEXT,
    causationid=OPTIONAL,
    requestdigest=DIGEST,
    regulation=OPTIONAL,
    traceparent=OPTIONAL,
    data=st.dictionaries(TEXT, JSON, max_size=5),
)


@given(MESSAGES)
def test_round_trip_keeps_everything(message: Message) -> None:
    assert Message.decode(message.encode()) == message


@given(MESSAGES)
def test_encoding_has_no_null_attribute_and_is_repeatable(message: Message) -> None:
    fields = orjson.loads(message.encode())
    assert None not in [value for name, value in fields.items() if name != "data"]
    assert message.encode() == message.encode()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_rejected(raw: bytes) -> None:
    try:
        decoded = Message.decode(raw)
    except RejectedMessage as rejection:
        reason = rejection.reason
    else:
        reason = decoded.type.value
    assert reason in {"malformed", "unknown-type", "schema", *MessageType}


def example(**changes: Any) -> bytes:
    """A good envelope with ``changes``; a value of ``...`` leaves the attribute out."""
    fields: dict[str, Any] = {
        "specversion": "1.0",
        "id": "1",
        "source": "portal",
        "type": "message.rejected",
        "subject": "a",
        "time": "2026-01-01T00:00:00Z",
        "datacontenttype": "application/json",
        "destination": "gateway",
        "messagetype": "NOTIFICATION",
        "serviceid": "Rejection",
        "correlationid": "a",
        "data": {},
        **changes,
    }
    return orjson.dumps({name: value for name, value in fields.items() if value is not ...})


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "malformed"),
        (b"\xff", "malformed"),
        (b"[]", "malformed"),
        (b"{}", "unknown-type"),
        (example(type="no.such"), "unknown-type"),
        (example(type=["application.submitted"]), "unknown-type"),
        (example(id=...), "schema"),
        (example(id=""), "schema"),
        (example(id="x" * 201), "schema"),
        (example(source="somebody"), "schema"),
        (example(time="2026-01-01T00:00:00"), "schema"),
        (example(specversion="0.3"), "schema"),
        (example(requestdigest="short"), "schema"),
        (example(data=[]), "schema"),
        (example(time=1767225600), "schema"),
        (example(time="1767225600"), "schema"),
        (example(time=1e300), "schema"),
        (example(time="0001-01-01T00:00:00+14:00"), "schema"),
        (example(time="9999-12-31T23:59:59-14:00"), "schema"),
        (example(datacontenttype="text/xml"), "schema"),
        (example(datacontenttype="application/json; charset=windows-1251"), "schema"),
        (example(Unknown="attribute"), "schema"),
        (example(an_attribute="with a separator"), "schema"),
        (example(data_base64="AAAA"), "schema"),
        (example(unknown={"nested": 1}), "schema"),
        (example(unknown=1.5), "schema"),
        (example(unknown="x" * 2001), "schema"),
        (example(**{f"unknown{number}": "x" for number in range(21)}), "schema"),
        (example(subject="a\0b"), "malformed"),
        (example(data={"a": [{"b\0": 1}]}), "malformed"),
        (example(data={"a": "\0"}), "malformed"),
        (example()[:-1] + b',"x":"\\ud800"}', "malformed"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "malformed"),
        (b'{"a":' + b"[" * 500 + b"]" * 500 + b"}", "malformed"),
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "malformed"),
    ],
)
def test_what_does_not_fit_is_rejected_with_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(RejectedMessage) as caught:
        Message.decode(raw)
    assert caught.value.reason == reason


def test_payload_that_does_not_fit_its_type_is_rejected() -> None:
    with pytest.raises(RejectedMessage) as caught:
        Message.decode(example()).payload()
    assert caught.value.reason == "schema"
    assert "/message_id" in (caught.value.detail or "")


def test_every_type_has_a_payload_and_a_route() -> None:
    assert set(PAYLOADS) == set(MessageType)
    assert {message_type for _, message_type, _ in ROUTES} == set(MessageType)


def test_everything_not_in_the_table_is_denied() -> None:
    allowed = 0
    for sender in System:
        for receiver in System:
            for message_type in MessageType:
                route = route_for(sender, message_type, receiver)
                allowed += route is not None
                assert route is None or (route.sender, route.type, route.receiver) == (sender, message_type, receiver)
    assert allowed == len(ROUTES)
    assert route_for(System.PORTAL, MessageType.DECISION_MADE, System.REGIONAL_GATEWAY) is None
    assert route_for(System.PORTAL, MessageType.APPLICATION_SUBMITTED, System.PROVIDER) is None


def test_every_topic_has_one_reader_and_a_dead_letter_topic() -> None:
    read = [topic for system in System for topic in topics_read_by(system)]
    assert len(read) == len(set(read))
    assert set(ALL_TOPICS) == {*read, *(dead_letters_of(topic) for topic in read)}
    assert inbox_of(System.REGIONAL_GATEWAY) == "egov.regional-gateway.in"


@pytest.mark.parametrize(
    "changes",
    [
        {"dataschema": "https://example.org/schema"},
        {"datacontenttype": ...},
        {"datacontenttype": "application/json; charset=utf-8"},
        {"datacontenttype": 'Application/JSON;charset="UTF-8"'},
        {"partitionkey": "a", "sampledrate": 30, "flag": True, "absent": None},
        {"time": "2026-01-01t00:00:00.123456+05:00"},
        {"causationid": None},
        {"data": {"text": "\\u0000 is not a NUL"}},
    ],
)
def test_what_cloudevents_allows_is_taken(changes: dict[str, Any]) -> None:
    """The libraries of others write these."""
    assert Message.decode(example(**changes)).id == "1"
