"""The stand under test, in other processes than the benchmark, and what it uses of the machine."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx

from services.stand.addresses import Addresses
from services.stand.auditor import as_auditor
from services.stand.bench.children import start_child
from services.stand.bench.machine import cpu_seconds, peak_memory_mb
from services.stand.bench.plan import Plan
from services.stand.processes import CODES, separate_stand
from services.stand.report import remarks
from shared.messaging.http import client

_STARTS_WITHIN_S = 60.0
_DRAINS_WITHIN_S = 120.0
_KAFKA = re.compile(r"Kafka \(embedded\): (\S+)")
_STAND = "stand"
_SETTINGS = {"EGOV_PORTAL_DRAFTS_OF_ONE": str(10**6)}
"""All applications of a measurement are one citizen's, and are drafts before it begins."""


@dataclass
class UnderTest:
    """A running stand."""

    addresses: Addresses
    bootstrap: str
    pids: dict[str, int]
    """Process ids by what runs there."""
    start_s: float
    """From the start of the first process until every service said it is ready."""

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, by process."""
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def memory(self) -> dict[str, float]:
        """Peak resident memory in MB, by process."""
        return {name: peak_memory_mb(pid) for name, pid in self.pids.items()}

    async def drained(self) -> dict[str, Any]:
        """Wait until every message has its receipt: nothing of the work is left for later.

        Returns what the message loops counted, summed up. Raises ``TimeoutError``.
        """
        async with client() as http, asyncio.timeout(_DRAINS_WITHIN_S):
            while True:
                found = [await _messaging(http, url) for url in self.addresses.urls.values()]
                loops = [counts for counts in found if counts is not None]
                if not any(counts["awaiting_receipt"] for counts in loops):
                    names = ("sent", "resent", "rejected", "failing")
                    return {name: sum(counts[name] for counts in loops) for name in names}
                await asyncio.sleep(0.05)

    async def reset_s(self) -> float:
        """How long it takes the whole stand to forget everything."""
        async with client(timeout=_DRAINS_WITHIN_S) as http:
            started = perf_counter()
            (await http.post(f"{self.addresses.of('pki')}/__stand/resets")).raise_for_status()
            return perf_counter() - started

    async def verdict(self, application: str) -> tuple[str, str]:
        """What the gateway's journal says of a run, and why."""
        url = f"{self.addresses.of('gateway')}/journal/{application}"
        async with client(timeout=30) as http:
            journal = (await http.get(url, params={"wait": 10}, auth=as_auditor())).raise_for_status().json()
        return str(journal["verdict"]), "; ".join(remarks(journal))


@asynccontextmanager
async def under_test(plan: Plan, data_dir: Path) -> AsyncIterator[UnderTest]:
    """The stand as the plan wants it, ready, on free ports; stopped at the end of the block."""
    started = perf_counter()
    if plan.embedded and not plan.processes:
        async with _egov_up(data_dir, started) as stand:
            yield stand
        return
    groups = None if plan.processes else [CODES]
    bootstrap = None if plan.embedded else plan.broker
    async with separate_stand(data_dir, groups=groups, bootstrap=bootstrap, settings=_SETTINGS) as separate:
        pids = {code: process.pid for code, process in separate.processes.items()}
        if len(pids) == 1:
            pids = {_STAND: next(iter(pids.values()))}
        yield UnderTest(separate.addresses, separate.bootstrap, pids, perf_counter() - started)


@asynccontextmanager
async def _egov_up(data_dir: Path, started: float) -> AsyncIterator[UnderTest]:
    """What a person gets who types ``egov up``."""
    told = {**os.environ, **_SETTINGS}
    child = await start_child("services.stand", "up", "--any-ports", "--data-dir", str(data_dir), environment=told)
    try:
        broker = None
        while broker is None:
            broker = _KAFKA.search(await child.read_line(_STARTS_WITHIN_S))
        addresses = Addresses(_addresses(data_dir))
        yield UnderTest(addresses, broker[1], {_STAND: child.pid}, await _until_ready(addresses, started))
    finally:
        await child.stop()


def _addresses(data_dir: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((data_dir / "addresses.json").read_text())
    return found


async def _until_ready(addresses: Addresses, started: float) -> float:
    async with client() as http, asyncio.timeout(_STARTS_WITHIN_S):
        for url in addresses.urls.values():
            while not (await http.get(f"{url}/readyz")).is_success:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.01)
    return perf_counter() - started


async def _messaging(http: httpx.AsyncClient, url: str) -> dict[str, Any] | None:
    """What a message loop counted; ``None`` for a service that has none."""
    answer = await http.get(f"{url}/__stand/messaging")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def command_start_s(*arguments: str) -> float:
    """How long ``egov`` takes for a command that only prints."""
    started = perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.stand", *arguments, stdout=asyncio.subprocess.DEVNULL, env=dict(os.environ)
    )
    if await process.wait():
        raise RuntimeError(f"egov {' '.join(arguments)} failed")
    return perf_counter() - started
