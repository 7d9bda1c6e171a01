"""One message that cannot be handled, kept, sent or afforded does not keep the others."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from shared.crypto.jws import read_header
from shared.db.engine import Database
from shared.kit.errors import TooLarge, Transient
from shared.messages import limits
from shared.messages.application import ReviewStarted
from shared.messages.control import DeliveryState, JournalRecorded, MessageRejected, ReceiptItem
from shared.messages.envelope import Message, payload_data
from shared.messages.systems import System
from shared.messages.topics import JOURNAL, inbox_of
from shared.messages.types import MessageType
from shared.messaging.handlers import DeliveryHandler, Handlers
from shared.messaging.records import IncomingRecord, OutgoingRecord, Received
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.work import Work
from tests.factories.batches import RawBatch, entry, produce
from tests.factories.messages import record, review_started
from tests.factories.readers import collecting, reasons, set_aside

REGIONAL, PROVIDER = System.REGIONAL_GATEWAY, System.PROVIDER


def seen_are(seen: list[str], *wanted: str) -> Callable[[], Awaitable[bool]]:
    """Whether exactly these were handled."""

    async def are() -> bool:
        return sorted(seen) == sorted(wanted)

    return are


def breaking_on(subject: str, seen: list[str]) -> Handlers:
    """Handlers of which one breaks before anything is loaded, which nobody expects of it."""

    def loads(received: Received) -> tuple[()]:
        if received.message.subject == subject:
            raise OverflowError("date value out of range")
        return ()

    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, lambda _w, r: seen.append(r.message.subject), loads)
    return handlers


async def test_an_exception_of_one_record_ends_with_that_record(net: Network) -> None:
    seen: list[str] = []
    async with net.run(REGIONAL, breaking_on("bad", seen)) as (runtime, database):
        await net.publish(*(record(net, review_started(net, subject)) for subject in ("first", "bad", "last")))
        await eventually(seen_are(seen, "first", "last"), seconds=20)
        await set_aside(runtime, database, "handler-failed")
        assert runtime.trouble is None


async def test_a_certificate_that_breaks_the_preparation_ends_with_its_record(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        working = runtime._verifier.prepare

        async def broken(records: Sequence[IncomingRecord]) -> None:
            if any(found.key == b"bad" for found in records):
                raise ValueError("planned")
            await working(records)

        monkeypatch.setattr(runtime._verifier, "prepare", broken)
        await net.publish(*(record(net, review_started(net, subject)) for subject in ("first", "bad", "last")))
        await eventually(seen_are(seen, "first", "last"))
        await set_aside(runtime, database, "verification-broke")


@pytest.mark.parametrize("breaks", [1, 10**9], ids=["whole", "at all"])
async def test_a_dead_letter_that_cannot_be_kept_stops_nobody(
    net: Network, monkeypatch: pytest.MonkeyPatch, breaks: int
) -> None:
    """Its place at least is kept, and where not even that works it is counted."""
    seen: list[str] = []
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        working = runtime.store.bury

        async def broken(session: Any, rejected: Sequence[Any], now: Any) -> Any:
            if any(len(item.record.value) >= (1 if breaks == 1 else 0) for item in rejected):
                raise TypeError("planned")
            return await working(session, rejected, now)

        monkeypatch.setattr(runtime.store, "bury", broken)
        await net.publish(
            OutgoingRecord(inbox_of(REGIONAL), b"k", b"garbage", ()), record(net, review_started(net, "a"))
        )
        await eventually(seen_are(seen, "a"), seconds=20)

        async def settled() -> bool:
            kept = await reasons(runtime, database)
            return (kept, runtime.counts["not_kept"]) == ((["signature"], 0) if breaks == 1 else ([], 1))

        await eventually(settled)


# -- size ------------------------------------------------------------------------------------------------------------


def large(size: int) -> MessageRejected:
    """A payload of about ``size`` bytes."""
    return MessageRejected(message_id="m", digest="d" * 43, reason="r", report={"text": "x" * size})


async def test_a_message_over_the_limit_is_refused_when_it_is_staged(net: Network) -> None:
    async with net.run(PROVIDER, Handlers()) as (provider, database):
        with pytest.raises(TooLarge) as caught:
            async with provider.work(()) as work:
                work.send(MessageType.MESSAGE_REJECTED, REGIONAL, "a", large(limits.VALUE))
        assert caught.value.status_code == 413
        assert str(limits.VALUE) in str(caught.value)
        assert await rows(database, ["outbox"]) == {"outbox": 0}


async def test_a_message_that_leads_to_one_over_the_limit_is_rejected(net: Network) -> None:
    def handle(work: Work, received: Received) -> None:
        work.send(MessageType.MESSAGE_REJECTED, PROVIDER, received.message.subject, large(limits.VALUE))

    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, handle, lambda _r: ())
    async with net.run(REGIONAL, handlers) as (runtime, database):
        await net.publish(record(net, review_started(net, "a")))
        await set_aside(runtime, database, "too-large")
        (answer,) = await net.read(inbox_of(PROVIDER), 1)
        assert Message.decode(answer.value).data["reason"] == "too-large"


async def test_the_largest_message_goes_through_and_into_the_dead_letters(net: Network) -> None:
    message = review_started(net, "a", data=payload_data(large(limits.VALUE - 2000)))
    async with net.run(REGIONAL, Handlers()) as (runtime, database):
        await net.publish(record(net, message))
        await set_aside(runtime, database, "schema")
        (dead,) = await net.read("egov.regional-gateway.in.dlq", 1)
        assert dead.value == message.encode()


async def test_what_the_cluster_never_takes_is_stopped_and_its_neighbours_go_out(
    net: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopped: list[ReceiptItem] = []
    handlers = Handlers()
    handlers.deliveries = DeliveryHandler(lambda _w, items: stopped.extend(items), lambda _items: ())
    # Staged in the belief that a record may be as large; the producer knows better, as a cluster might.
    monkeypatch.setattr(limits, "VALUE", 10 * limits.RECORD)
    async with net.run(PROVIDER, handlers) as (provider, database):
        async with provider.work(()) as work:
            now = net.clock.now()
            work.send(MessageType.REVIEW_STARTED, REGIONAL, "first", ReviewStarted(started_at=now))
            sent = work.send(MessageType.MESSAGE_REJECTED, REGIONAL, "large", large(2 * limits.RECORD))
            work.send(MessageType.REVIEW_STARTED, REGIONAL, "last", ReviewStarted(started_at=now))
        found = await net.read(inbox_of(REGIONAL), 2)
        assert {one.key for one in found} == {b"first", b"last"}

        async def told() -> bool:
            return [(item.message_id, item.state) for item in stopped] == [(sent.id, DeliveryState.DELIVERY_STOPPED)]

        await eventually(told)

        async def counted() -> bool:
            return provider.counts["not_sendable"] == 1

        await eventually(counted)
        (letter,) = await provider.dead_letters.search(reason="not-sendable", redriven=None, before=None, limit=10)
        assert letter.report["detail"] == "MessageSizeTooLargeError"
        assert (await rows(database, ["outbox"]))["outbox"] == 2
    assert f"message {sent.id} cannot be sent: MessageSizeTooLargeError" in caplog.text


async def test_what_the_cluster_did_not_take_is_sent_when_it_is_re_driven(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def picky(records: Sequence[OutgoingRecord]) -> dict[int, str]:
        return dict.fromkeys(range(len(records)), "too large here")

    async with net.run(PROVIDER, Handlers()) as (provider, _database):

        async def both_withdrawn() -> bool:
            return provider.counts["not_sendable"] == 2

        working = provider._broker.publish
        monkeypatch.setattr(provider._broker, "publish", picky)
        async with provider.work(()) as work:
            sent = work.send(MessageType.REVIEW_STARTED, REGIONAL, "a", ReviewStarted(started_at=net.clock.now()))
            work.journal("a", "almaty-city/preschool-queue", "portal", "process-6")
        await eventually(both_withdrawn)
        # Sent again while it was on its way, it is refused once more, and withdrawn once.
        await provider._outgoing._stop({sent.id: "too large here"})
        assert provider.counts["not_sendable"] == 2
        monkeypatch.setattr(provider._broker, "publish", working)
        letters = await provider.dead_letters.search(reason="not-sendable", redriven=None, before=None, limit=10)
        assert [(await provider.redrive(letter.id)).result for letter in letters] == ["sent again"] * 2
        (message,) = await net.read(inbox_of(REGIONAL), 1)
        (event,) = await net.read(JOURNAL, 1)
        assert message.value == sent.encode()
        for found in (message, event):
            assert read_header(found.header("jws") or "")["journaled"] == "provider=1"
        assert [(await provider.redrive(letter.id)).result for letter in letters] == ["re-driven before"] * 2


async def test_a_journal_too_large_for_one_record_comes_in_several(net: Network) -> None:
    async with net.run(PROVIDER, Handlers()) as (provider, _database):
        async with provider.work(()) as work:
            for number in range(5):
                detail = str(number) * 300_000
                work.journal("a", "almaty-city/preschool-queue", "portal", f"step-{number}", detail=detail)
        records = await net.read(JOURNAL, 2)
    recorded = [Message.decode(found.value).payload() for found in records]
    assert all(isinstance(part, JournalRecorded) for part in recorded)
    numbered = [
        (number, event.step)
        for part in recorded
        if isinstance(part, JournalRecorded)
        for number, event in enumerate(part.events, part.first)
    ]
    assert sorted(numbered) == [(number + 1, f"step-{number}") for number in range(5)]


async def test_a_cluster_that_takes_nothing_is_named_with_the_message_that_waits(
    net: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with net.run(PROVIDER, Handlers()) as (provider, _database):

        async def silent(_records: Sequence[OutgoingRecord]) -> dict[int, str]:
            raise Transient("Kafka: KafkaTimeoutError")

        monkeypatch.setattr(provider._broker, "publish", silent)
        async with provider.work(()) as work:
            sent = work.send(MessageType.REVIEW_STARTED, REGIONAL, "a", ReviewStarted(started_at=net.clock.now()))

        async def told() -> bool:
            return f"re-sending waits: Kafka: KafkaTimeoutError; message {sent.id}" in caplog.text

        await eventually(told)


# -- floods ----------------------------------------------------------------------------------------------------------


async def flooded(net: Network, runtime: Runtime, database: Database, count: int) -> None:
    """``count`` forgeries under the provider's name."""
    forged = record(net, review_started(net, "victim"), signer=System.PORTAL)
    values = [forged.value[:-1] + b',"n":"%d"}' % number for number in range(count)]
    await net.publish(*(OutgoingRecord(forged.topic, b"victim", value, forged.headers) for value in values))

    async def buried() -> bool:
        return runtime.counts["rejected"] == count

    await eventually(buried, seconds=60)


async def test_a_flood_of_forgeries_is_not_answered_by_a_flood(net: Network) -> None:
    async with net.run(REGIONAL, Handlers()) as (runtime, database):
        started = asyncio.get_running_loop().time()
        await flooded(net, runtime, database, 300)

        async def accounted_for() -> bool:
            # What is sent counts once it has left, a moment after the record is buried.
            return runtime.counts["sent"] + runtime.counts["unanswered"] == 300

        await eventually(accounted_for, seconds=60)
        seconds = asyncio.get_running_loop().time() - started
        assert runtime.counts["sent"] <= 20 + 2 * seconds + 1


async def test_dead_letters_are_kept_in_bounded_number_and_what_is_not_is_counted(net: Network) -> None:
    net.settings.dead_letters_kept = 100
    async with net.run(REGIONAL, Handlers()) as (runtime, database):
        await flooded(net, runtime, database, 350)
        kept = (await rows(database, ["dead_letters"]))["dead_letters"]
        assert 100 <= kept < 300
        assert runtime.counts["not_kept"] == 350 - kept


async def test_what_the_broker_forgot_is_counted(net: Network) -> None:
    """The embedded broker keeps about 5 MB of a partition."""
    topic, seen = inbox_of(REGIONAL), list[str]()
    async with net.run(REGIONAL, collecting(seen)) as (_runtime, database):
        await net.publish(record(net, review_started(net, "before")))

        async def committed() -> bool:
            return (await rows(database, ["inbox"]))["inbox"] == 1

        await eventually(committed)
    before = record(net, review_started(net, "before"))
    await net.publish(*(OutgoingRecord(topic, before.key, b"x" * 200_000, ()) for _ in range(60)))
    async with net.run(REGIONAL, collecting(seen)) as (runtime, database):
        await net.publish(record(net, review_started(net, "before")))
        await eventually(seen_are(seen, "before", "before"))

        async def all_accounted_for() -> bool:
            letters = (await rows(database, ["dead_letters"]))["dead_letters"]
            return runtime.counts["forgotten"] == 60 - letters > 0

        await eventually(all_accounted_for)


async def test_the_good_records_of_a_bad_batch_go_first(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, lambda _w, r: order.append(r.message.subject), lambda _r: ())
    good = record(net, review_started(net, "honest"))
    entries = [entry(b"%64d" % number, delta=number) for number in range(50)]
    entries.append(entry(good.value, good.key, [(name.encode(), what) for name, what in good.headers], delta=50))
    assert await produce(net.bootstrap, good.topic, RawBatch(b"".join(entries), records=51)) == [0]
    async with net.run(REGIONAL, handlers) as (runtime, _database):
        working = runtime.store.bury

        async def noting(session: Any, rejected: Sequence[Any], now: Any) -> Any:
            order.extend("garbage" for _ in rejected[:1])
            return await working(session, rejected, now)

        monkeypatch.setattr(runtime.store, "bury", noting)

        async def all_in() -> bool:
            return runtime.counts["rejected"] == 50 and runtime.counts["taken"] == 1

        await eventually(all_in, seconds=30)
        assert order == ["honest", "garbage"]


async def test_forged_certificates_do_not_become_a_flood_of_questions(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    known = net.certificates

    async def ensure(thumbprints: set[str]) -> None:
        asked.extend(thumbprint for thumbprint in thumbprints if not known.lookup(thumbprint))

    monkeypatch.setattr(known, "ensure", ensure)
    monkeypatch.setattr(known, "answers", lambda thumbprint: known.lookup(thumbprint) is not None)
    seen: list[str] = []
    strangers = []
    for number in range(150):
        good = record(net, review_started(net, "victim"))
        head, _, tail = dict(good.headers)["jws"].decode().partition("..")
        header = json.loads(base64.urlsafe_b64decode(head + "=="))
        header["x5t#S256"] = f"{number:043d}"
        forged = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=") + b".." + tail.encode()
        strangers.append(entry(good.value, good.key, [(b"jws", forged)], delta=number))
    async with net.run(REGIONAL, collecting(seen)) as (runtime, _database):
        assert await produce(net.bootstrap, good.topic, RawBatch(b"".join(strangers), records=150)) == [0]
        await net.publish(record(net, review_started(net, "honest")))

        async def all_in() -> bool:
            return runtime.counts["rejected"] == 150 and seen == ["honest"]

        await eventually(all_in, seconds=30)
        unasked = await runtime.dead_letters.search(
            reason="certificate-not-asked", redriven=None, before=None, limit=1000
        )
        (flood,) = await runtime.dead_letters.search(reason="flood", redriven=None, before=None, limit=1000)
        assert flood.report["reasons"].keys() == {"certificate-not-asked"}
        assert len(set(asked)) == 150 - len(unasked) - flood.report["records"] == 50
