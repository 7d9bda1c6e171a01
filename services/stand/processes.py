"""The stand with every service in a process of its own: ``egov serve CODE``, and a parent that starts them all.

``egov serve`` takes everything from the environment (``EGOV_*``), as containers do; the parent here sets it. The broker
is the parent's, or any Kafka cluster.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.stand.addresses import Addresses
from services.stand.catalogue import SERVICES
from services.stand.embedded import (
    RunningService,
    StartFailed,
    addresses_for,
    auditor_token,
    enrolment_token,
    free_ports,
    until_one_ends,
)
from services.stand.running import LOCK
from shared.hosting.ending import ENDS_WITHIN_S, told_to_end
from shared.hosting.memory import growing_memory, settle_memory
from shared.hosting.timekeeping import Follower
from shared.kit.alone import Taken, holding
from shared.kit.clock import Clock
from shared.kit.durable import make_folder
from shared.kit.settings import StandSettings
from shared.messaging.embedded import EmbeddedBroker
from shared.messaging.http import client

_READY_WITHIN_S = 180.0
_ENDS_WITHIN_S = ENDS_WITHIN_S + 2.0
_LETS_GO_WITHIN_S = ENDS_WITHIN_S + 5.0
"""How long whoever is replaced may take to end: in a rolling restart the old one has just been told."""

_PR_SET_PDEATHSIG = 1

CODES = tuple(service.code for service in SERVICES)


async def serve(codes: Sequence[str]) -> None:
    """Serve these services in this process until SIGINT or SIGTERM, with the settings of the environment.

    Raises ``ValueError`` for an unknown code and where no broker is named, ``StartFailed``.
    """
    unknown = sorted(set(codes) - set(CODES))
    if unknown:
        raise ValueError(f"no service {', '.join(unknown)}; there are {', '.join(CODES)}")
    stand, clock = StandSettings(), Clock()
    if not stand.kafka_bootstrap and set(codes) != {"pki"}:
        raise ValueError("EGOV_KAFKA_BOOTSTRAP names no broker")
    # In the order of the catalogue, in which the authority is first: the others enrol with it.
    running = [RunningService(s, stand, clock, s.settings().port) for s in SERVICES if s.code in codes]
    follower = _follower(stand, clock, codes)
    current = asyncio.current_task()
    assert current is not None
    # Cancelled, so that it ends as well while it waits for the authority.
    with contextlib.suppress(asyncio.CancelledError), told_to_end(current.cancel), _files_of(running, stand):
        try:
            with growing_memory():
                await _start(running, follower)
            settle_memory()
            await until_one_ends(running)
        finally:
            for service in reversed(running):
                await service.stop()
            if follower is not None:
                await follower.stop()


@contextlib.contextmanager
def _files_of(running: Sequence[RunningService], stand: StandSettings) -> Iterator[None]:
    """Have to itself what no two processes may share: the authority's register, a service's SQLite file. Replicas share
    the folder and have another database. Raises ``StartFailed``."""
    what = f"process {os.getpid()} on {socket.gethostname()}"
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(holding(stand.data_dir, LOCK, what, shared=True, patience_s=_LETS_GO_WITHIN_S))
            for code in (service.service.code for service in running if service.needs_own_files):
                held.enter_context(holding(stand.data_dir, code, what, patience_s=_LETS_GO_WITHIN_S))
        except Taken as error:
            raise StartFailed(f"{error}; more than one process of a service needs EGOV_…_DATABASE_URL") from error
        except OSError as error:
            raise StartFailed(f"{stand.data_dir} cannot keep the data: {error.strerror}") from error
        yield


def _follower(stand: StandSettings, clock: Clock, codes: Sequence[str]) -> Follower | None:
    if not stand.tools or not stand.clock_url or "pki" in codes:
        return None
    # Replicas of a service have one code; the host name and process tell them apart.
    return Follower(clock, stand.clock_url, f"{'+'.join(codes)}@{socket.gethostname()}:{os.getpid()}")


async def _start(services: Sequence[RunningService], follower: Follower | None) -> None:
    if follower is not None:
        await follower.start()
    for service in services:
        await service.start()


def environment(
    data_dir: Path,
    addresses: Addresses,
    *,
    bootstrap: str,
    assignment: str,
    fetch_wait_ms: int,
    token: str,
    auditor: str = "",
) -> dict[str, str]:
    """The settings of all services of one stand as environment variables; without ``auditor`` nobody is."""
    found = {
        "EGOV_DATA_DIR": str(data_dir),
        "EGOV_KAFKA_BOOTSTRAP": bootstrap,
        "EGOV_ASSIGNMENT": assignment,
        "EGOV_FETCH_WAIT_MS": str(fetch_wait_ms),
        "EGOV_PKI_URL": addresses.of("pki"),
        "EGOV_ENROLMENT_TOKEN": token,
        "EGOV_AUDITOR_TOKEN": auditor,
        "EGOV_CLOCK_URL": addresses.of("pki"),
        "EGOV_TOOLS": "true",
    }
    for code, url in addresses.urls.items():
        prefix = f"EGOV_{code.replace('-', '_').upper()}_"
        found[f"{prefix}PORT"] = url.rpartition(":")[2]
        found |= {prefix + name.upper(): value for name, value in addresses_for(code, addresses).items()}
    return found


def end_with_parent() -> None:
    """For ``preexec_fn``: the process gets SIGTERM when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class SeparateStand:
    """A stand whose services run in other processes."""

    addresses: Addresses
    bootstrap: str
    processes: dict[str, asyncio.subprocess.Process]
    """By the codes they serve, with ``+`` between them."""
    environment: dict[str, str]
    """What they are told; also for further replicas."""

    async def ready(self) -> None:
        """Wait until all answer that they are. Raises ``RuntimeError`` if one ends, ``TimeoutError`` in the end."""
        async with asyncio.timeout(_READY_WITHIN_S), client() as http:
            for url in self.addresses.urls.values():
                while not await _is_ready(http, url):
                    for code, process in self.processes.items():
                        if process.returncode is not None:
                            raise RuntimeError(f"{code} ended with {process.returncode}")
                    await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End all in order, the authority last, by force what does not end."""
        for process in reversed(list(self.processes.values())):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
        await asyncio.gather(*(_ended(process) for process in self.processes.values()))


@asynccontextmanager
async def separate_stand(
    data_dir: Path,
    ports: Mapping[str, int] | None = None,
    *,
    groups: Sequence[Sequence[str]] | None = None,
    bootstrap: str | None = None,
    settings: Mapping[str, str] | None = None,
    log_level: str = "WARNING",
) -> AsyncIterator[SeparateStand]:
    """A ready stand, stopped at the end of the block.

    ``groups``: which services share a process; default: none. ``bootstrap``: a Kafka cluster; default: an embedded
    broker in this process. ``settings``: further environment variables of the services, e.g. their databases.
    """
    await asyncio.to_thread(make_folder, data_dir)
    addresses = Addresses.on_ports(dict(ports or free_ports()))
    broker = EmbeddedBroker()
    told = dict(settings or {}) | environment(
        data_dir,
        addresses,
        bootstrap=bootstrap or broker.start(),
        assignment="group" if bootstrap else "static",
        # The embedded broker holds an empty fetch for the whole time; a real one answers when something comes.
        fetch_wait_ms=500 if bootstrap else 5,
        token=enrolment_token(data_dir),
        auditor=auditor_token(data_dir),
    )
    stand = SeparateStand(addresses, told["EGOV_KAFKA_BOOTSTRAP"], {}, told)
    try:
        for group in groups or [[code] for code in CODES]:
            stand.processes["+".join(group)] = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.stand",
                "serve",
                "--log-level",
                log_level,
                *group,
                env={**os.environ, **told},
                preexec_fn=end_with_parent,
            )
        await stand.ready()
        yield stand
    finally:
        await stand.stop()
        broker.stop()


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_ENDS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _is_ready(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(f"{url}/readyz")).is_success
    except httpx.TransportError:
        return False
