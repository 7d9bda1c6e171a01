"""Two replicas at one PostgreSQL database: rows are taken once, numbers have no gap, and what passes by is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.db import postgres
from shared.db.engine import Database
from shared.db.faults import Contended, DatabaseSilent, unfit_value
from shared.db.states import States
from shared.messaging.store import MessageStore
from shared.messaging.work import Sending
from tests.deployed.effects import COUNTERS, METADATA, SERIES, TABLES, Counter, Series
from tests.servers.databases import Databases
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
async def replicas(tmp_path: Path, databases: Databases) -> AsyncIterator[tuple[Database, Database]]:
    """Two replicas' connections to one database."""
    url = databases.url(tmp_path, "shared")
    pair = Database(url, METADATA), Database(url, METADATA)
    # Both at once, as replicas start.
    await asyncio.gather(*(database.open() for database in pair))
    yield pair
    for database in pair:
        await database.close()


def sending(number: int) -> Sending:
    """A message for the gateway."""
    return Sending(f"message-{number:04}", "egov.gateway.in", "application-1", b"{}", ())


async def test_due_messages_are_claimed_by_one_replica_only(replicas: tuple[Database, Database]) -> None:
    store, wanted = MessageStore(TABLES), [f"message-{number:04}" for number in range(60)]
    async with replicas[0].transaction() as session:
        await store.enqueue(session, [sending(number) for number in range(60)], next_attempt_at=0.0)
    async with replicas[0].transaction() as first, replicas[1].transaction() as second:
        # The second does not wait for the first: it passes over what that one holds.
        ours = await store.claim_due(first, 1.0, 20.0, limit=40)
        theirs = await asyncio.wait_for(store.claim_due(second, 1.0, 20.0, limit=40), 5)
    assert [item.message_id for item in ours] == wanted[:40]
    assert [item.message_id for item in theirs] == wanted[40:]
    async with replicas[1].transaction() as session:
        assert await store.claim_due(session, 1.0, 20.0, limit=40) == []


async def take_number(database: Database) -> int:
    """The next number, taken in a transaction of its own."""
    async with database.transaction() as session:
        states = States()
        await states.load(session, [(COUNTERS, "all")])
        counter = states.get(COUNTERS, "all") or Counter("all", 0)
        # Whoever comes between reading and writing would get the same number.
        await asyncio.sleep(0)
        states.apply({(COUNTERS, "all"): Counter("all", counter.last + 1)})
        await states.save(session)
    return counter.last + 1


async def test_numbers_are_gapless_from_the_first_one_on(replicas: tuple[Database, Database]) -> None:
    numbers = await asyncio.gather(*(take_number(replicas[number % 2]) for number in range(40)))
    assert sorted(numbers) == list(range(1, 41))


async def test_row_that_somebody_else_has_just_made_is_not_overwritten(replicas: tuple[Database, Database]) -> None:
    async def load(database: Database, effect: str) -> None:
        async with database.transaction() as session:
            states = States()
            await states.load(session, [(SERIES, "application-1")])
            assert states.get(SERIES, "application-1") is None
            await both.wait()
            states.apply({(SERIES, "application-1"): Series("application-1", [[effect, 1]])})
            await states.save(session)

    both = asyncio.Barrier(2)
    results = await asyncio.gather(load(replicas[0], "one"), load(replicas[1], "two"), return_exceptions=True)
    assert sorted(type(result) for result in results if result is not None) == [Contended]
    async with replicas[0].session() as session:
        (row,) = await session.execute(SERIES.sql.select())
    assert row.effects in ([["one", 1]], [["two", 1]])


async def test_readers_neither_wait_nor_keep_anybody_waiting(replicas: tuple[Database, Database]) -> None:
    await take_number(replicas[0])
    async with replicas[0].transaction() as writing, replicas[1].session() as reading:
        await COUNTERS.load(writing, ["all"])
        found = await asyncio.wait_for(COUNTERS.load(reading, ["all"]), 5)
    assert found["all"].last == 1


async def test_work_for_one_is_done_by_one_at_a_time(replicas: tuple[Database, Database]) -> None:
    mine, its = replicas
    async with mine.alone("dead letters") as first, its.alone("dead letters") as second, its.alone("other") as other:
        assert (first, second, other) == (True, False, True)
    async with replicas[1].alone("dead letters") as again:
        assert again


async def test_value_that_cannot_be_kept_is_known_as_such(replicas: tuple[Database, Database]) -> None:
    for value in ("a\0b", "\ud800"):
        with pytest.raises(DBAPIError) as caught:
            async with replicas[0].transaction() as session:
                await COUNTERS.save(session, [Counter(value, 1)])
        assert unfit_value(caught.value)


async def test_server_that_is_away_is_waited_for_and_found_again(tmp_path: Path) -> None:
    server = PostgresServer()
    try:
        server.start()
        database = Database(server.url, METADATA)
        await database.open()
        assert await database.fault() is None
        server.stop("immediate")
        assert (await database.fault() or "").startswith("database: ")
        with pytest.raises(DatabaseSilent):
            async with database.transaction() as session:
                await session.execute(text("SELECT 1"))
        with pytest.raises(DatabaseSilent):
            await database.open(patience_s=0.3)
        opening = asyncio.create_task(database.open(patience_s=60))
        await asyncio.to_thread(server.start)
        await opening
        assert await database.fault() is None
        await database.close()
    finally:
        server.drop()


async def test_when_all_connections_are_in_use_that_passes_by_itself(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_FREE_WITHIN_S", 0.1)
    database = Database(databases.url(tmp_path, "narrow"), METADATA, connections=1)
    await database.open()
    async with database.transaction():
        with pytest.raises(DatabaseSilent, match="in use"):
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
    assert await database.fault() is None
    await database.close()
