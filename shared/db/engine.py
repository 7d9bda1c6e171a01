"""One service's database: SQLite (WAL) or PostgreSQL behind one interface.

A transaction that writes takes the write lock first. On SQLite that is ``BEGIN IMMEDIATE`` behind an in-process lock,
because SQLite's own busy handler sleeps between tries; on PostgreSQL rows are locked as they are read.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import MetaData, Table, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from shared.db.inline_sqlite import connect


class Database:
    """Engine and transactions of one service. Nothing connects before ``create_tables`` or the first session."""

    def __init__(self, url: str, metadata: MetaData) -> None:
        """``url`` is a SQLAlchemy URL (``sqlite+aiosqlite:///…`` or ``postgresql+asyncpg://…``)."""
        self.metadata = metadata
        self.dialect = make_url(url).get_backend_name()
        self._write_lock = asyncio.Lock()
        if self.dialect == "sqlite":
            self.engine = create_async_engine(url, async_creator=connect(make_url(url).database or ":memory:"))
        else:
            self.engine = create_async_engine(url, pool_size=10, pool_pre_ping=True)

    async def create_tables(self) -> None:
        """Create the tables that are not there yet."""
        async with self.engine.begin() as connection:
            await connection.run_sync(self.metadata.create_all)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; whatever it changes is rolled back."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session for one unit of work: committed when the block ends, rolled back when it raises."""
        if self.dialect != "sqlite":
            async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session, session.begin():
                yield session
            return
        async with self._write_lock, AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            await session.execute(text("BEGIN IMMEDIATE"))
            async with _committed(session):
                yield session

    async def fault(self) -> str | None:
        """Why the database does not answer, or ``None`` if it does."""
        try:
            async with self.session() as session:
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            return f"database: {type(error).__name__}"
        return None

    async def clear(self, *, keep: Collection[Table] = ()) -> None:
        """Delete every row of every table but those to ``keep``; the reset of the stand."""
        async with self.transaction() as session:
            for table in reversed(self.metadata.sorted_tables):
                if table not in keep:
                    await session.execute(table.delete())

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


@asynccontextmanager
async def _committed(session: AsyncSession) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await session.rollback()
        raise
    await session.commit()


def sqlite_url(directory: Path, name: str) -> str:
    """The URL of the SQLite file of service ``name`` in ``directory`` (created if absent)."""
    directory.mkdir(parents=True, exist_ok=True)
    return f"sqlite+aiosqlite:///{directory / name}.sqlite"
