"""A command that misses a state is run again, with the same request, and the state is loaded then."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from sqlmodel import Field, SQLModel

from shared.db.missed import MOST, NotLoaded, missed, until_loaded
from shared.db.states import StateKey, StateKind
from shared.kit.clock import Clock
from tests.factories.bare_services import bare_service

Opener = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]


@dataclass(frozen=True)
class Thing:
    """Anything."""

    name: str


class ThingRow(SQLModel, table=True):
    """Its table."""

    name: str = Field(primary_key=True)


THINGS = StateKind(table=ThingRow, record=Thing, key="name")


def key(name: str) -> StateKey:
    return cast("StateKey", (THINGS, name))


@pytest.fixture
def app(clock: Clock) -> FastAPI:
    """Commands that need what they did not load."""
    router = APIRouter()

    @router.post("/things/{count}")
    async def need(count: int, body: dict[str, Any]) -> dict[str, Any]:
        for number in range(count):
            if key(str(number)) not in missed():
                raise NotLoaded(key(str(number)))
        return {"loaded": len(missed()), "body": body}

    @router.post("/same")
    async def same() -> None:
        raise NotLoaded(key("always"))

    @router.post("/streamed")
    async def streamed(request: Request) -> None:
        async for _ in request.stream():
            pass
        raise NotLoaded(key("streamed"))

    return bare_service("portal", clock, routers=[router])


@pytest.mark.parametrize("count", [0, 1, 3, MOST])
async def test_it_is_handled_again_with_the_same_body(app: FastAPI, open_client: Opener, count: int) -> None:
    async with open_client(app) as client:
        answer = await client.post(f"/things/{count}", json={"what": "ТЕСТ"})
    assert answer.json() == {"loaded": count, "body": {"what": "ТЕСТ"}}
    assert missed() == frozenset()


@pytest.mark.parametrize("path", [f"/things/{MOST + 1}", "/same"])
async def test_it_does_not_go_on_for_ever(app: FastAPI, open_client: Opener, path: str) -> None:
    async with open_client(app) as client:
        answer = await client.post(path, json={})
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:egov:problem:internal")
        assert (await client.post("/things/1", json={})).status_code == 200


async def test_a_body_that_was_streamed_is_sent_again_by_its_sender(app: FastAPI, open_client: Opener) -> None:
    async with open_client(app) as client:
        answer = await client.post("/streamed", content=b"x" * 10)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:conflict")


async def test_background_work_is_run_again_too() -> None:
    runs: list[int] = []

    async def turn() -> int:
        runs.append(len(missed()))
        if len(runs) < 3:
            raise NotLoaded(key(str(len(runs))))
        return 7

    assert (await until_loaded(turn), runs) == (7, [0, 1, 2])
