"""Question and answer over the real exchange: centre, gateway and registry on the embedded broker; and the whole
application."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.consumers import gateway_handlers
from services.gateway.models import MESSAGING as GATEWAY_TABLES
from services.gateway.models import GatewayTable
from services.registries.notary import app as notary_app
from services.registries.notary.settings import Settings as NotarySettings
from services.registries.persons import app as persons_app
from services.registries.persons.bootstrap import compose
from services.registries.persons.settings import Settings as PersonsSettings
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messages.registry import ByIIN, RegistryAnswered, RegistryRequested
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers
from shared.messaging.platform import Platform
from shared.messaging.records import Received
from shared.messaging.testing import Network, eventually, network
from shared.regulations.loader import load_regulations
from tests.unit.registries.bench import REGULATION, MemoryAuthority, ground, person_extract


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Network]:
    """A fresh network with its own broker and authority."""
    async with network(tmp_path) as found:
        yield found


class Centre:
    """The asking side: keeps what comes."""

    def __init__(self) -> None:
        self.answers: list[Received] = []
        self.rejections: list[Received] = []

    def handlers(self) -> Handlers:
        """Answers and rejections."""
        handlers = Handlers()
        handlers.on(MessageType.REGISTRY_ANSWERED, lambda _w, r: self.answers.append(r), lambda _r: ())
        handlers.on(MessageType.MESSAGE_REJECTED, lambda _w, r: self.rejections.append(r), lambda _r: ())
        return handlers


async def test_centre_asks_through_the_gateway_and_is_answered(net: Network) -> None:
    centre, hosted = Centre(), compose(PersonsSettings(), net.settings, net.clock)
    async with AsyncExitStack() as stack:
        run = net.run(System.GATEWAY, gateway_handlers(load_regulations()), GatewayTable.metadata, GATEWAY_TABLES)
        await stack.enter_async_context(run)
        asking, _ = await stack.enter_async_context(net.run(System.CSC, centre.handlers()))
        run = net.run(System.PERSONS, hosted.handlers, hosted.metadata, hosted.tables)
        runtime, database = await stack.enter_async_context(run)
        authority: Any = MemoryAuthority(net.pki)
        http = await stack.enter_async_context(httpx.AsyncClient())
        identity = net.identities[System.PERSONS]
        platform = Platform(
            System.PERSONS, net.clock, net.settings, database, http, authority, net.certificates, identity, runtime
        )
        await hosted.opened(platform)
        stack.push_async_callback(hosted.closing, platform)

        async with asking.work([]) as work:
            request = RegistryRequested(search=ByIIN(iin="900412412107"), ground=ground())
            sent = work.send(
                MessageType.REGISTRY_REQUESTED, System.PERSONS, "application-1", request, regulation=REGULATION
            )
            digest = work.effects.sendings[-1].digest
            other = RegistryRequested(search=ByIIN(iin="900412412107"), ground=ground("another"))
            work.send(MessageType.REGISTRY_REQUESTED, System.PERSONS, "application-1", other, regulation=REGULATION)

        async def complete() -> bool:
            return bool(centre.answers and centre.rejections)

        await eventually(complete, what="the answer and the rejection")
        (answer,) = centre.answers
        assert isinstance(answer.payload, RegistryAnswered)
        assert (answer.hop, answer.message.requestdigest) == (System.GATEWAY, digest)
        assert answer.payload.request_id == sent.id
        assert person_extract(answer.payload).record.names.ru.surname == "Сеитова"
        (rejection,) = centre.rejections
        assert rejection.message.data["reason"] == "ground"


def applications(directory: Path, clock: Clock, *, tools: bool) -> list[FastAPI]:
    """Both registries as they are served, not started."""
    stand = StandSettings(data_dir=directory, tools=tools)
    return [
        persons_app.create_app(PersonsSettings(), stand, clock),
        notary_app.create_app(NotarySettings(), stand, clock),
    ]


async def paths(app: FastAPI) -> dict[str, Any]:
    """The operations an application describes."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        described: dict[str, Any] = (await http.get("/openapi.json")).json()["paths"]
        return described


async def test_controls_are_described_and_absent_without_tools(tmp_path: Path, clock: Clock) -> None:
    persons, notary = applications(tmp_path, clock, tools=True)
    both = {"/__stand/access-log", "/__stand/held-answers", "/__stand/faults", "/__stand/reset", "/__stand/clock"}
    assert both | {"/__stand/persons", "/__stand/persons/{iin}"} <= (await paths(persons)).keys()
    assert both | {"/__stand/powers-of-attorney", "/__stand/powers-of-attorney/{key}"} <= (await paths(notary)).keys()
    for app in applications(tmp_path, clock, tools=False):
        assert [path for path in await paths(app) if "stand" in path] == []


def test_ports_and_prefixes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (PersonsSettings().port, NotarySettings().port) == (8107, 8108)
    monkeypatch.setenv("EGOV_PERSONS_LATE_S", "7")
    monkeypatch.setenv("EGOV_NOTARY_LATE_S", "8")
    assert (PersonsSettings().late_s, NotarySettings().late_s) == (7, 8)
