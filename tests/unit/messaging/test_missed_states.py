"""A handler that needs a state which an earlier message of the batch has only just named: loaded, and run again."""

from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.records import Received
from shared.messaging.testing import Network, eventually, rows
from shared.messaging.work import Work
from tests.deployed.effects import METADATA, SERIES, TABLES, Series
from tests.factories.messages import record, review_started


def pointing(subject: str) -> str:
    """The series that the last message of ``subject`` names."""
    return f"{subject}-next"


def handle(work: Work, received: Received) -> None:
    """Follow where the series of the subject points, which no query before the batch can know."""
    subject = received.message.subject
    first = work.get(SERIES, subject) or Series(subject, [])
    followed = pointing(subject)
    second = work.get(SERIES, followed) or Series(followed, [])
    work.put(SERIES, Series(subject, [*first.effects, [received.message.id, len(first.effects)]]))
    work.put(SERIES, Series(followed, [*second.effects, [received.message.id, len(second.effects)]]))


def endless(work: Work, _received: Received) -> None:
    """A defect: it never has enough."""
    number = 0
    while True:
        work.get(SERIES, f"series-{number}")
        number += 1


def handlers(handler: object = handle) -> Handlers:
    """Only the subject's own series is loaded."""
    found = Handlers()
    found.on(MessageType.REVIEW_STARTED, handler, lambda item: [(SERIES, item.message.subject)])  # type: ignore[arg-type]
    return found


async def test_the_state_is_loaded_and_nothing_becomes_a_dead_letter(net: Network) -> None:
    async with net.run(System.REGIONAL_GATEWAY, handlers(), METADATA, TABLES) as (_, database):
        await net.publish(*(record(net, review_started(net)) for _ in range(3)))

        async def done() -> bool:
            async with database.session() as session:
                found = await SERIES.load(session, ["application-1", pointing("application-1")])
            return [len(series.effects) for series in found.values()] == [3, 3]

        await eventually(done)
        assert await rows(database, ["dead_letters", "inbox"]) == {"dead_letters": 0, "inbox": 3}


async def test_a_handler_that_never_has_enough_is_a_dead_letter(net: Network) -> None:
    async with net.run(System.REGIONAL_GATEWAY, handlers(endless), METADATA, TABLES) as (runtime, database):
        await net.publish(record(net, review_started(net)))

        async def buried() -> bool:
            return (await rows(database, ["dead_letters"]))["dead_letters"] == 1

        await eventually(buried)
        async with database.session() as session:
            (letter,) = await runtime.store.dead_letters(session)
        assert letter["reason"] == "handler-failed"
