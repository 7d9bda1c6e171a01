"""States: the rows that message handlers work on, loaded in one query a kind and saved in one statement a kind.

A handler never sees a session. It gets immutable records (frozen dataclasses of ``domain``) and puts changed ones back;
the unit of work saves them in the transaction of the batch.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from shared.db.statements import dialect_of, keys_parameter, select_by_keys, upsert

Record = TypeVar("Record")


@dataclass(frozen=True, eq=False)
class StateKind(Generic[Record]):
    """A table whose rows are ``record`` dataclasses with the same field names, found by ``key``."""

    table: type[SQLModel]
    record: type[Record]
    key: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns that make a record."""
        return tuple(field.name for field in fields(self.record))  # type: ignore[arg-type]

    @property
    def sql(self) -> Table:
        """The SQLAlchemy table behind the model."""
        table: Table = self.table.__table__  # type: ignore[attr-defined]
        return table

    def key_of(self, record: Record) -> str:
        """The key of ``record``."""
        return str(getattr(record, self.key))

    async def load(self, session: AsyncSession, keys: Collection[str]) -> dict[str, Record]:
        """The records with these keys that exist, by key; locked until the transaction ends where rows can be
        locked."""
        dialect = dialect_of(session)
        statement = select_by_keys(self.sql, self.names, self.key, dialect)
        rows = await session.execute(statement, keys_parameter(keys, dialect))
        found = (self.record(**dict(zip(self.names, row, strict=True))) for row in rows)
        return {self.key_of(record): record for record in found}

    async def save(self, session: AsyncSession, records: Iterable[Record]) -> None:
        """Insert or update ``records``."""
        names = self.names
        rows = [{name: getattr(record, name) for name in names} for record in records]
        if not rows:
            return
        await session.execute(upsert(self.sql, self.key, names, dialect_of(session)), rows)


StateKey = tuple[StateKind[Any], str]
"""Which record a handler will work on."""


class States:
    """The records loaded for a unit of work, and which of them changed."""

    def __init__(self) -> None:
        self._loaded: dict[StateKind[Any], dict[str, Any]] = {}
        self._absent: set[StateKey] = set()
        self._changed: dict[StateKey, Any] = {}

    async def load(self, session: AsyncSession, wanted: Iterable[StateKey]) -> None:
        """Load all wanted records, one query a kind."""
        by_kind: dict[StateKind[Any], set[str]] = {}
        for kind, key in wanted:
            by_kind.setdefault(kind, set()).add(key)
        for kind, keys in by_kind.items():
            known = self._loaded.setdefault(kind, {})
            missing = keys - known.keys()
            known.update(await kind.load(session, missing))
            self._absent.update((kind, key) for key in missing - known.keys())

    def get(self, kind: StateKind[Record], key: str) -> Record | None:
        """The record, or ``None`` if there is none. Raises ``LookupError`` if it was never asked for: that is a
        defect."""
        known = self._loaded.get(kind, {})
        if key in known:
            record: Record = known[key]
            return record
        if (kind, key) not in self._absent:
            raise LookupError(f"{kind.record.__name__} {key!r} was not loaded for this unit of work")
        return None

    def apply(self, changes: Mapping[StateKey, Any]) -> None:
        """Take over the changes of one handler that succeeded."""
        for (kind, key), record in changes.items():
            self._loaded.setdefault(kind, {})[key] = record
            self._changed[kind, key] = record

    async def save(self, session: AsyncSession) -> None:
        """Write every changed record, one statement a kind."""
        by_kind: dict[StateKind[Any], list[Any]] = {}
        for (kind, _), record in self._changed.items():
            by_kind.setdefault(kind, []).append(record)
        for kind, records in by_kind.items():
            await kind.save(session, records)
