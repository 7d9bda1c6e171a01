"""States: the rows that message handlers work on, loaded in one query a kind and saved in one statement a kind.

A handler never sees a session. It gets immutable records (frozen dataclasses of ``domain``) and puts changed ones back;
the unit of work saves them in the transaction of the batch.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, Table, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from shared.db.faults import Contended, duplicates
from shared.db.missed import NotLoaded
from shared.db.postgres import take_names
from shared.db.prepared import Parameters, Row
from shared.db.session import DatabaseSession
from shared.db.statements import VALUE, insert, keys_parameter, select_by_keys, select_one, upsert

Record = TypeVar("Record")


@dataclass(frozen=True, eq=False)
class StateKind(Generic[Record]):
    """A table whose rows are ``record`` dataclasses with the same field names, found by ``key``."""

    table: type[SQLModel]
    record: type[Record]
    key: str
    contended: bool = False
    """Several may want the first row of a key at the same time (counters, slots, failed sign-ins): absent keys are
    locked by name, so that the second sees what the first has made."""
    locked: bool = True
    """False for what everybody reads and hardly anybody changes: it is read as it stands, and keeps nobody waiting."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns that make a record."""
        return tuple(field.name for field in fields(self.record))  # type: ignore[arg-type]

    @cached_property
    def _by_name(self) -> bool:
        return any(field.kw_only for field in fields(self.record))  # type: ignore[arg-type]

    @property
    def sql(self) -> Table:
        """The SQLAlchemy table behind the model."""
        table: Table = self.table.__table__  # type: ignore[attr-defined]
        return table

    def key_of(self, record: Record) -> str:
        """The key of ``record``."""
        return str(getattr(record, self.key))

    def select(self) -> Select[*tuple[Any, ...]]:
        """A query for records, to be narrowed and ordered; ``read`` runs it."""
        return select(*(self.sql.c[name] for name in self.names))

    async def read(
        self, session: DatabaseSession, query: Select[*tuple[Any, ...]], parameters: Parameters | None = None
    ) -> list[Record]:
        """The records that ``query`` (made with ``select``) finds, in its order. A list of any length goes into it with
        ``among`` and ``keys_parameter``, for a database takes no more than so many values one by one."""
        return self._records(await session.execute(query, parameters))

    async def find(self, session: DatabaseSession, value: str, *, by: str | None = None) -> Record | None:
        """The record whose column ``by`` (default: the key) is ``value``, for reading: nothing is locked."""
        rows = await session.run(select_one(self.sql, self.names, by or self.key), {VALUE: value})
        return next(iter(self._records(rows)), None)

    async def load(self, session: DatabaseSession, keys: Collection[str]) -> dict[str, Record]:
        """The records with these keys that exist, by key; in a transaction locked until it ends where rows can be
        locked."""
        found = await self._select(session, keys)
        if self.contended and len(found) < len(keys) and session.dialect == "postgresql" and not session.reading:
            absent = [key for key in keys if key not in found]
            await take_names(session, [f"{self.sql.name}/{key}" for key in absent])
            found |= await self._select(session, absent)
        return found

    async def _select(self, session: DatabaseSession, keys: Collection[str]) -> dict[str, Record]:
        dialect = session.dialect
        statement = select_by_keys(self.sql, self.names, self.key, dialect, lock=self.locked and not session.reading)
        rows = await session.run(statement, keys_parameter(keys, dialect))
        return {self.key_of(record): record for record in self._records(rows)}

    async def save(self, session: DatabaseSession, records: Iterable[Record]) -> None:
        """Insert or update ``records``."""
        if rows := self._rows(records):
            await session.run(upsert(self.sql, self.key, self.names, self.names, session.dialect), rows)

    async def insert(self, session: DatabaseSession, records: Iterable[Record]) -> None:
        """Insert ``records``, none of which was there when it was looked for.

        Raises ``Contended`` if one is there now (PostgreSQL; on SQLite nobody can come between).
        """
        rows = self._rows(records)
        if not rows:
            return
        try:
            await session.run(insert(self.sql, self.names), rows)
        except IntegrityError as error:
            if duplicates(error, self.key):
                raise Contended(f"somebody else has just made a row of {self.sql.name}") from error
            raise

    def _records(self, rows: Iterable[Row]) -> list[Record]:
        if self._by_name:
            return [self.record(**dict(zip(self.names, row, strict=True))) for row in rows]
        return [self.record(*row) for row in rows]

    def _rows(self, records: Iterable[Record]) -> list[dict[str, Any]]:
        names = self.names
        return [{name: getattr(record, name) for name in names} for record in records]


StateKey = tuple[StateKind[Any], str]
"""Which record a handler will work on."""


class States:
    """The records loaded for a unit of work, and which of them changed."""

    def __init__(self) -> None:
        self._loaded: dict[StateKind[Any], dict[str, Any]] = {}
        self._absent: set[StateKey] = set()
        self._changed: dict[StateKey, Any] = {}

    async def load(self, session: DatabaseSession, wanted: Iterable[StateKey]) -> None:
        """Load all wanted records, one query a kind."""
        by_kind: dict[StateKind[Any], set[str]] = {}
        for kind, key in wanted:
            by_kind.setdefault(kind, set()).add(key)
        # The order is the same for everybody, so that two never wait for each other's rows.
        for kind, keys in sorted(by_kind.items(), key=_table_name):
            known = self._loaded.setdefault(kind, {})
            missing = keys - known.keys()
            known.update(await kind.load(session, missing))
            self._absent.update((kind, key) for key in missing - known.keys())

    def get(self, kind: StateKind[Record], key: str) -> Record | None:
        """The record, or ``None`` if there is none. Raises ``NotLoaded`` if it was never asked for: whoever runs the
        unit of work loads it and runs it again."""
        known = self._loaded.get(kind, {})
        if key in known:
            record: Record = known[key]
            return record
        if (kind, key) not in self._absent:
            raise NotLoaded((kind, key))
        return None

    def apply(self, changes: Mapping[StateKey, Any]) -> None:
        """Take over the changes of one handler that succeeded."""
        for (kind, key), record in changes.items():
            self._loaded.setdefault(kind, {})[key] = record
            self._changed[kind, key] = record

    async def save(self, session: DatabaseSession) -> None:
        """Write every changed record, one statement a kind."""
        strict = session.dialect == "postgresql"
        known: dict[StateKind[Any], list[Any]] = {}
        new: dict[StateKind[Any], list[Any]] = {}
        for (kind, key), record in self._changed.items():
            found = new if strict and (kind, key) in self._absent else known
            found.setdefault(kind, []).append(record)
        for kind, records in sorted(new.items(), key=_table_name):
            await kind.insert(session, records)
        for kind, records in sorted(known.items(), key=_table_name):
            await kind.save(session, records)


def _table_name(item: tuple[StateKind[Any], Any]) -> str:
    return item[0].sql.name
