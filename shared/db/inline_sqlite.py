"""SQLite for an event loop, without a thread: each statement runs where it is called.

A statement of this stand takes some ten microseconds; handing it to a thread and back, as aiosqlite does, takes ten
times as long, and there are several hand-overs a statement. WAL with ``synchronous=NORMAL`` keeps commits free of disk
flushes; only a checkpoint, once in a thousand pages, makes the loop wait for the disk.

``connect`` is for ``create_async_engine(async_creator=…)``: what it returns has the methods of an aiosqlite connection
that SQLAlchemy's dialect calls.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # Survives a killed process; only a power cut can take the last commits, and senders then send them again.
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)
_PATIENCE_S = 5.0
"""How long a statement waits for another process to let go of the file."""


class InlineCursor:
    """A cursor whose coroutines never wait."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._cursor.close()

    @property
    def description(self) -> Any:
        """Columns of the result (PEP 249)."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """Rows touched (PEP 249)."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Row id of the last insert."""
        return self._cursor.lastrowid

    async def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Run one statement."""
        self._cursor.execute(sql, parameters if parameters is not None else ())
        return self

    async def executemany(self, sql: str, parameters: Sequence[Any]) -> Self:
        """Run one statement for many rows."""
        self._cursor.executemany(sql, parameters)
        return self

    async def fetchone(self) -> Any:
        """The next row or ``None``."""
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        return self._cursor.fetchmany(size or self.arraysize)

    async def fetchall(self) -> list[Any]:
        """All remaining rows."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Let go of the result."""
        self._cursor.close()


class InlineConnection:
    """A connection whose coroutines never wait."""

    def __init__(self, file: str) -> None:
        # isolation_level=None: the driver must not open transactions by itself, BEGIN IMMEDIATE is ours to say.
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            file, isolation_level=None, timeout=_PATIENCE_S, cached_statements=512
        )
        for pragma in _PRAGMAS:
            self._connection.execute(pragma)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    @property
    def isolation_level(self) -> str | None:
        """Always ``None``: transactions are begun by statement."""
        return self._open().isolation_level

    def cursor(self) -> InlineCursor:
        """A new cursor."""
        return InlineCursor(self._open().cursor())

    async def create_function(self, name: str, narg: int, func: Callable[..., Any], **options: Any) -> None:
        """Make a Python function known to SQL."""
        self._open().create_function(name, narg, func, **options)

    async def commit(self) -> None:
        """Commit."""
        self._open().commit()

    async def rollback(self) -> None:
        """Roll back."""
        self._open().rollback()

    async def close(self) -> None:
        """Close the file; closing twice is fine."""
        self.stop()

    def stop(self) -> None:
        """Close the file at once."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def connect(file: Path | str) -> Callable[..., Any]:
    """A creator of connections to ``file`` for ``create_async_engine(async_creator=…)``."""

    async def create(*_: Any, **__: Any) -> InlineConnection:
        return InlineConnection(str(file))

    return create
