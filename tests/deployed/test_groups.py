"""Several replicas of one system on a real cluster and one database: nothing lost, nothing done twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from shared.db.engine import Database
from shared.messages.systems import System
from shared.messages.topics import dead_letters_of, inbox_of
from shared.messaging import broker
from shared.messaging.handlers import Handlers
from shared.messaging.runtime import Runtime
from shared.messaging.testing import Network, eventually, rows
from tests.deployed.effects import (
    METADATA,
    TABLES,
    assert_each_once_and_in_order,
    counting_handlers,
    effects,
)
from tests.factories.messages import record, review_started

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

SUBJECTS = [f"application-{number}" for number in range(40)]


@asynccontextmanager
async def replica(net: Network, handlers: Handlers | None = None) -> AsyncIterator[tuple[Runtime, Database]]:
    """One more replica of the regional gateway."""
    async with net.run(System.REGIONAL_GATEWAY, handlers or counting_handlers(), METADATA, TABLES) as started:
        yield started


async def put(net: Network, sent: dict[str, list[str]], rounds: int) -> None:
    """``rounds`` messages of every subject, one after the other."""
    for _ in range(rounds):
        messages = [review_started(net, subject) for subject in SUBJECTS]
        for message in messages:
            sent.setdefault(message.subject, []).append(message.id)
        await net.publish(*(record(net, message) for message in messages))


async def taken(database: Database, count: int) -> None:
    """Wait until ``count`` messages are in the inbox."""

    async def all_in() -> bool:
        return (await rows(database, ["inbox"]))["inbox"] >= count

    await eventually(all_in, seconds=90, what=f"{count} messages taken")


async def reads_partitions(runtime: Runtime) -> None:
    """Wait until a replica has its share."""

    async def has() -> bool:
        return bool(runtime._broker._consumer and runtime._broker._consumer.assignment())

    await eventually(has, seconds=60, what="a share of the partitions")


async def test_replicas_that_come_and_go_lose_and_double_nothing(net: Network) -> None:
    sent: dict[str, list[str]] = {}
    async with AsyncExitStack() as stack:
        first, database = await stack.enter_async_context(replica(net))
        second, _ = await stack.enter_async_context(replica(net))
        await reads_partitions(first)
        flow = asyncio.create_task(put(net, sent, 6))
        await taken(database, 1)
        third, _ = await stack.enter_async_context(replica(net))
        await reads_partitions(third)
        await second.kill()
        await flow
        await put(net, sent, 1)
        await taken(database, 7 * len(SUBJECTS))
        assert_each_once_and_in_order(await effects(database), sent)
        assert (await rows(database, ["dead_letters"]))["dead_letters"] == 0


async def test_first_row_of_a_counter_is_made_by_one_of_two(net: Network) -> None:
    sent: dict[str, list[str]] = {}
    await put(net, sent, 1)
    async with replica(net) as (_, database), replica(net):
        await taken(database, len(SUBJECTS))
        assert_each_once_and_in_order(await effects(database), sent)


async def test_batch_that_is_held_too_long_goes_to_another_replica_whole(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "HANDOVER_S", 0.1)

    silent = [True]
    sent: dict[str, list[str]] = {}
    async with replica(net, counting_handlers(silent)) as (held_up, database):

        async def holds() -> bool:
            return "only this replica" in (held_up.trouble or "")

        await put(net, sent, 1)
        await eventually(holds, seconds=30)
        async with replica(net):
            # The other replica gets its share, and does it, while the first one still waits.
            await taken(database, 1)
            assert silent[0]
            silent[0] = False
            await taken(database, len(SUBJECTS))
        assert_each_once_and_in_order(await effects(database), sent)


async def test_rejected_record_is_in_the_dead_letter_topic_once(net: Network) -> None:
    forged = [
        record(net, review_started(net, subject), signer=System.CSC)  # signed by somebody else
        for subject in SUBJECTS
    ]
    async with replica(net) as (_, database), replica(net):
        await net.publish(*forged)

        async def published() -> bool:
            async with database.session() as session:
                found = await session.execute(TABLES.dead_letters.select())
                return [row.published for row in found] == [1] * len(SUBJECTS)

        await eventually(published, seconds=60)
        letters = await net.read(dead_letters_of(inbox_of(System.REGIONAL_GATEWAY)), len(SUBJECTS) + 1, seconds=3)
    assert sorted(str(letter.key) for letter in letters) == sorted(str(record.key) for record in forged)
    assert {letter.header("dlq-reason") for letter in letters} == {"policy"}
