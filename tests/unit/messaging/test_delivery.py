"""What survives: crashes at every point of the loop, failing handlers, lost and forged receipts, silent revocation
sources."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from shared.db.engine import Database
from shared.kit.errors import RejectedMessage, Transient
from shared.kit.ids import sha256_base64url
from shared.messages.application import ReviewStarted
from shared.messages.control import DeliveryReceipt, DeliveryState, MessageRejected, ReceiptItem
from shared.messages.envelope import Message, payload_data
from shared.messages.systems import System
from shared.messages.topics import inbox_of
from shared.messages.types import MessageKind, MessageType
from shared.messaging.faults import Point
from shared.messaging.handlers import Handlers
from shared.messaging.records import IncomingRecord, Received
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.work import Work
from tests.factories.messages import record, review_started


class Log(list[str]):
    """Subjects of the messages that were handled, as a handler that fails on request."""

    def __init__(self) -> None:
        self.failures: dict[str, int] = {}
        self.rejects: set[str] = set()
        self.answers: list[MessageRejected] = []

    def handle(self, _work: Work, received: Received) -> None:
        """Note the subject; fail or reject where that was asked for."""
        subject = received.message.subject
        if self.failures.get(subject, 0) > 0:
            self.failures[subject] -= 1
            raise RuntimeError("planned")
        if subject in self.rejects:
            raise RejectedMessage("not-wanted", "planned")
        self.append(f"{subject}:{received.message.id}")

    def note_rejection(self, _work: Work, received: Received) -> None:
        """Keep what another system did not take."""
        assert isinstance(received.payload, MessageRejected)
        self.answers.append(received.payload)

    def handlers(self) -> Handlers:
        """Reviews for the regional gateway, rejections for everybody."""
        handlers = Handlers()
        handlers.on(MessageType.REVIEW_STARTED, self.handle, lambda _r: ())
        handlers.on(MessageType.MESSAGE_REJECTED, self.note_rejection, lambda _r: ())
        return handlers


@asynccontextmanager
async def pair(net: Network, sender: Log, receiver: Log) -> AsyncIterator[tuple[Runtime, Database, Runtime, Database]]:
    """Provider and regional gateway, running."""
    async with AsyncExitStack() as stack:
        provider, provider_db = await stack.enter_async_context(net.run(System.PROVIDER, sender.handlers()))
        regional, regional_db = await stack.enter_async_context(net.run(System.REGIONAL_GATEWAY, receiver.handlers()))
        yield provider, provider_db, regional, regional_db


async def send(runtime: Runtime, net: Network, subject: str) -> str:
    """The provider says that a review has started; the message id."""
    async with runtime.work([]) as work:
        payload = ReviewStarted(started_at=net.clock.now())
        return work.send(MessageType.REVIEW_STARTED, System.REGIONAL_GATEWAY, subject, payload).id


async def empty_outbox(database: Database) -> None:
    """Wait until every sent message has its receipt."""

    async def empty() -> bool:
        return (await rows(database, ["outbox"]))["outbox"] == 0

    await eventually(empty, what="an empty outbox")


async def test_message_is_kept_until_its_receipt_comes(net: Network) -> None:
    log = Log()
    async with net.run(System.PROVIDER, Log().handlers()) as (provider, database):
        await send(provider, net, "application-1")
        assert (await rows(database, ["outbox"]))["outbox"] == 1
        async with net.run(System.REGIONAL_GATEWAY, log.handlers()):
            await empty_outbox(database)
    assert len(log) == 1


@pytest.mark.parametrize("point", list(Point))
async def test_crash_of_the_receiver_at_any_point_loses_and_doubles_nothing(net: Network, point: Point) -> None:
    log = Log()
    async with net.run(System.PROVIDER, Log().handlers()) as (provider, provider_db):
        async with net.run(System.REGIONAL_GATEWAY, log.handlers()) as (regional, _):
            regional.faults.plan(point, MessageType.REVIEW_STARTED)
            sent = [await send(provider, net, f"application-{number}") for number in range(5)]

            async def crashed() -> bool:
                return regional.faults.crashes == 1

            await eventually(crashed, what="the planned crash")
        # What the dead process had handled but not committed never happened.
        if point in (Point.RECEIVED, Point.HANDLED):
            log.clear()
        async with net.run(System.REGIONAL_GATEWAY, log.handlers()) as (_, database):
            await empty_outbox(provider_db)
            assert (await rows(database, ["inbox", "dead_letters"])) == {"inbox": 5, "dead_letters": 0}
    assert sorted(entry.split(":")[1] for entry in log) == sorted(sent)


@pytest.mark.parametrize("point", [Point.COMMITTED, Point.PUBLISHED])
async def test_crash_of_the_answering_side_still_delivers_its_answer_once(net: Network, point: Point) -> None:
    asked, answered = Log(), Log()
    asked.rejects.add("application-1")
    async with pair(net, answered, asked) as (provider, provider_db, regional, _):
        regional.faults.plan(point, MessageType.REVIEW_STARTED)
        await send(provider, net, "application-1")

        async def crashed() -> bool:
            return regional.faults.crashes == 1

        await eventually(crashed)
        await regional.kill()
        async with net.run(System.REGIONAL_GATEWAY, asked.handlers()) as (_, database):
            await empty_outbox(provider_db)
            await empty_outbox(database)
        assert [answer.reason for answer in answered.answers] == ["not-wanted"]


async def test_receiving_goes_on_after_a_defect_of_the_client(
    net: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    async with net.run(System.REGIONAL_GATEWAY, log.handlers()) as (runtime, _):
        working, breaks = runtime._broker.receive, [AssertionError("planned")]

        async def broken(**arguments: Any) -> list[IncomingRecord]:
            if breaks:
                raise breaks.pop()
            return await working(**arguments)

        monkeypatch.setattr(runtime._broker, "receive", broken)
        await net.publish(record(net, review_started(net, "application-1")))

        async def taken() -> bool:
            return len(log) == 1 and runtime.trouble is None

        await eventually(taken, what="the message after the defect")
    assert not breaks
    assert "receiving broke" in caplog.text


async def test_what_was_sent_before_the_clock_went_back_is_sent_again_soon(net: Network) -> None:
    log = Log()
    async with net.run(System.PROVIDER, Log().handlers()) as (provider, database):
        net.clock.advance(timedelta(days=2))
        await send(provider, net, "application-1")
        net.clock.resume()
        # What it signed then is signed in the future now, and is not taken.
        async with net.run(System.REGIONAL_GATEWAY, log.handlers()):
            await empty_outbox(database)
    assert len(log) == 1


async def test_sending_again_goes_on_after_a_defect(
    net: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    async with net.run(System.PROVIDER, Log().handlers()) as (provider, database):
        working, breaks = provider.store.claim_due, [AssertionError("planned")]

        async def broken(*arguments: Any, **options: Any) -> Any:
            if breaks:
                raise breaks.pop()
            return await working(*arguments, **options)

        monkeypatch.setattr(provider.store, "claim_due", broken)
        # Nobody reads yet and nothing is published: only sending again brings it there.
        monkeypatch.setattr(provider._outgoing, "publish", AsyncMock())
        await send(provider, net, "application-1")
        async with net.run(System.REGIONAL_GATEWAY, log.handlers()):
            await empty_outbox(database)
    assert len(log) == 1
    assert "re-sending broke" in caplog.text


async def test_failing_message_is_set_aside_and_the_others_go_on(net: Network) -> None:
    log = Log()
    log.failures["application-bad"] = 99
    async with net.run(System.REGIONAL_GATEWAY, log.handlers()) as (runtime, database):
        bad = review_started(net, "application-bad")
        good = [review_started(net, f"application-{number}") for number in range(5)]
        await net.publish(record(net, bad), *(record(net, message) for message in good))

        async def buried() -> bool:
            return (await rows(database, ["dead_letters"]))["dead_letters"] == 1 and len(log) >= len(good)

        await eventually(buried)
        assert sorted(log) == sorted(f"{m.subject}:{m.id}" for m in good)
        async with database.session() as session:
            (letter,) = await runtime.store.dead_letters(session)
        assert (letter["reason"], letter["message_id"]) == ("handler-failed", bad.id)


async def test_passing_failure_is_retried_and_keeps_the_order_of_the_application(net: Network) -> None:
    log = Log()
    log.failures["application-1"] = 2
    first, second = review_started(net), review_started(net)
    async with net.run(System.REGIONAL_GATEWAY, log.handlers()) as (_, database):
        await net.publish(record(net, first), record(net, second))

        async def taken() -> bool:
            return (await rows(database, ["inbox"]))["inbox"] == 2

        await eventually(taken)
        assert log == [f"application-1:{first.id}", f"application-1:{second.id}"]
        assert (await rows(database, ["dead_letters"]))["dead_letters"] == 0


async def test_rejected_message_stops_being_sent_and_its_sender_is_told_the_digest(net: Network) -> None:
    sender, receiver = Log(), Log()
    receiver.rejects.add("application-1")
    async with pair(net, sender, receiver) as (provider, provider_db, _, _):
        message_id = await send(provider, net, "application-1")
        await empty_outbox(provider_db)

        async def told() -> bool:
            return bool(sender.answers)

        await eventually(told)
        (answer,) = sender.answers
        assert (answer.message_id, answer.reason, len(answer.digest)) == (message_id, "not-wanted", 43)


@pytest.mark.parametrize("forged", ["by another system", "for other bytes"])
async def test_receipt_counts_only_from_the_receiver_and_for_these_bytes(net: Network, forged: str) -> None:
    async with net.run(System.PROVIDER, Log().handlers()) as (provider, database):
        message_id = await send(provider, net, "application-1")
        (sent,) = await net.read(inbox_of(System.REGIONAL_GATEWAY), 1)
        digest = "A" * 43 if forged == "for other bytes" else sha256_base64url(sent.value)
        taker = System.GATEWAY if forged == "by another system" else System.REGIONAL_GATEWAY
        item = ReceiptItem(message_id=message_id, digest=digest, state=DeliveryState.DELIVERED)
        receipt = review_started(
            net,
            taker.value,
            source=taker,
            destination=System.PROVIDER,
            type=MessageType.DELIVERY_RECEIPT_ISSUED,
            messagetype=MessageKind.NOTIFICATION,
            serviceid="DeliveryReceipt",
            data=payload_data(DeliveryReceipt(received_at=net.clock.now(), items=(item,))),
        )
        await net.publish(record(net, receipt), record(net, harmless(net)))

        async def reached() -> bool:
            return (await rows(database, ["inbox"]))["inbox"] == 1

        await eventually(reached, what="the message after the forged receipt")
        assert (await rows(database, ["outbox"]))["outbox"] == 1


def harmless(net: Network) -> Message:
    """A harmless message for the provider in the partition of the receipt, to see that the receipt was read."""
    rejection = MessageRejected(message_id="none", digest="A" * 43, reason="none", report={})
    return review_started(
        net,
        System.REGIONAL_GATEWAY.value,
        source=System.REGIONAL_GATEWAY,
        destination=System.PROVIDER,
        type=MessageType.MESSAGE_REJECTED,
        messagetype=MessageKind.NOTIFICATION,
        serviceid="Rejection",
        data=payload_data(rejection),
    )


async def test_silent_revocation_source_holds_the_message_and_does_not_reject_it(net: Network) -> None:
    log = Log()
    crl = net.certificates.crl
    net.certificates.crl = None
    async with net.run(System.REGIONAL_GATEWAY, log.handlers()) as (runtime, database):
        await net.publish(record(net, review_started(net)))

        async def held() -> bool:
            return runtime.trouble is not None and "revocation" in runtime.trouble

        await eventually(held)
        assert await rows(database, ["inbox", "dead_letters"]) == {"inbox": 0, "dead_letters": 0}
        net.certificates.crl = crl

        async def taken() -> bool:
            return len(log) == 1 and runtime.trouble is None

        await eventually(taken)


async def test_handler_that_must_wait_holds_the_message_and_loses_nothing(net: Network) -> None:
    log = Log()
    silent = [True]

    def handle(work: Work, received: Received) -> None:
        if silent[0]:
            raise Transient("planned silence")
        log.handle(work, received)

    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, handle, lambda _r: ())
    async with net.run(System.REGIONAL_GATEWAY, handlers) as (runtime, database):
        await net.publish(record(net, review_started(net)))

        async def held() -> bool:
            return runtime.trouble == "planned silence"

        await eventually(held)
        assert await rows(database, ["inbox", "dead_letters"]) == {"inbox": 0, "dead_letters": 0}
        silent[0] = False

        async def taken() -> bool:
            return len(log) == 1

        await eventually(taken)
        assert (await rows(database, ["dead_letters"]))["dead_letters"] == 0


async def test_revoked_system_is_not_listened_to(net: Network) -> None:
    log = Log()
    net.pki.revoke(net.identities[System.PROVIDER].certificate)
    net.certificates.crl = net.pki.crl()
    async with net.run(System.REGIONAL_GATEWAY, log.handlers()) as (runtime, database):
        await net.publish(record(net, review_started(net)))

        async def buried() -> bool:
            return (await rows(database, ["dead_letters"]))["dead_letters"] == 1

        await eventually(buried)
        async with database.session() as session:
            (letter,) = await runtime.store.dead_letters(session)
        checks = letter["report"]["validation"]["checks"]
        assert next(check for check in checks if check["indication"] == "failed")["sub_indication"] == "REVOKED"
        assert log == []


async def test_resending_backs_off_on_the_stands_clock(net: Network) -> None:
    async with net.run(System.PROVIDER, Log().handlers()) as (provider, _):
        net.clock.set(net.clock.now(), freeze=True)
        await send(provider, net, "application-1")
        assert len(await net.read(inbox_of(System.REGIONAL_GATEWAY), 2, seconds=0.7)) == 1
        net.clock.advance(timedelta(seconds=1))
        sent = await net.read(inbox_of(System.REGIONAL_GATEWAY), 2)
        assert [replace(r, position=sent[0].position, headers=()) for r in sent] == [replace(sent[0], headers=())] * 2
        assert sent[0].header("jws") != sent[1].header("jws")
