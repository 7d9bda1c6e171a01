"""Every system by ``egov serve`` in two processes, on real servers: both diagrams, and an end in order."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

import httpx
import pytest
from confluent_kafka.admin import AdminClient

from services.stand.centre_demo import CentreDemo
from services.stand.demo import play_applications
from services.stand.embedded import free_ports
from services.stand.processes import CODES, end_with_parent, separate_stand
from services.stand.visits import VISITS
from services.stand.working_time import stand_to_working_time
from shared.hosting.timekeeping import Follower
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messaging.testing import eventually
from tests.servers.databases import Databases
from tests.servers.plugin import database_settings

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

STOPS_WITHIN_S = 10.0


def group_sizes(bootstrap: str) -> dict[str, int]:
    """How many members the group of each system has."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    groups = [f"egov.{code}" for code in CODES if code != "pki"]
    found = admin.describe_consumer_groups(groups, request_timeout=10)
    return {group: len(description.result(10).members) for group, description in found.items()}


async def test_both_diagrams_run_on_two_replicas_of_every_system(
    tmp_path: Path, kafka: str, databases: Databases
) -> None:
    settings = database_settings(databases.url, tmp_path)
    clock = Clock()
    async with separate_stand(tmp_path, bootstrap=kafka, settings=settings) as stand, AsyncExitStack() as stack:
        ports = free_ports()
        told = {**os.environ, **stand.environment}
        second: list[asyncio.subprocess.Process] = []
        stack.push_async_callback(end, second)
        for code in CODES:
            if code == "pki":  # the authority keeps files: there is one
                continue
            second.append(
                await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "services.stand", "serve", "--log-level", "WARNING", code,
                    env={**told, f"EGOV_{code.replace('-', '_').upper()}_PORT": str(ports[code])},
                    preexec_fn=end_with_parent,
                )
            )  # fmt: skip
        follower = Follower(clock, stand.addresses.of("pki"), "test")
        await follower.start()
        stack.push_async_callback(follower.stop)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=60))

        async def all_ready() -> bool:
            return all([await is_ready(http, port) for code, port in ports.items() if code != "pki"])

        await eventually(all_ready, seconds=240, what="the second replicas")
        await stand_to_working_time(http, stand.addresses, clock, StandSettings())
        assert await asyncio.to_thread(group_sizes, kafka) == {f"egov.{code}": 2 for code in CODES if code != "pki"}

        runs = await play_applications(http, stand.addresses, clock)
        visits = CentreDemo(http, stand.addresses, clock)
        runs += [await visits.play(visit) for visit in sorted(VISITS, key=lambda visit: not visit.collected)]
        assert [run.as_dict() for run in runs if not run.as_expected] == []

        started = monotonic()
        for process in second:
            process.send_signal(signal.SIGTERM)
        assert await asyncio.gather(*(process.wait() for process in second)) == [0] * len(second)
        assert monotonic() - started < STOPS_WITHIN_S
        assert await asyncio.to_thread(group_sizes, kafka) == {f"egov.{code}": 1 for code in CODES if code != "pki"}


async def end(processes: list[asyncio.subprocess.Process]) -> None:
    """Whatever still runs: left alone, it would read what the next test sends."""
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def is_ready(http: httpx.AsyncClient, port: int) -> bool:
    """Whether the service on ``port`` is."""
    try:
        return (await http.get(f"http://127.0.0.1:{port}/readyz")).is_success
    except httpx.TransportError:
        return False
