"""Journal events are numbered where they come about, and every message tells how many there are."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from shared.crypto.jws import read_header, sign_detached
from shared.db.engine import Database
from shared.messages.application import ReviewStarted
from shared.messages.control import JournalRecorded
from shared.messages.envelope import Message
from shared.messages.systems import System
from shared.messages.topics import JOURNAL, inbox_of
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.records import GATEWAY_JWS_HEADER, JWS_HEADER, IncomingRecord, OutgoingRecord, Received
from shared.messaging.runtime import Runtime
from shared.messaging.signing import JOURNALED_MEMBER, Signer
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.work import Work
from tests.factories.messages import record, review_started


def told(record: IncomingRecord) -> str | None:
    """What a record says of the journal."""
    jws = record.header("jws")
    assert jws is not None
    found: str | None = read_header(jws).get(JOURNALED_MEMBER)
    return found


async def messages(net: Network, topic: str, count: int) -> list[IncomingRecord]:
    """The first ``count`` messages of ``topic``; without receipts they are sent again."""
    read = count
    while True:
        found: dict[str, IncomingRecord] = {}
        for incoming in await net.read(topic, read):
            found.setdefault(Message.decode(incoming.value).id, incoming)
        if len(found) >= count:
            return list(found.values())[:count]
        assert read < 50 * count, f"{len(found)} of {count} messages came"
        read += 1


def journal(work: Work, application: str, *steps: str) -> None:
    """Journal some steps."""
    for step in steps:
        work.journal(application, "almaty-city/preschool-queue", "portal", step)


def review(work: Work, application: str) -> None:
    """Tell the regional gateway of a review."""
    payload = ReviewStarted(started_at=work.now)
    work.send(MessageType.REVIEW_STARTED, System.REGIONAL_GATEWAY, application, payload)


def handlers(*, fails: str = "") -> Handlers:
    """A regional gateway that journals each review and passes it on; about ``fails`` it fails once it has journaled."""

    def handle(work: Work, received: Received) -> None:
        subject = received.message.subject
        journal(work, subject, "review")
        if subject == fails:
            raise RuntimeError("planned")
        payload = ReviewStarted(started_at=work.now)
        work.send(MessageType.REVIEW_STARTED, System.PORTAL, subject, payload)

    found = Handlers()
    found.on(MessageType.REVIEW_STARTED, handle, lambda _: ())
    found.on(MessageType.MESSAGE_REJECTED, lambda _w, _r: None, lambda _: ())
    return found


def events(records: Sequence[IncomingRecord]) -> dict[str, list[tuple[int, str]]]:
    """The numbered steps in journal records, by application; all of a record are about its key."""
    found: dict[str, list[tuple[int, str]]] = {}
    for incoming in records:
        message = Message.decode(incoming.value)
        recorded = JournalRecorded.model_validate(message.data)
        assert {event.application for event in recorded.events} == {message.subject}
        assert incoming.key == message.subject.encode()
        numbered = enumerate((event.step for event in recorded.events), recorded.first)
        found.setdefault(message.subject, []).extend(numbered)
    return found


async def test_a_transaction_is_journaled_in_one_record_for_each_application(net: Network) -> None:
    async with net.run(System.PROVIDER, Handlers()) as (provider, _):
        async with provider.work([]) as work:
            journal(work, "a", "one")
            journal(work, "b", "one")
            journal(work, "a", "two")
        async with provider.work([]) as work:
            journal(work, "a", "three")
        found = events(await messages(net, JOURNAL, 3))
    # On a machine that stalls, what is sent again may come after what was sent later: the numbers tell.
    assert {key: sorted(told) for key, told in found.items()} == {
        "a": [(1, "one"), (2, "two"), (3, "three")],
        "b": [(1, "one")],
    }


async def test_what_is_rolled_back_takes_no_number(net: Network) -> None:
    async def broken_off(runtime: Runtime) -> None:
        async with runtime.work([]) as work:
            journal(work, "a", "one")
            raise RuntimeError("planned")

    async with net.run(System.PROVIDER, Handlers()) as (provider, _):
        with pytest.raises(RuntimeError, match="planned"):
            await broken_off(provider)
        async with provider.work([]) as work:
            journal(work, "a", "two")
        assert events(await messages(net, JOURNAL, 1)) == {"a": [(1, "two")]}


async def test_a_handler_that_fails_takes_no_number(net: Network) -> None:
    async with net.run(System.PROVIDER, handlers()) as (provider, _):
        async with provider.work([]) as work:
            for application in ("good", "bad", "good"):
                review(work, application)
        async with net.run(System.REGIONAL_GATEWAY, handlers(fails="bad")) as (regional, database):

            async def buried() -> bool:
                return (await rows(database, ["dead_letters"]))["dead_letters"] == 1

            await eventually(buried, what="the dead letter")
            async with regional.work([]) as work:
                journal(work, "bad", "after")
            found = await messages(net, JOURNAL, 2 if await _batched(database) else 3)
    assert sorted(number for number, _ in events(found)["good"]) == [1, 2]
    assert events(found)["bad"] == [(1, "after")]


async def _batched(database: Database) -> bool:
    """Whether both events about ``good`` came about in one transaction, and so left in one record."""
    async with database.session() as session:
        sent = [row.value for row in await session.execute(database.metadata.tables["outbox"].select())]
    recorded = [orjson.loads(value) for value in sent if b"journal.recorded" in value]
    return any(len(message["data"]["events"]) == 2 for message in recorded)


async def test_a_message_tells_what_its_transaction_has_journaled(net: Network) -> None:
    async with net.run(System.PROVIDER, Handlers()) as (provider, _):
        async with provider.work([]) as work:
            review(work, "a")
            journal(work, "a", "one", "two")
            review(work, "b")
        sent = await messages(net, inbox_of(System.REGIONAL_GATEWAY), 2)
        recorded = await messages(net, JOURNAL, 1)
    assert {Message.decode(record.value).subject: told(record) for record in sent} == {"a": "provider=2", "b": None}
    assert told(recorded[0]) == "provider=2"


async def test_it_tells_the_same_when_it_is_sent_again(net: Network) -> None:
    async with net.run(System.PROVIDER, Handlers()) as (provider, _):
        async with provider.work([]) as work:
            review(work, "a")
            journal(work, "a", "one")
        async with provider.work([]) as work:
            journal(work, "a", "two")
        sent = await net.read(inbox_of(System.REGIONAL_GATEWAY), 2)
    assert [told(record) for record in sent] == ["provider=1", "provider=1"]


async def test_what_came_without_the_gateway_is_told_it(net: Network) -> None:
    async with net.run(System.PROVIDER, Handlers()) as (provider, _):
        async with provider.work([]) as work:
            review(work, "a")
            journal(work, "a", "one", "two", "three")
        async with net.run(System.REGIONAL_GATEWAY, handlers()):
            passed_on = await messages(net, inbox_of(System.GATEWAY), 1)
            recorded = await messages(net, JOURNAL, 2)
    assert told(passed_on[0]) == "provider=3 regional-gateway=1"
    assert {told(record) for record in recorded} == {"provider=3", "provider=3 regional-gateway=1"}


async def test_what_came_by_the_gateway_is_not_repeated(net: Network) -> None:
    """The gateway has read it itself."""
    message = review_started(
        net, source=System.REGIONAL_GATEWAY, destination=System.PORTAL, serviceid="ApplicationStatus"
    )
    value = message.encode()
    first = Signer(net.identities[System.REGIONAL_GATEWAY], net.clock).headers(
        value, attempt=1, journaled="provider=8 regional-gateway=5"
    )
    relayed = Signer(net.identities[System.GATEWAY], net.clock).headers(
        value, attempt=1, sender_jws=dict(first)[JWS_HEADER].decode()
    )
    assert GATEWAY_JWS_HEADER in dict(relayed)
    taken: list[Received] = []

    def handle(work: Work, received: Received) -> None:
        taken.append(received)
        journal(work, received.message.subject, "told")

    portal = Handlers()
    portal.on(MessageType.REVIEW_STARTED, handle, lambda _: ())
    async with net.run(System.PORTAL, portal):
        await net.publish(OutgoingRecord(inbox_of(System.PORTAL), message.subject.encode(), value, relayed))
        recorded = await messages(net, JOURNAL, 1)
    assert taken[0].journaled == {"provider": 8, "regional-gateway": 5}
    assert told(recorded[0]) == "portal=1"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("provider=0", "schema"),
        ("provider=1 provider=2", "schema"),
        ("nobody=1", "schema"),
        ("provider=123456", "schema"),
        (7, "schema"),
        (["provider=1"], "schema"),
        (None, "schema"),
        ("portal=3", "policy"),
        ("gateway=1", "policy"),
    ],
)
async def test_what_a_sender_cannot_say_is_rejected(net: Network, said: Any, reason: str) -> None:
    message = review_started(net)
    sound = record(net, message)
    jws = sign_detached(
        sound.value, net.identities[System.PROVIDER], attempt=1, clock=net.clock, extra={JOURNALED_MEMBER: said}
    )
    async with net.run(System.REGIONAL_GATEWAY, handlers()) as (regional, _):
        await net.publish(OutgoingRecord(sound.topic, sound.key, sound.value, (("jws", jws.encode()),)))

        async def rejected() -> bool:
            return regional.counts["rejected"] == 1

        await eventually(rejected, what="the rejection")
        letters = await regional.dead_letters.search(reason=None, redriven=None, before=None, limit=10)
    assert [letter.reason for letter in letters] == [reason]
    assert JOURNALED_MEMBER in str(letters[0].report) or "journaled" in str(letters[0].report)


async def test_commands_at_the_same_time_take_different_numbers(net: Network) -> None:
    async def command(runtime: Runtime, number: int) -> None:
        async with runtime.work([]) as work:
            journal(work, "a", f"step-{number}")

    async with net.run(System.PROVIDER, Handlers()) as (one, _), net.run(System.PROVIDER, Handlers()) as (other, _):
        await asyncio.gather(*(command((one, other)[number % 2], number) for number in range(12)))
        found = await messages(net, JOURNAL, 12)
    assert sorted(number for number, _ in events(found)["a"]) == list(range(1, 13))
