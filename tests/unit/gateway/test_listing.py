"""The journals by when they grew last, page by page."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.endpoints import journal_router
from services.gateway.models import GatewayTable
from services.gateway.repository import JOURNAL
from services.gateway.service import GatewayService
from shared.db.engine import Database
from shared.db.states import States
from shared.messages.systems import System
from shared.web.access import anybody
from shared.web.wait import Changes
from tests.factories.journals import CALENDARS
from tests.factories.pages import walked
from tests.servers.databases import database_url
from tests.unit.gateway.keeping import REGULATIONS, Gateway, recorded


@pytest.fixture
async def database(tmp_path: Path, database_kind: str) -> AsyncIterator[Database]:
    """Of a gateway, empty."""
    database = Database(database_url(tmp_path, "gateway"), GatewayTable.metadata)
    await database.create_tables()
    yield database
    await database.close()


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    service = GatewayService(REGULATIONS, CALENDARS, Changes())
    service.open(database)
    app = FastAPI()
    app.include_router(journal_router(service, anybody))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client


async def grow(database: Database, gateway: Gateway, application: str, number: int) -> None:
    """Something is journaled of an application."""
    gateway.take(recorded(gateway, System.PORTAL, number, f"step-{number}", application=application))
    entry = gateway.entries[-1]
    async with database.transaction() as session:
        states = States()
        states.apply({(JOURNAL, entry.place): entry})
        await states.save(session)


async def test_journals_are_listed_in_pages(database: Database, http: httpx.AsyncClient) -> None:
    gateway = Gateway()
    for application, number in (("a", 1), ("b", 1), ("c", 1), ("a", 2)):
        await grow(database, gateway, application, number)
    assert await walked(http.get, "/journal") == await walked(http.get, "/journal", limit=2) == ["a", "c", "b"]
    first = await http.get("/journal?limit=1")
    # What grows while somebody turns the pages comes to the front, and the rest stays where it was.
    await grow(database, gateway, "b", 2)
    rest = await http.get(str(first.request.url.join(first.links["next"]["url"])))
    assert (first.json(), rest.json()) == (["a"], ["c"])
