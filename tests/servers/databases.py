"""Where a test keeps its tables: SQLite files, or fresh databases on a real PostgreSQL server."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg

from shared.db.engine import sqlite_url

_chosen: list["Databases"] = []


class Databases:
    """Databases of one test, each made when it is first asked for; ``drop`` removes them."""

    def __init__(self, server_url: str) -> None:
        """``server_url``: the database of a user who may create others."""
        self._server, self._made = server_url.rpartition("/")[0], dict[tuple[Path, str], str]()

    def url(self, directory: Path, name: str) -> str:
        """The database that stands for the SQLite file ``name`` in ``directory``; the same one whenever it is asked."""
        key = (directory, name)
        if key not in self._made:
            database = f"{name.replace('-', '_')}_{uuid4().hex[:12]}"
            self._run(f'CREATE DATABASE "{database}"')
            self._made[key] = database
        return f"{self._server}/{self._made[key]}"

    def drop(self) -> None:
        """Remove them all, whoever is still connected."""
        self._run(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in self._made.values()))
        self._made.clear()

    def _run(self, *statements: str) -> None:
        # In a thread of its own: a test may be within its event loop.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._execute(statements)).result()

    async def _execute(self, statements: tuple[str, ...]) -> None:
        connection = await asyncpg.connect(f"{self._server}/postgres".replace("+asyncpg", ""))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def on_postgres(server_url: str) -> Iterator[Databases]:
    """Within the block ``database_url`` gives databases on this server."""
    databases = Databases(server_url)
    _chosen.append(databases)
    try:
        yield databases
    finally:
        _chosen.remove(databases)
        databases.drop()


def database_url(directory: Path, name: str) -> str:
    """Where the test that runs keeps the tables of service ``name``."""
    return _chosen[-1].url(directory, name) if _chosen else sqlite_url(directory, name)
