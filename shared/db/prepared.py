"""Statements that run again and again: SQLAlchemy builds and compiles each once and knows its types; on SQLite only the
driver runs them.

To execute such a statement through SQLAlchemy takes several times as long as the statement itself, and a message of the
stand takes half a dozen of them.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from shared.db.types import JSON_CODEC

Row = Sequence[Any]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
_Convert = Callable[[Any], Any]
_SQLITE: Any = sqlite.dialect(**JSON_CODEC)  # type: ignore[arg-type]


class Prepared:
    """One statement, for either database: ``statement`` for SQLAlchemy, ``run_on_sqlite`` for SQLite's driver.

    Its text must not depend on its parameters (no ``IN`` with a list), and no column may have a default of its own.
    """

    def __init__(self, statement: Any, columns: Collection[str] | None = None) -> None:
        """``columns``: those that an insert gives values for."""
        self.statement = statement
        self._columns = columns

    @cached_property
    def _compiled(self) -> "_Compiled":
        return _Compiled(self.statement.compile(dialect=_SQLITE, column_keys=self._columns), self.statement)

    def run_on_sqlite(self, driver: sqlite3.Connection, parameters: Parameters | None = None) -> list[Row]:
        """Run it with one set of parameters, or with many; the rows it finds. Raises SQLAlchemy's ``DBAPIError``."""
        compiled = self._compiled
        with raised_as_such(compiled.text):
            if parameters is None or isinstance(parameters, Mapping):
                return compiled.found(driver.execute(compiled.text, compiled.bind(parameters or {})))
            driver.executemany(compiled.text, [compiled.bind(each) for each in parameters])
        return []


@contextmanager
def raised_as_such(statement: str) -> Iterator[None]:
    """What the driver raises leaves as SQLAlchemy's ``DBAPIError``, as if it had run ``statement``."""
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error, dialect=_SQLITE) from error


class _Compiled:
    """The text of a statement and how values go in and come out."""

    def __init__(self, compiled: SQLCompiler, statement: Any) -> None:
        self.text = str(compiled)
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup or []]
        self._into = [(name, _into(bind.type)) for name, bind in binds]
        self._fixed = {name: bind.effective_value for name, bind in binds if not bind.required}
        selected = statement.selected_columns if isinstance(statement, Select) else ()
        self._out_of = [
            (place, convert) for place, column in enumerate(selected) if (convert := _out_of(column.type)) is not None
        ]

    def bind(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the text. Raises ``KeyError`` if one is missing."""
        values = {**self._fixed, **parameters} if self._fixed else parameters
        return [convert(values[name]) if convert else values[name] for name, convert in self._into]

    def found(self, cursor: sqlite3.Cursor) -> list[Row]:
        """All rows of a cursor, each value as its column's type says."""
        rows: list[Row] = cursor.fetchall()
        if not self._out_of or not rows:
            return rows
        changed: list[Row] = []
        for row in rows:
            values = list(row)
            for place, convert in self._out_of:
                values[place] = convert(values[place])
            changed.append(values)
        return changed


def _into(kind: TypeEngine[Any]) -> _Convert | None:
    return kind.dialect_impl(_SQLITE).bind_processor(_SQLITE)


def _out_of(kind: TypeEngine[Any]) -> _Convert | None:
    return kind.dialect_impl(_SQLITE).result_processor(_SQLITE, None)
