"""Lists of any length go into a query as one value: a database takes no more than so many one by one.

PostgreSQL takes 32,767, SQLite as it was built; here ten.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import pytest

from services.gateway import models as gateway_models
from services.gateway.repository import messages_of
from services.provider import models as provider_models
from services.provider.repository import registered_as
from services.registries.notary import models as notary_models
from services.registries.notary import repository as notary
from services.registries.persons import models as persons_models
from services.registries.persons import repository as persons
from shared.db.engine import Database, sqlite_url
from shared.db.session import DatabaseSession, InlineSession
from tests.unit.gateway.test_order import entry

FEW, MANY = 10, range(50)
ASKING: dict[str, tuple[ModuleType, Callable[[DatabaseSession], Awaitable[object]]]] = {
    "messages that a journal names": (
        gateway_models,
        lambda session: messages_of(session, [entry(f"{n}", n + 1, message_id=f"m-{n}") for n in MANY]),
    ),
    "matters by their register": (provider_models, lambda session: registered_as(session, [str(n) for n in MANY])),
    "people by IIN": (persons_models, lambda session: persons.SEARCHES.load(session, [f"iin:{n}" for n in MANY])),
    "people by name": (persons_models, lambda session: persons.SEARCHES.load(session, [f"names:{n}" for n in MANY])),
    "people by document": (
        persons_models,
        lambda session: persons.SEARCHES.load(session, [f"document:{n}" for n in MANY]),
    ),
    "powers by number": (notary_models, lambda session: notary.SEARCHES.load(session, [f"number\t{n}" for n in MANY])),
    "powers by parties": (
        notary_models,
        lambda session: notary.SEARCHES.load(session, [f"parties\t{n}\t{n}" for n in MANY]),
    ),
}


@asynccontextmanager
async def narrow(tmp_path: Path, models: ModuleType) -> AsyncIterator[DatabaseSession]:
    """The empty tables of a service, in a database that takes few values."""
    database = Database(sqlite_url(tmp_path, "narrow"), models.MESSAGING.inbox.metadata)
    await database.create_tables()
    try:
        async with database.session() as session:
            assert isinstance(session, InlineSession)
            session._driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, FEW)
            yield session
    finally:
        await database.close()


@pytest.mark.parametrize(("models", "ask"), ASKING.values(), ids=ASKING.keys())
async def test_a_query_takes_a_list_of_any_length(
    tmp_path: Path, models: ModuleType, ask: Callable[[DatabaseSession], Awaitable[object]]
) -> None:
    async with narrow(tmp_path, models) as session:
        assert not await ask(session)
