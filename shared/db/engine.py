"""One service's database: SQLite (WAL) or PostgreSQL behind one interface.

A transaction that writes takes the write lock first. On SQLite that is ``BEGIN IMMEDIATE`` behind an in-process lock,
because SQLite's own busy handler sleeps between tries; on PostgreSQL rows are locked as they are read.

What passes by itself (a server that restarts, a deadlock) leaves as ``Transient``: a message is tried again, a caller
is told 503.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, MetaData, QueuePool, Table, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.faults import DatabaseSilent, DiskFails, passing
from shared.db.inline_sqlite import begin, create_sqlite_engine, driver_of, writing
from shared.db.postgres import create_postgres_engine, take_names, try_name
from shared.db.schema import Upgrade, bring_up_to_date
from shared.db.session import AwaitedSession, DatabaseSession, InlineSession
from shared.kit.durable import make_folder
from shared.kit.errors import InvalidInput

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

PATIENCE_S = 60.0
"""How long ``open`` waits for a silent database."""
_ANSWERS_WITHIN_S = 3.0


class Database:
    """Engine and transactions of one service. Nothing connects before ``open`` or the first session."""

    def __init__(self, url: str, metadata: MetaData, *, connections: int = 10) -> None:
        """``url`` is a SQLAlchemy URL (``sqlite:///…`` or ``postgresql+asyncpg://…``); ``connections``: how many
        PostgreSQL may be asked for at once. Raises ``InvalidInput`` for anything else."""
        self.metadata = metadata
        self.dialect = _kind_of(url)
        self._write_lock = asyncio.Lock()
        self._writer: Connection | None = None
        self._engine: Engine | AsyncEngine
        if self.dialect == "sqlite":
            self._engine = create_sqlite_engine(url)
        else:
            self._engine = create_postgres_engine(url, connections)

    async def open(self, patience_s: float = PATIENCE_S) -> Upgrade:
        """Bring the tables up to date, by the service's migrations if it has any; what was done.

        Waits for a silent server. Raises ``DatabaseSilent`` after ``patience_s``, ``DiskFails`` at once,
        ``SchemaMismatch``.
        """
        deadline, told = asyncio.get_running_loop().time() + patience_s, ""
        while True:
            try:
                return await self.upgrade()
            except DiskFails:
                raise
            except DatabaseSilent as silent:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                if told != str(silent):
                    log.warning("waiting for the database: %s", silent.detail)
                told = str(silent)
                await asyncio.sleep(0.2)

    async def upgrade(self) -> Upgrade:
        """As ``open``, without waiting. Two replicas at the same time: one of them does it."""
        return await self.define(lambda connection: bring_up_to_date(connection, self.metadata))

    async def create_tables(self) -> None:
        """Create the tables that are not there yet, whatever the migrations say; for tests and measurements."""
        await self.define(self.metadata.create_all)

    async def define(self, work: Callable[[Connection], Answer]) -> Answer:
        """Let ``work`` change tables: all of it happens or none."""
        with _passing_as_such():
            if isinstance(self._engine, AsyncEngine):
                async with self._engine.begin() as waiting:
                    return await waiting.run_sync(work)
            with self._engine.begin() as connection:
                begin(driver_of(connection))
                return work(connection)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[DatabaseSession]:
        """A session for reading: it locks nothing, and whatever it changes is rolled back."""
        with _passing_as_such():
            if isinstance(self._engine, AsyncEngine):
                async with self._engine.connect() as waiting:
                    yield AwaitedSession(waiting, reading=True)
                return
            with self._engine.connect() as connection:
                yield InlineSession(connection, driver_of(connection), reading=True)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[DatabaseSession]:
        """A session for one unit of work: committed when the block ends, rolled back when it raises."""
        with _passing_as_such():
            if isinstance(self._engine, AsyncEngine):
                async with self._engine.begin() as waiting:
                    yield AwaitedSession(waiting, reading=False)
                return
            async with self._write_lock:
                with writing(self._writing_connection()) as session:
                    yield session

    def _writing_connection(self) -> Connection:
        # One at a time writes, so one connection is enough; taken from the pool and given back for each transaction it
        # would cost as much as the transaction.
        if self._writer is None:
            self._writer = cast("Engine", self._engine).connect()
        return self._writer

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[bool]:
        """Whether this replica may do the work ``name`` just now; while the block lasts no other may.

        An SQLite database has no second replica.
        """
        if self.dialect == "sqlite":
            yield True
            return
        async with self.transaction() as session:
            yield await try_name(session, name)

    async def serialise(self, session: DatabaseSession, name: str) -> None:
        """Wait until no other transaction has taken ``name``, and take it until this one ends."""
        if self.dialect != "sqlite":
            await take_names(session, [name])

    async def fault(self) -> str | None:
        """Why the database does not answer, or ``None`` if it does."""
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_S), self.session() as session:
                await session.execute(text("SELECT 1"))
        except DatabaseSilent as error:
            return f"database: {error.detail}"
        except (SQLAlchemyError, OSError) as error:
            return f"database: {type(error).__name__}"
        return None

    def connections(self) -> dict[str, int]:
        """How many connections are ``in_use`` and how many ``idle``."""
        pool = cast("QueuePool", self._engine.pool)
        return {"in_use": pool.checkedout(), "idle": pool.checkedin()}

    async def clear(self, *, keep: Collection[Table] = ()) -> None:
        """Delete every row of every table but those to ``keep``; the reset of the stand."""
        async with self.transaction() as session:
            for table in reversed(self.metadata.sorted_tables):
                if table not in keep:
                    await session.execute(table.delete())

    async def close(self) -> None:
        """Close all connections."""
        if isinstance(self._engine, AsyncEngine):
            await self._engine.dispose()
        else:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self._engine.dispose()


def _kind_of(url: str) -> str:
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError:
        kind = "none"
    if kind not in ("sqlite", "postgresql"):
        # Not shown: there may be a password in it.
        raise InvalidInput("the database URL is neither sqlite:///… nor postgresql+asyncpg://…")
    return kind


@contextmanager
def _passing_as_such() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        found = passing(error)
        if found is None:
            raise
        raise found from error


def sqlite_url(directory: Path, name: str) -> str:
    """The URL of the SQLite file of service ``name`` in ``directory`` (created if absent), whatever that is called."""
    make_folder(directory)
    return URL.create("sqlite", database=str(directory / f"{name}.sqlite")).render_as_string()
