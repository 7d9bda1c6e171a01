"""Statements that SQLAlchemy compiles and SQLite's driver runs: the same values as if SQLAlchemy had run them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, MetaData, String, Table, select
from sqlalchemy.exc import IntegrityError

from shared.db.engine import Database, sqlite_url
from shared.db.statements import VALUE, delete_by_keys, insert, keys_parameter, select_by_keys, select_one, upsert
from shared.db.types import UTCDateTime

METADATA = MetaData()
THINGS = Table(
    "things",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("id", String, unique=True, nullable=False),
    Column("content", JSON),
    Column("optional", JSON(none_as_null=True)),
    Column("at", UTCDateTime),
    Column("value", LargeBinary),
    Column("good", Boolean),
)
NAMES = ("id", "content", "optional", "at", "value", "good")
NOON = datetime(2026, 3, 20, 12, 0, 0, 250, tzinfo=UTC)


def thing(key: str, **values: Any) -> dict[str, Any]:
    """A row."""
    return {
        "id": key,
        "content": {"surname": "Әлібек", "list": [1, None]},
        "optional": None,
        "at": NOON.astimezone(timezone(timedelta(hours=5))),
        "value": b"\x00\xff",
        "good": True,
    } | values


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """With one table."""
    found = Database(sqlite_url(tmp_path, "things"), METADATA)
    await found.create_tables()
    yield found
    await found.close()


async def ids(database: Database) -> list[str]:
    """What another connection sees."""
    async with database.session() as session:
        return [row[0] for row in await session.execute(select(THINGS.c.id).order_by(THINGS.c.id))]


async def test_values_come_back_as_their_columns_say(database: Database) -> None:
    rows = [thing("a"), thing("b", content=None, optional=[], at=None, value=None, good=None), thing("c", good=False)]
    async with database.transaction() as session:
        await session.run(insert(THINGS, NAMES), rows)
    async with database.session() as session:
        prepared = await session.run(select_by_keys(THINGS, NAMES, "id", "sqlite"), keys_parameter("cba", "sqlite"))
        plain = (await session.execute(select(*(THINGS.c[name] for name in NAMES)).order_by(THINGS.c.id))).all()
        (one,) = await session.run(select_one(THINGS, ("at",), "id"), {VALUE: "a"})
    assert [tuple(row) for row in prepared] == [tuple(row) for row in plain]
    assert [dict(zip(NAMES, row, strict=True)) for row in prepared] == rows
    assert one[0] == NOON
    assert one[0].tzinfo is UTC


async def test_what_is_there_is_changed_and_what_is_named_goes(database: Database) -> None:
    statement = upsert(THINGS, "id", NAMES, ("value",), "sqlite")
    async with database.transaction() as session:
        await session.run(statement, [thing("a"), thing("b")])
        await session.run(statement, thing("a", value=b"new", good=False))
        await session.run(delete_by_keys(THINGS, "id", "sqlite"), keys_parameter(["b"], "sqlite"))
        (row,) = await session.run(select_one(THINGS, ("value", "good"), "id"), {VALUE: "a"})
    assert tuple(row) == (b"new", True)
    assert await ids(database) == ["a"]


async def test_a_value_that_is_missing_is_an_error_and_no_null(database: Database) -> None:
    lacking = {name: value for name, value in thing("a").items() if name != "value"}
    with pytest.raises(KeyError, match="value"):
        async with database.transaction() as session:
            await session.run(insert(THINGS, NAMES), [lacking])
    assert await ids(database) == []


async def test_a_fault_of_the_driver_is_one_of_sqlalchemy_and_undoes_everything(database: Database) -> None:
    async def insert_twice() -> None:
        async with database.transaction() as session:
            await session.execute(THINGS.insert(), [{"id": "z"}])
            await session.run(insert(THINGS, NAMES), [thing("a")])
            await session.run(insert(THINGS, NAMES), [thing("a")])

    with pytest.raises(IntegrityError, match="UNIQUE"):
        await insert_twice()
    assert await ids(database) == []


async def test_both_ways_to_run_a_statement_are_one_transaction(database: Database) -> None:
    async with database.transaction() as session:
        await session.run(insert(THINGS, NAMES), [thing("a")])
        assert (await session.execute(select(THINGS.c.id))).all() == [("a",)]
        await session.execute(THINGS.insert(), [{"id": "b"}])
        assert len(await session.run(select_by_keys(THINGS, ("id",), "id", "sqlite"), keys_parameter("ab", "sqlite")))
        assert await ids(database) == []
    assert await ids(database) == ["a", "b"]


async def test_who_is_interrupted_has_changed_nothing_and_the_next_can_write(database: Database) -> None:
    async def begin() -> None:
        async with database.transaction() as session:
            await session.run(insert(THINGS, NAMES), [thing("a")])
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        await begin()
    async with database.transaction() as session:
        await session.run(insert(THINGS, NAMES), [thing("b")])
    assert await ids(database) == ["b"]
