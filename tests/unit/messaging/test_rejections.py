"""What a system does not take goes to the dead letters with its report, and the consumer goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.crypto import jws
from shared.kit import clock as clock_module
from shared.kit.clock import Clock
from shared.kit.ids import sha256_base64url
from shared.messages.application import ReviewStarted
from shared.messages.control import DeliveryState, MessageRejected
from shared.messages.envelope import Message, payload_data
from shared.messages.systems import System
from shared.messages.topics import dead_letters_of, inbox_of
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.records import OutgoingRecord
from shared.messaging.signing import Signer
from shared.messaging.testing import Network, eventually, rows
from tests.factories.messages import record, review_started
from tests.factories.readers import collecting, reasons
from tests.factories.received import received

TOPIC = inbox_of(System.REGIONAL_GATEWAY)


def tampered(net: Network) -> OutgoingRecord:
    """One byte changed after signing."""
    message = review_started(net)
    return record(net, message, value=message.encode().replace(b"application-1", b"application-2", 1))


def unsigned(net: Network) -> OutgoingRecord:
    """No signature at all."""
    return replace(record(net, review_started(net)), headers=())


def garbled_signature(net: Network) -> OutgoingRecord:
    """A header that is no JWS."""
    return replace(record(net, review_started(net)), headers=(("jws", b"\xff\xfe"),))


def signed_by_another(net: Network) -> OutgoingRecord:
    """Says it is from the provider, signed by the portal."""
    return record(net, review_started(net), signer=System.PORTAL)


def no_route(net: Network) -> OutgoingRecord:
    """The notary has nothing to say here."""
    return record(net, review_started(net, source=System.NOTARY))


def addressed_elsewhere(net: Network) -> OutgoingRecord:
    """A message for the portal in the inbox of the regional gateway."""
    message = review_started(
        net, source=System.REGIONAL_GATEWAY, destination=System.PORTAL, serviceid="ApplicationStatus"
    )
    return record(net, message, topic=TOPIC)


def past_the_gateway(net: Network) -> OutgoingRecord:
    """A message that must come through the gateway, put into the inbox directly."""
    message = review_started(
        net,
        source=System.PORTAL,
        type=MessageType.APPLICATION_SUBMITTED,
        messagetype="REQUEST",
        serviceid="ApplicationIntake",
        data={"channel": "portal", "document": {"content": "{}", "signature": ""}, "attachments": []},
    )
    return record(net, message, topic=TOPIC)


def wrong_schema(net: Network) -> OutgoingRecord:
    """Signed, routed, but the payload is not that of its type."""
    return record(net, review_started(net, data={"started_at": "yesterday"}))


def no_json(net: Network) -> OutgoingRecord:
    """Signed bytes that are no message."""
    message = review_started(net)
    good = record(net, message)
    content = b"not a message"
    headers = Signer(net.identities[System.PROVIDER], net.clock).headers(content, attempt=1)
    return replace(good, value=content, headers=headers)


def rubbish_of_every_type(net: Network) -> OutgoingRecord:
    """JSON whose attributes have the wrong types, unsigned: even looking at it must not break anything."""
    return OutgoingRecord(TOPIC, b"x", b'{"id":[],"type":["a"],"source":{},"subject":7}', ())


def other_key(net: Network) -> OutgoingRecord:
    """The record key is not the application: it would break the order."""
    return replace(record(net, review_started(net)), key=b"another")


DEFECTS: list[tuple[Callable[[Network], OutgoingRecord], str]] = [
    (tampered, "signature"),
    (unsigned, "signature"),
    (garbled_signature, "signature"),
    (signed_by_another, "policy"),
    (no_route, "policy"),
    (addressed_elsewhere, "policy"),
    (past_the_gateway, "policy"),
    (other_key, "policy"),
    (wrong_schema, "schema"),
    (no_json, "malformed"),
    (rubbish_of_every_type, "signature"),
]


@pytest.mark.parametrize(("defect", "reason"), DEFECTS, ids=[defect.__name__ for defect, _ in DEFECTS])
async def test_defect_goes_to_dead_letters_and_consumer_goes_on(
    net: Network, defect: Callable[[Network], OutgoingRecord], reason: str
) -> None:
    seen: list[str] = []
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        bad = defect(net)
        await net.publish(bad, record(net, review_started(net, "application-good")))

        async def both() -> bool:
            return "application-good" in seen and len(await reasons(runtime, database)) == 1

        await eventually(both)
        assert await reasons(runtime, database) == [reason]
        assert seen == ["application-good"]
        (dead,) = await net.read(dead_letters_of(TOPIC), 1)
        assert dead.value == bad.value
        assert dead.header("dlq-reason") == reason
        assert reason in (dead.header("dlq-report") or "")


async def test_replayed_record_is_a_dead_letter_and_has_no_second_effect(net: Network) -> None:
    seen: list[str] = []
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        sent = record(net, review_started(net))
        await net.publish(sent, sent)

        async def buried() -> bool:
            return await reasons(runtime, database) == ["replayed"]

        await eventually(buried)
        assert seen == ["application-1"]


async def test_honest_resend_is_taken_once_and_receipted_again(net: Network) -> None:
    seen: list[str] = []
    message = review_started(net)
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        await net.publish(record(net, message), record(net, message, attempt=2))
        receipts = await net.read(inbox_of(System.PROVIDER), 2, seconds=3)
        named = b"".join(receipt.value for receipt in receipts).count(message.id.encode())
        assert named == 2
        assert seen == ["application-1"]
        assert await reasons(runtime, database) == []


async def test_same_id_with_other_bytes_is_rejected(net: Network) -> None:
    seen: list[str] = []
    first = review_started(net)
    second = review_started(net, "application-1", id=first.id, traceparent="other")
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        await net.publish(record(net, first), record(net, second))

        async def buried() -> bool:
            return await reasons(runtime, database) == ["message-id-reused"]

        await eventually(buried)
        assert seen == ["application-1"]


async def test_nobody_uses_up_the_ids_of_somebody_else(net: Network) -> None:
    seen: list[str] = []
    honest = review_started(net)
    payload = MessageRejected(message_id="m", digest=sha256_base64url(b"m"), reason="schema", report={})
    where = {"source": System.CSC, "destination": System.REGIONAL_GATEWAY}
    early = received(net.clock, MessageType.MESSAGE_REJECTED, "application-2", payload, **where)
    early = replace(early, message=early.message.model_copy(update={"id": honest.id}))
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        async with database.transaction() as session:
            await runtime.store.remember(session, [(early, DeliveryState.DELIVERED)], net.clock.timestamp())
        async with database.session() as session:
            assert list(await runtime.store.known(session, [f"csc/{honest.id}"])) == [f"csc/{honest.id}"]
        await net.publish(record(net, honest))

        async def taken() -> bool:
            return seen == ["application-1"]

        await eventually(taken)
        assert await reasons(runtime, database) == []


@pytest.mark.parametrize("by", [timedelta(days=60), timedelta(days=-60)])
async def test_what_was_signed_before_the_clock_was_moved_is_taken(net: Network, by: timedelta) -> None:
    seen: list[str] = []
    net.clock.advance(max(-by, timedelta()))  # there are certificates on both sides
    early = record(net, review_started(net))
    net.clock.advance(by)
    net.certificates.crl = net.pki.crl()
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        await net.publish(early)

        async def taken() -> bool:
            return seen == ["application-1"] or bool(await reasons(runtime, database))

        await eventually(taken)
        assert await reasons(runtime, database) == []


async def test_a_sender_that_heard_of_a_move_first_has_the_receiver_ask(net: Network) -> None:
    seen: list[str] = []
    by, asked = timedelta(days=60), []
    net.clock.advance(by)
    ahead = record(net, review_started(net))
    net.clock.advance(-by)
    net.clock._left.clear()  # the receiver has not been there

    async def catch_up() -> None:
        asked.append(1)
        net.clock.advance(by)
        net.certificates.crl = net.pki.crl()

    net.clock.catch_up = catch_up
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        await net.publish(ahead)

        async def taken() -> bool:
            return seen == ["application-1"] or bool(await reasons(runtime, database))

        await eventually(taken)
        assert await reasons(runtime, database) == []
    assert asked == [1]


async def test_old_signature_is_stale_but_its_sender_may_sign_anew(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "MOVED_LATELY_S", 0)  # the clock was moved long ago
    seen: list[str] = []
    message = review_started(net)
    old = record(net, message)
    net.clock.advance(timedelta(days=8))
    net.certificates.crl = net.pki.crl()
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        await net.publish(old)

        async def buried() -> bool:
            return await reasons(runtime, database) == ["stale"]

        await eventually(buried)
        await net.publish(record(net, message, attempt=2))

        async def taken() -> bool:
            return seen == ["application-1"]

        await eventually(taken)


@pytest.mark.parametrize(
    ("changes", "signed"),
    [
        ({"attempt": 2**70}, {}),
        ({"attempt": 0}, {}),
        ({"attempt": 1}, {"iat": 2**70}),
        ({"attempt": 1}, {"iat": -(2**70)}),
        ({"attempt": 1}, {"iat": 10**400}),
    ],
)
async def test_numbers_out_of_range_in_a_signature_are_no_signature(
    net: Network, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], signed: dict[str, Any]
) -> None:
    seen: list[str] = []
    message = review_started(net)
    with monkeypatch.context() as patched:
        if signed:
            patched.setattr(jws, "int", lambda _seconds: signed["iat"], raising=False)
        headers = Signer(net.identities[System.PROVIDER], net.clock).headers(message.encode(), **changes)
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        await net.publish(replace(record(net, message), headers=headers), record(net, review_started(net, "after")))

        async def after() -> bool:
            return seen == ["after"] and bool(await reasons(runtime, database))

        await eventually(after)
        assert await reasons(runtime, database) == ["signature"]


async def test_signed_in_the_future_is_told_and_stops_nothing(net: Network) -> None:
    seen: list[str] = []
    message = review_started(net)
    fast = Clock()
    fast.set(net.clock.now() + timedelta(minutes=6))
    signed = Signer(net.identities[System.PROVIDER], fast).headers(message.encode(), attempt=1)
    early = replace(record(net, message), headers=signed)
    async with net.run(System.REGIONAL_GATEWAY, collecting(seen)) as (runtime, database):
        await net.publish(early)
        (answer,) = await net.read(inbox_of(System.PROVIDER), 1)
        told = Message.decode(answer.value)
        assert told.type is MessageType.MESSAGE_REJECTED
        assert (told.data["message_id"], told.data["reason"]) == (message.id, "signed-in-future")
        assert "s in the future" in told.data["report"]["detail"]

        async def buried() -> bool:
            return await reasons(runtime, database) == ["signed-in-future"]

        await eventually(buried)
        await net.publish(record(net, message, attempt=2))

        async def taken() -> bool:
            return seen == ["application-1"]

        await eventually(taken)


async def test_sender_goes_on_sending_what_was_signed_in_the_future(net: Network) -> None:
    """The clocks of two systems differ for a moment when the stand's is moved; nothing may be lost by it."""
    seen: list[str] = []
    async with net.run(System.PROVIDER, collecting(seen)) as (provider, database):
        async with provider.work(()) as work:
            sent = work.send(
                MessageType.REVIEW_STARTED, System.REGIONAL_GATEWAY, "a", ReviewStarted(started_at=net.clock.now())
            )
        rejected = MessageRejected(
            message_id=sent.id, digest=sha256_base64url(sent.encode()), reason="signed-in-future", report={}
        )
        told = review_started(
            net,
            "a",
            source=System.REGIONAL_GATEWAY,
            destination=System.PROVIDER,
            type=MessageType.MESSAGE_REJECTED,
            messagetype="NOTIFICATION",
            serviceid="Rejection",
            data=payload_data(rejected),
        )
        await net.publish(record(net, told))

        async def heard() -> bool:
            return provider.counts["taken"] == 1

        await eventually(heard)
        assert await rows(database, ["outbox", "dead_letters"]) == {"outbox": 1, "dead_letters": 0}


async def test_records_say_what_they_are(net: Network) -> None:
    async with net.run(System.PROVIDER, Handlers()) as (provider, _):
        async with provider.work(()) as work:
            work.send(
                MessageType.REVIEW_STARTED, System.REGIONAL_GATEWAY, "a", ReviewStarted(started_at=net.clock.now())
            )
        (found,) = await net.read(TOPIC, 1)
        assert found.header("content-type") == "application/cloudevents+json"
