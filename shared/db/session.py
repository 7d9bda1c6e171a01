"""Where statements run: one connection, within one transaction or for reading.

Statements are built with SQLAlchemy's core, so this is a connection and not an ORM session, which would cost more than
what it runs. On SQLite a statement runs where it is called: it takes some ten microseconds, and a hand-over to a thread
or to another greenlet takes several times as long. On PostgreSQL it is awaited.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.prepared import Parameters, Prepared, Row

Rows = CursorResult[*tuple[Any, ...]]


class DatabaseSession(Protocol):
    """What repositories get. It lives as long as the block of ``Database.session`` or ``Database.transaction``."""

    reading: bool
    """Whether it only reads: it locks no rows, so it neither waits for a writer nor keeps one waiting."""

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        """Run one statement, with one set of parameters or with many; all rows are there when it returns."""

    async def run(self, prepared: Prepared, parameters: Parameters | None = None) -> Sequence[Row]:
        """Run a statement that was prepared; the rows it finds. For what runs with every message."""

    async def scalar(self, statement: Executable, parameters: Parameters | None = None) -> Any:
        """The first column of the first row, or ``None``."""


class InlineSession:
    """SQLite: nothing here waits."""

    dialect = "sqlite"

    def __init__(self, connection: Connection, driver: sqlite3.Connection, *, reading: bool) -> None:
        """``driver``: what is below ``connection``."""
        self.reading = reading
        self._connection = connection
        self._driver = driver

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        """See ``DatabaseSession``."""
        return self._connection.execute(statement, parameters)

    async def run(self, prepared: Prepared, parameters: Parameters | None = None) -> Sequence[Row]:
        """See ``DatabaseSession``."""
        return prepared.run_on_sqlite(self._driver, parameters)

    async def scalar(self, statement: Executable, parameters: Parameters | None = None) -> Any:
        """See ``DatabaseSession``."""
        return self._connection.execute(statement, parameters).scalar()


class AwaitedSession:
    """PostgreSQL."""

    dialect = "postgresql"

    def __init__(self, connection: AsyncConnection, *, reading: bool) -> None:
        self.reading = reading
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> Rows:
        """See ``DatabaseSession``."""
        return await self._connection.execute(statement, parameters)

    async def run(self, prepared: Prepared, parameters: Parameters | None = None) -> Sequence[Row]:
        """See ``DatabaseSession``."""
        result = await self._connection.execute(prepared.statement, parameters)
        return result.all() if result.returns_rows else []

    async def scalar(self, statement: Executable, parameters: Parameters | None = None) -> Any:
        """See ``DatabaseSession``."""
        return (await self._connection.execute(statement, parameters)).scalar()
