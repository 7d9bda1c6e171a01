"""The authority as an application in memory, with its files in a directory of the test."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.pki.app import create_app
from services.pki.settings import Settings
from shared.crypto.authority import AuthorityClient
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings

TOKEN = "enrolment-token-of-the-test"
AUTHORISED = {"authorization": f"Bearer {TOKEN}"}
BASE = "http://pki.test"


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
