"""Re-driving: one effect, whoever asks how often; nothing of what is still not taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from shared.db.engine import Database
from shared.kit.errors import NotFound, RejectedMessage
from shared.messages.envelope import Message
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.deadletters import Letter, Redriven
from shared.messaging.handlers import Handlers
from shared.messaging.records import OutgoingRecord, Received
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.work import Work
from tests.factories.messages import record, review_started


class Desk:
    """A handler that fails, rejects or notes what it takes."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.failing = self.rejecting = False

    def handle(self, _work: Work, received: Received) -> None:
        """Note the message id, or do not."""
        if self.failing:
            raise RuntimeError("planned")
        if self.rejecting:
            raise RejectedMessage("not-wanted", "planned")
        self.taken.append(received.message.id)

    def handlers(self) -> Handlers:
        """For reviews."""
        handlers = Handlers()
        handlers.on(MessageType.REVIEW_STARTED, self.handle, lambda _r: ())
        return handlers


@asynccontextmanager
async def regional_gateway(net: Network, desk: Desk) -> AsyncIterator[tuple[Runtime, Database]]:
    """A running receiver."""
    async with net.run(System.REGIONAL_GATEWAY, desk.handlers()) as started:
        yield started


async def letters(net: Network, runtime: Runtime, database: Database, *sent: OutgoingRecord) -> list[Letter]:
    """Publish, and wait until as many dead letters are there; oldest first."""
    if sent:
        await net.publish(*sent)

    async def buried() -> bool:
        return (await rows(database, ["dead_letters"]))["dead_letters"] >= max(len(sent), 1)

    await eventually(buried, seconds=30, what="dead letters")
    found = await runtime.dead_letters.search(reason=None, redriven=None, before=None, limit=100)
    return found[::-1]


async def test_message_whose_handler_failed_is_taken_once(net: Network) -> None:
    desk = Desk()
    desk.failing = True
    message = review_started(net)
    async with regional_gateway(net, desk) as (runtime, database):
        (letter,) = await letters(net, runtime, database, record(net, message))
        assert letter.reason == "handler-failed"
        assert (await runtime.redrive(letter.id)).result is Redriven.FAILED
        assert (await runtime.dead_letters.find(letter.id)).redriven_at is None

        desk.failing = False
        assert (await runtime.redrive(letter.id)).result is Redriven.TAKEN
        assert (await runtime.redrive(letter.id)).result is Redriven.REDRIVEN_BEFORE
        assert desk.taken == [message.id]
        assert (await runtime.dead_letters.find(letter.id)).redriven_at is not None
        assert await rows(database, ["inbox", "dead_letters"]) == {"inbox": 1, "dead_letters": 1}


async def test_many_who_ask_at_once_get_one_effect(net: Network) -> None:
    desk = Desk()
    desk.failing = True
    async with regional_gateway(net, desk) as (runtime, database):
        (letter,) = await letters(net, runtime, database, record(net, review_started(net)))
        desk.failing = False
        results = await asyncio.gather(*(runtime.redrive(letter.id) for _ in range(5)))
    assert sorted(redrive.result for redrive in results) == [Redriven.REDRIVEN_BEFORE] * 4 + [Redriven.TAKEN]
    assert len(desk.taken) == 1


async def test_what_its_sender_sent_again_and_was_taken_has_no_second_effect(net: Network) -> None:
    desk = Desk()
    message = review_started(net)
    async with regional_gateway(net, desk) as (runtime, database):
        await net.publish(record(net, message, attempt=1))

        async def taken() -> bool:
            return bool(desk.taken)

        await eventually(taken, seconds=30)
        (replay,) = await letters(net, runtime, database, record(net, message, attempt=1))
        assert replay.reason == "replayed"
        assert (await runtime.redrive(replay.id)).result is Redriven.TAKEN_BEFORE
    assert desk.taken == [message.id]


async def test_message_that_is_still_not_wanted_leaves_nothing_behind(net: Network) -> None:
    desk = Desk()
    desk.rejecting = True
    async with regional_gateway(net, desk) as (runtime, database):
        (letter,) = await letters(net, runtime, database, record(net, review_started(net)))
        before = await rows(database, ["inbox", "outbox", "dead_letters"])
        redrive = await runtime.redrive(letter.id)
        assert (redrive.result, redrive.reason) == (Redriven.REJECTED, "not-wanted")
        assert redrive.report is not None
        assert redrive.report["detail"] == "planned"
        assert await rows(database, ["inbox", "outbox", "dead_letters"]) == before
        desk.rejecting = False
        assert (await runtime.redrive(letter.id)).result is Redriven.TAKEN
    assert len(desk.taken) == 1


async def test_forgery_stays_rejected_with_its_report(net: Network) -> None:
    desk = Desk()
    async with regional_gateway(net, desk) as (runtime, database):
        (letter,) = await letters(net, runtime, database, record(net, review_started(net), signer=System.CSC))
        redrive = await runtime.redrive(letter.id)
        assert (redrive.result, redrive.reason) == (Redriven.REJECTED, "policy")
    assert desk.taken == []


async def test_age_of_a_message_is_that_of_the_day_it_was_set_aside(net: Network) -> None:
    desk = Desk()
    desk.failing = True
    async with regional_gateway(net, desk) as (runtime, database):
        (letter,) = await letters(net, runtime, database, record(net, review_started(net)))
        net.clock.advance(timedelta(days=8))
        net.certificates.crl = net.pki.crl()
        desk.failing = False
        assert (await runtime.redrive(letter.id)).result is Redriven.TAKEN


async def test_message_is_not_taken_again_when_its_sender_sends_it_after_the_redrive(net: Network) -> None:
    desk = Desk()
    desk.failing = True
    message: Message = review_started(net)
    async with regional_gateway(net, desk) as (runtime, database):
        (letter,) = await letters(net, runtime, database, record(net, message))
        desk.failing = False
        assert (await runtime.redrive(letter.id)).result is Redriven.TAKEN
        other = review_started(net)
        await net.publish(record(net, message, attempt=2), record(net, other))

        async def read() -> bool:
            return other.id in desk.taken

        await eventually(read, seconds=30)
    assert desk.taken == [message.id, other.id]


async def test_search_pages_and_filters(net: Network) -> None:
    desk = Desk()
    desk.failing = True
    async with regional_gateway(net, desk) as (runtime, database):
        found = await letters(
            net,
            runtime,
            database,
            record(net, review_started(net, "application-1")),
            record(net, review_started(net, "application-2"), signer=System.CSC),
            record(net, review_started(net, "application-3"), signer=System.CSC),
        )
        search = runtime.dead_letters.search
        forged = await search(reason="policy", redriven=None, before=None, limit=10)
        assert {letter.record.key for letter in forged} == {b"application-2", b"application-3"}
        newest = await search(reason=None, redriven=False, before=None, limit=1)
        assert [letter.id for letter in newest] == [found[-1].id]
        older = await search(reason=None, redriven=False, before=newest[0].id, limit=10)
        assert [letter.id for letter in older] == [found[1].id, found[0].id]
        assert await search(reason=None, redriven=True, before=None, limit=10) == []
        with pytest.raises(NotFound):
            await runtime.redrive(found[-1].id + 1)
