"""The authority as an application in memory, with its files in a directory of the test."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from services.pki.app import create_app
from services.pki.settings import Settings
from shared.crypto.authority import AuthorityClient
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings

TOKEN = "enrolment-token-of-the-test"
AUTHORISED = {"authorization": f"Bearer {TOKEN}"}
BASE = "http://localhost"


@pytest.fixture
def stand(tmp_path: Path) -> StandSettings:
    """Settings of a stand with the tools switched on."""
    return StandSettings(data_dir=tmp_path, enrolment_token=SecretStr(TOKEN), tools=True)


@pytest.fixture
def app(stand: StandSettings, clock: Clock) -> FastAPI:
    """The authority at its first start."""
    return create_app(Settings(public_url=BASE), stand, clock)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, without a socket."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        yield client


@pytest.fixture
def authority(http: httpx.AsyncClient, clock: Clock) -> AuthorityClient:
    """The client that every system uses."""
    return AuthorityClient(BASE, http, clock)


@asynccontextmanager
async def served(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """``app`` on this loopback port or a free one, by its URL."""
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
