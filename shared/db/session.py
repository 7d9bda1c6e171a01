"""Where statements run: one connection, within one transaction or for reading.

Statements are built with SQLAlchemy's core, so this is a connection and not an ORM session, which would cost more than
what it runs. On SQLite a statement runs where it is called: it takes some ten microseconds, and a hand-over to a thread
or to another greenlet takes several times as long. On PostgreSQL it is awaited.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

Rows = CursorResult[*tuple[Any, ...]]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class DatabaseSession(Protocol):
    """What repositories get. It lives as long as the block of ``Database.session`` or ``Database.transaction``."""

    reading: bool
    """Whether it only reads: it locks no rows, so it neither waits for a writer nor keeps one waiting."""

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """Run one statement, with one set of parameters or with many; all rows are there when it returns."""

    async def scalar(self, statement: Executable, parameters: Parameters = None) -> Any:
        """The first column of the first row, or ``None``."""


class InlineSession:
    """SQLite: nothing here waits."""

    dialect = "sqlite"

    def __init__(self, connection: Connection, *, reading: bool) -> None:
        self.reading = reading
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """See ``DatabaseSession``."""
        return self._connection.execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Parameters = None) -> Any:
        """See ``DatabaseSession``."""
        return self._connection.execute(statement, parameters).scalar()


class AwaitedSession:
    """PostgreSQL."""

    dialect = "postgresql"

    def __init__(self, connection: AsyncConnection, *, reading: bool) -> None:
        self.reading = reading
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """See ``DatabaseSession``."""
        return await self._connection.execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Parameters = None) -> Any:
        """See ``DatabaseSession``."""
        return (await self._connection.execute(statement, parameters)).scalar()
