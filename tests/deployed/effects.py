"""A handler whose effects can be counted: it numbers every message without gaps and lists them by subject."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import JSON, Column, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.db.engine import Database
from shared.db.states import StateKey, StateKind
from shared.kit.errors import Transient
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.records import Received
from shared.messaging.tables import MessagingTables
from shared.messaging.work import Work

_METADATA = MetaData()
TABLES = MessagingTables.define(_METADATA)


class _Table(SQLModel, registry=registry(metadata=_METADATA)):
    pass


class SeriesRow(_Table, table=True):
    """The messages of one subject in the order of their effects, each with its number."""

    __tablename__ = "series"

    subject: str = Field(primary_key=True)
    effects: list[Any] = Field(sa_column=Column(JSON, nullable=False))


class CounterRow(_Table, table=True):
    """The last number given."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    last: int


@dataclass(frozen=True)
class Series:
    """Record of ``SeriesRow``."""

    subject: str
    effects: list[list[Any]]


@dataclass(frozen=True)
class Counter:
    """Record of ``CounterRow``."""

    name: str
    last: int


SERIES = StateKind(SeriesRow, Series, "subject")
COUNTERS = StateKind(CounterRow, Counter, "name", contended=True)
METADATA = _METADATA


def counting_handlers(silent: list[bool] | None = None) -> Handlers:
    """Number every started review; while ``silent[0]``, something that only this replica needs is silent."""

    def loads(received: Received) -> Iterable[StateKey]:
        return [(SERIES, received.message.subject), (COUNTERS, "all")]

    def handle(work: Work, received: Received) -> None:
        if silent is not None and silent[0]:
            raise Transient("something that only this replica needs is silent")
        counter = work.get(COUNTERS, "all") or Counter("all", 0)
        series = work.get(SERIES, received.message.subject) or Series(received.message.subject, [])
        number = counter.last + 1
        work.put(COUNTERS, replace(counter, last=number))
        work.put(SERIES, replace(series, effects=[*series.effects, [received.message.id, number]]))

    handlers = Handlers()
    handlers.on(MessageType.REVIEW_STARTED, handle, loads)
    return handlers


async def effects(database: Database) -> dict[str, list[list[Any]]]:
    """The effects by subject."""
    async with database.session() as session:
        rows = await session.execute(SERIES.sql.select())
        return {row.subject: row.effects for row in rows}


def assert_each_once_and_in_order(found: dict[str, list[list[Any]]], sent: dict[str, list[str]]) -> None:
    """Every message had one effect, in the order it was sent for its subject; the numbers have no gap."""
    assert {subject: [message for message, _ in done] for subject, done in found.items()} == sent
    numbers = sorted(number for done in found.values() for _, number in done)
    assert numbers == list(range(1, sum(map(len, sent.values())) + 1))
