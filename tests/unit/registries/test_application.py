"""The registries as they are served: enrolled at the real authority, started and stopped, reset by HTTP."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import respx
from fastapi import FastAPI
from pydantic import SecretStr

from services.pki.app import create_app as create_pki
from services.pki.settings import Settings as PKISettings
from services.registries.notary import app as notary_app
from services.registries.notary.settings import Settings as NotarySettings
from services.registries.persons import app as persons_app
from services.registries.persons.settings import Settings as PersonsSettings
from shared.crypto.certificates import Certificate
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.registry import REGISTRY_BINS
from shared.messages.systems import System
from shared.messaging.embedded import EmbeddedBroker

PKI = "http://pki.test"
BOTH = [
    (System.PERSONS, persons_app, PersonsSettings(), "/persons/900412412107", {"fate": "changed"}),
    (System.NOTARY, notary_app, NotarySettings(), None, {"fate": "changed"}),
]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[StandSettings]:
    """Settings of a stand with a broker of its own."""
    broker = EmbeddedBroker()
    yield StandSettings(
        data_dir=tmp_path,
        kafka_bootstrap=broker.start(),
        assignment="static",
        fetch_wait_ms=5,
        pki_url=PKI,
        enrolment_token=SecretStr("token"),
        tools=True,
    )
    broker.stop()


@pytest.fixture
def authority(stand: StandSettings, clock: Clock) -> Iterator[None]:
    """The real authority, reached without a socket."""
    transport = httpx.ASGITransport(create_pki(PKISettings(public_url=PKI), stand, clock))
    with respx.mock(assert_all_called=False) as router:
        router.route(host="pki.test").mock(side_effect=transport.handle_async_request)
        yield


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started application's controls."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http,
    ):
        yield http


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize(("system", "package", "settings", "path", "change"), BOTH)
async def test_starts_seeded_and_resets(
    system: System,
    package: ModuleType,
    settings: Any,
    path: str | None,
    change: dict[str, str],
    stand: StandSettings,
    clock: Clock,
) -> None:
    app = package.create_app(settings, stand, clock)
    async with served(app) as http:
        if path is None:
            path = "/powers-of-attorney/" + (await http.get("/__stand/powers-of-attorney")).json()[0]["id"]
        before = (await http.get(f"/__stand{path}")).json()["fate"]
        assert (await http.patch(f"/__stand{path}", json=change)).json()["fate"] == "changed"
    # A restart keeps what was changed; the reset does not.
    async with served(package.create_app(settings, stand, clock)) as http:
        assert (await http.get(f"/__stand{path}")).json()["fate"] == "changed"
        assert (await http.post("/__stand/reset")).status_code == httpx.codes.NO_CONTENT
        assert (await http.get(f"/__stand{path}")).json()["fate"] == before
        assert len((await http.get("/__stand/access-log")).json()) >= 1
        assert (await http.get("/__stand/messaging")).json()["system"] == system


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize(("system", "package", "settings"), [entry[:3] for entry in BOTH])
async def test_authorised_person_is_enrolled_for_the_keeper(
    system: System, package: ModuleType, settings: Any, stand: StandSettings, clock: Clock
) -> None:
    async with served(package.create_app(settings, stand, clock)):
        folder = stand.data_dir / "identities"
        registrar, wrong, own = (
            Certificate.from_pem((folder / f"{name}.pem").read_bytes())
            for name in (f"{system}-registrar", f"{system}-wrong-signer", str(system))
        )
    assert registrar.bin == REGISTRY_BINS[system] != wrong.bin
    assert wrong.bin in REGISTRY_BINS.values()
    assert (registrar.system, own.system) == (None, system)
    assert registrar.may("content_commitment")
