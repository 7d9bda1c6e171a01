"""SQLite for an event loop, without a thread: each statement runs where it is called.

A statement of this stand takes some ten microseconds; handing it to a thread and back, as aiosqlite does, takes ten
times as long, and there are several hand-overs a statement. WAL with ``synchronous=NORMAL`` keeps commits free of disk
flushes; only a checkpoint, once in a thousand pages, makes the loop wait for the disk.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url

from shared.db.prepared import raised_as_such
from shared.db.session import InlineSession
from shared.db.types import JSON_CODEC

_BEGIN = "BEGIN IMMEDIATE"
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # Survives a killed process; only a power cut can take the last commits, and senders then send them again.
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
)
_PATIENCE_S = 5.0
"""How long a statement waits for another process to let go of the file."""
_KEPT_OPEN = 10


def create_sqlite_engine(url: str) -> Engine:
    """An engine on the file of ``url`` (``sqlite+aiosqlite:///…`` or ``sqlite:///…``), for the thread that made it."""
    file = make_url(url).database or ":memory:"

    def connect() -> sqlite3.Connection:
        if file != ":memory:":
            _keep_from_others(file)
        # isolation_level=None: the driver must not open transactions by itself, BEGIN IMMEDIATE is ours to say.
        connection = sqlite3.connect(file, isolation_level=None, timeout=_PATIENCE_S, cached_statements=512)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    # However many read at the same time: waiting for a connection would stop the loop that is to give one back.
    return create_engine(
        URL.create("sqlite", database=file), creator=connect, pool_size=_KEPT_OPEN, max_overflow=-1, **JSON_CODEC
    )


def _keep_from_others(file: str) -> None:
    """Have ``file`` readable for its owner only, and so those that SQLite puts beside it, which it makes alike."""
    # Where that fails, SQLite fails too and says why, or somebody else owns the file and lets us use it. One that is
    # there is not opened: closing it would undo the locks that this process has on it.
    with suppress(OSError):
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            for path in (Path(file), Path(f"{file}-wal"), Path(f"{file}-shm")):
                path.chmod(0o600)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's connection below SQLAlchemy's."""
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def begin(driver: sqlite3.Connection) -> None:
    """Take the write lock; the driver begins nothing by itself."""
    with raised_as_such(_BEGIN):
        driver.execute(_BEGIN)


@contextmanager
def writing(connection: Connection) -> Iterator[InlineSession]:
    """A transaction on ``connection``: committed when the block ends, rolled back when it raises."""
    driver = driver_of(connection)
    begin(driver)
    try:
        yield InlineSession(connection, driver, reading=False)
        with raised_as_such("COMMIT"):
            driver.commit()
    except BaseException:
        driver.rollback()
        raise
    finally:
        # SQLAlchemy has begun one of its own if it ran a statement; the driver is done with it.
        connection.rollback()
