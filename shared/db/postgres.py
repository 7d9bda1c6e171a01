"""What is PostgreSQL's own: how to connect, and locks by name."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, String, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.db.faults import DatabaseSilent
from shared.db.session import DatabaseSession
from shared.db.types import JSON_CODEC

_CONNECT_S = 5.0
_FREE_WITHIN_S = 5.0
"""How long to wait for one of the connections. Whoever asked has gone by then, and asks again; to let all of them
stand in line would keep a system that fell behind from ever catching up."""
_SETTINGS = {
    "application_name": "egov",
    # A replica that stands still within a transaction gives its locks back; when it goes on, the batch is tried again.
    "idle_in_transaction_session_timeout": "15s",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
}

_TAKE = text(
    "SELECT pg_advisory_xact_lock(hash) FROM"
    " (SELECT hashtextextended(name, 0) AS hash FROM unnest(:names) AS name ORDER BY 1) AS ordered"
).bindparams(bindparam("names", type_=ARRAY(String)))
_TRY = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


def create_postgres_engine(url: str, connections: int) -> AsyncEngine:
    """An engine whose connections fail as ``DatabaseSilent`` while the server cannot be reached."""
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_FREE_WITHIN_S,
        # One more message to the server each time, and a restarted server costs nobody an error.
        pool_pre_ping=True,
        **JSON_CODEC,
        connect_args={"async_creator_fn": _connect, "timeout": _CONNECT_S, "server_settings": _SETTINGS},
    )


async def _connect(*arguments: Any, **options: Any) -> Any:
    import asyncpg  # noqa: PLC0415 — a stand on SQLite needs it not

    try:
        return await asyncpg.connect(*arguments, **options)
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
        raise DatabaseSilent(f"PostgreSQL cannot be reached ({type(error).__name__})") from error


async def take_names(session: DatabaseSession, names: Collection[str]) -> None:
    """Wait for these names and hold them until the transaction ends: a lock on what does not exist yet.

    All take them in the same order, so that two never wait for each other.
    """
    await session.execute(_TAKE, {"names": sorted(names)})


async def try_name(session: DatabaseSession, name: str) -> bool:
    """Take ``name`` until the transaction ends, if nobody has it."""
    return bool((await session.execute(_TRY, {"name": name})).scalar())
