"""Live, ready, and gone in time: a service as a process while its servers go and come back."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import httpx
import pytest

from deploy.kafka.node import KafkaNode
from services.stand.addresses import Addresses
from services.stand.embedded import enrolment_token, free_ports
from services.stand.processes import end_with_parent, environment
from shared.messaging.testing import eventually
from tests.servers.postgres import PostgresServer

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CODE = "regional-gateway"
STOPS_WITHIN_S = 10.0


@dataclass
class Parts:
    """The authority, one service and their own servers."""

    kafka: KafkaNode
    postgres: PostgresServer
    url: str
    process: asyncio.subprocess.Process

    async def ask(self, path: str) -> httpx.Response:
        """What the service answers."""
        async with httpx.AsyncClient(timeout=15) as http:
            return await http.get(f"{self.url}{path}")

    async def becomes(self, status: int, reason: str = "") -> None:
        """Wait until ``/readyz`` answers ``status``, with ``reason`` among its reasons."""

        async def holds() -> bool:
            try:
                answer = await self.ask("/readyz")
            except httpx.TransportError:
                return False
            return answer.status_code == status and (not reason or reason in answer.json()["reasons"])

        await eventually(holds, seconds=60, what=f"/readyz {status} {reason}")

    async def end(self) -> float:
        """SIGTERM; how long it took to end, which it must do in order."""
        started = monotonic()
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(3 * STOPS_WITHIN_S):
            assert await self.process.wait() == 0
        return monotonic() - started


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """All up; whatever a test stopped is dropped as well."""
    kafka, postgres = KafkaNode(tmp_path / "kafka"), PostgresServer()
    addresses = Addresses.on_ports(free_ports())
    processes = []
    try:
        await asyncio.to_thread(kafka.start)
        await asyncio.to_thread(postgres.start)
        data = tmp_path / "data"
        data.mkdir()
        told = environment(
            data,
            addresses,
            bootstrap=kafka.bootstrap,
            assignment="group",
            fetch_wait_ms=500,
            token=enrolment_token(data),
        )
        told["EGOV_REGIONAL_GATEWAY_DATABASE_URL"] = postgres.url
        for code in ("pki", CODE):
            command = [sys.executable, "-m", "services.stand", "serve", "--log-level", "WARNING", code]
            processes.append(
                await asyncio.create_subprocess_exec(*command, env={**os.environ, **told}, preexec_fn=end_with_parent)
            )
        found = Parts(kafka, postgres, addresses.of(CODE), processes[1])
        await found.becomes(200)
        yield found
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await asyncio.to_thread(kafka.kill)
        await asyncio.to_thread(postgres.drop)


async def test_ready_only_while_database_and_cluster_answer(parts: Parts) -> None:
    assert (await parts.ask("/readyz")).json()["checks"] == [
        "background",
        "certificates",
        "clock",
        "database",
        "messaging",
        "storage",
    ]

    await asyncio.to_thread(parts.postgres.stop, "immediate")
    await parts.becomes(503, "database")
    problem = (await parts.ask("/readyz")).json()
    assert problem["retryable"] is True
    assert (await parts.ask("/livez")).status_code == 200
    await asyncio.to_thread(parts.postgres.start)
    await parts.becomes(200)

    await asyncio.to_thread(parts.kafka.kill)
    await parts.becomes(503, "messaging")
    assert "Kafka at" in (await parts.ask("/readyz")).json()["reasons"]["messaging"]
    assert (await parts.ask("/livez")).status_code == 200
    await asyncio.to_thread(parts.kafka.start)
    await parts.becomes(200)
    assert await parts.end() < STOPS_WITHIN_S


async def test_ends_in_time_though_nothing_answers_any_more(parts: Parts) -> None:
    await asyncio.to_thread(parts.kafka.kill)
    await asyncio.to_thread(parts.postgres.stop, "immediate")
    await parts.becomes(503, "messaging")
    assert await parts.end() < STOPS_WITHIN_S
