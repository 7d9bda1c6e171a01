"""A small service on the shell of shared.web, with every kind of error behind a path."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

from shared.kit import errors
from shared.kit.clock import Clock
from shared.kit.faults import Faults
from shared.web.app import create_service_app
from shared.web.stand import stand_router
from shared.web.wait import NoRoom
from tests.factories.http_service import Serve, Until, served


class Thing(BaseModel):
    """A body with a nested list, so that pointers have something to point at."""

    name: str = Field(min_length=1, max_length=40)
    sizes: list[int] = Field(default=[], max_length=5)


ERRORS = {
    "invalid-input": errors.InvalidInput("no", faults=[{"path": "/a", "message": "bad"}]),
    "unauthorised": errors.Unauthorised(),
    "forbidden": errors.Forbidden("not yours"),
    "not-found": errors.NotFound(),
    "conflict": errors.Conflict(),
    "too-large": errors.TooLarge(),
    "unsupported-media": errors.UnsupportedMedia(),
    "too-many-attempts": errors.TooManyAttempts(retry_after=17),
    "unavailable": errors.Unavailable(),
    "message-rejected": errors.RejectedMessage("signature", "tampered"),
    "transient": errors.Transient(),
    "no-room": NoRoom(retry_after=5),
}


def sample_router() -> APIRouter:
    """Routes under a prefix: one that takes input, two methods on one path, and the failing ones."""
    router = APIRouter(prefix="/v1")

    @router.post("/things/{number}", status_code=201)
    async def make_thing(number: int, thing: Thing, size: Annotated[int, Query(ge=0)] = 0) -> Thing:
        return thing

    @router.get("/things/{number}")
    async def get_thing(number: int) -> Thing:
        return Thing(name=f"thing {number}")

    @router.put("/sizes", include_in_schema=False)
    async def set_sizes(sizes: list[int]) -> int:
        return len(sizes)

    @router.get("/errors/{code}", include_in_schema=False)
    async def fail(code: str) -> None:
        raise ERRORS[code]

    @router.get("/statuses/{status}", include_in_schema=False)
    async def fail_with(status: int) -> None:
        raise HTTPException(status, headers={"X-Kept": "yes"})

    @router.get("/defect", include_in_schema=False)
    async def break_down() -> None:
        raise ZeroDivisionError("the key is 0xC0FFEE")

    return router


@pytest.fixture
def checks() -> dict[str, str | None]:
    """What the sample service's readiness says; a test may change it."""
    return {"database": None, "broker": None}


@pytest.fixture
def faults() -> Faults:
    return Faults(ocsp_silent="the OCSP responder answers 503")


@pytest.fixture
def resets() -> list[str]:
    """One entry for each reset."""
    return []


@pytest.fixture
def make_app(
    clock: Clock, checks: dict[str, str | None], faults: Faults, resets: list[str]
) -> Callable[[bool], FastAPI]:
    """Build the sample service with or without tools."""

    async def readiness() -> dict[str, str | None]:
        return checks

    async def reset() -> None:
        resets.append("reset")

    def make(tools: bool) -> FastAPI:
        return create_service_app(
            code="portal",
            title="Sample <portal>",
            summary="A sample",
            clock=clock,
            tools=tools,
            lifespan=None,
            readiness=readiness,
            routers=[sample_router()],
            stand_routers=[stand_router(clock, reset, faults)],
            max_body_size=10_000,
        )

    return make


@asynccontextmanager
async def _opened(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def open_client() -> Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]:
    """A client that talks to an application in this process."""
    return _opened


@pytest.fixture
async def client(make_app: Callable[[bool], FastAPI]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the sample service with tools."""
    async with _opened(make_app(True)) as client:
        yield client


@pytest.fixture
def serve(until: Until) -> Serve:
    """Serve a small service on a real port, with these limits for the length of a block."""
    return partial(served, until=until)
