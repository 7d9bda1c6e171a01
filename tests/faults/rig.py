"""The deployed stand under test: real Kafka, real PostgreSQL, every service a process of its own, relays in between.

Everything is on loopback and ours: nothing that this module did not start is touched.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx

from deploy.kafka.node import KafkaNode, Listener
from services.stand.addresses import Addresses
from services.stand.embedded import auditor_token, enrolment_token, free_ports
from services.stand.processes import end_with_parent, environment
from shared.kit import ports as loopback
from tests.faults import recorder
from tests.faults.history import History
from tests.faults.relay import Relay
from tests.servers.postgres import PostgresServer

REPLICATED = ("gateway", "regional-gateway", "provider")
"""Services with two processes, which share the partitions of their topics: those every application passes through."""
RESEND_AFTER_S = 5.0
"""First pause before a message without a receipt is sent again; the services' default is 20."""
SMALL_DISK_OF = "regional-gateway"
"""Whose database lies on a disk of its own that can be filled."""
SMALL_DISK_MB = 128
_READY_WITHIN_S = 240.0
_ENDS_WITHIN_S = 15
_DIRECT = "DIRECT"
_STUCK_AFTER_S = 240.0


class Unfit(Exception):
    """This machine cannot run that, and why."""


class SmallDisk:
    """A file system of its own, in memory, for one database. Needs the right to mount. Raises ``Unfit``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MB}m,mode=0700", "egov-faults", folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Unfit(f"no disk of its own for a database: {done.stderr.strip()}")
        self.data = folder / "tablespace"
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            shutil.chown(self.data, "postgres", "postgres")
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Not a byte is left."""
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65536)
        with contextlib.suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0" * 512)

    def empty(self) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)

    def drop(self) -> None:
        """Unmount."""
        subprocess.run(["umount", self.folder], check=False)


@dataclass
class Rig:
    """The parts, running."""

    folder: Path
    kafka: KafkaNode
    postgres: PostgresServer
    addresses: Addresses
    environment: dict[str, str]
    broker_relay: Relay
    database_relays: dict[str, Relay]
    disk: SmallDisk | None
    no_disk: str = ""
    urls: dict[str, str] = field(default_factory=dict)
    """Where each process answers; a service's second process has a name of its own, as ``gateway#2``."""
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str:
        """Kafka without a relay before it, for the harness."""
        return self.kafka.address(_DIRECT)

    def database(self, code: str) -> str:
        """A service's database without a relay before it, for the harness."""
        return f"postgresql://egov@127.0.0.1:{self.postgres.port}/{_database(code)}"

    # -- processes -------------------------------------------------------------------------------------------

    def replicas(self, code: str) -> list[str]:
        """The processes of a service."""
        return [name for name in self.urls if _code(name) == code]

    async def start_process(self, name: str) -> None:
        """Start a process; returns at once."""
        code = _code(name)
        port = {f"EGOV_{code.replace('-', '_').upper()}_PORT": self.urls[name].rpartition(":")[2]}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.stand", "serve", "--log-level", "WARNING", code,
                env={**os.environ, **self.environment, **port},
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
            )  # fmt: skip

    async def kill_process(self, name: str) -> None:
        """SIGKILL; returns when it is gone."""
        process = self.processes[name]
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def restart_process(self, name: str) -> None:
        """As a roll-out does: told to end, started again, and back when it says that it is ready."""
        process = self.processes[name]
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
        except TimeoutError:
            await self.kill_process(name)
        await self.start_process(name)
        await self.ready()

    def signal_process(self, name: str, number: signal.Signals) -> None:
        """Any other signal."""
        self.processes[name].send_signal(number)

    async def ready(self) -> None:
        """Wait until all processes say they are ready. Raises ``RuntimeError`` if one has ended, ``TimeoutError``."""
        async with asyncio.timeout(_READY_WITHIN_S), httpx.AsyncClient(timeout=5) as http:
            for name in tuple(self.processes):
                url = self.urls[name]
                while not await _is_ready(http, url):
                    if (ended := self.processes[name].returncode) is not None:
                        said = (self.folder / f"{name}.log").read_text()[-2000:]
                        raise RuntimeError(f"{name} ended with {ended}: {said}")
                    await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """End everything, in order as far as it goes."""
        for process in self.processes.values():
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                    process.terminate()
        for name, process in self.processes.items():
            try:
                await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
            except TimeoutError:
                await self.kill_process(name)
        for relay in (self.broker_relay, *self.database_relays.values()):
            await relay.stop()

    # -- history ---------------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """Wait until nothing is under way: all are ready, every message has its receipt, every dead letter is
        published. Raises ``TimeoutError`` naming who is busy if for a long time nothing of it goes on."""
        await self.ready()
        loop = asyncio.get_running_loop()
        busy, went_on_at = ["nobody was asked"], loop.time()
        while busy:
            await asyncio.sleep(0.1)
            found = [line for code in recorder.RECORDED for line in await self._busy(code)]
            if found != busy:
                busy, went_on_at = found, loop.time()
            elif loop.time() - went_on_at > _STUCK_AFTER_S:
                raise TimeoutError(f"nothing went on for {_STUCK_AFTER_S:g} s: {'; '.join(busy)}")

    async def _busy(self, code: str) -> list[str]:
        connection = await asyncpg.connect(self.database(code))
        try:
            waiting = await connection.fetchval("SELECT count(*) FROM outbox")
            unpublished = await connection.fetchval("SELECT count(*) FROM dead_letters WHERE published = 0")
        finally:
            await connection.close()
        found = [f"{code}: {waiting} messages without a receipt"] if waiting else []
        return found + ([f"{code}: {unpublished} dead letters not published"] if unpublished else [])

    async def install_recorders(self) -> None:
        """From now on every change is written down."""
        for code in recorder.RECORDED:
            await recorder.install(self.database(code), code)

    async def collect(self, history: History) -> None:
        """Add what was recorded since the last time to ``history``."""
        for code in recorder.RECORDED:
            new = await recorder.changes(self.database(code), code, self._read.get(code, 0))
            if new:
                self._read[code] = new[-1].seq
            history.changes += new
        history.dead_letters = await recorder.dead_letters(self.bootstrap)
        history.forget_views()
        async with httpx.AsyncClient(timeout=30) as http:
            unknown = [application for application in history.accepted if application not in history.verdicts]
            history.verdicts |= await recorder.verdicts(http, self.addresses.of("gateway"), unknown)


@asynccontextmanager
async def running_rig(*, replicated: Sequence[str] = REPLICATED) -> AsyncIterator[Rig]:
    """A ready stand, recorded from the start and removed at the end; the services ``replicated`` run twice.

    Raises ``NoKafka``, ``NoPostgres``.
    """
    folder = Path(tempfile.mkdtemp(prefix="egov-faults-"))
    with contextlib.ExitStack() as ending:
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        # PostgreSQL's user must reach the disk that is mounted in here; what is secret has its own mode.
        folder.chmod(0o755)
        # A crash may lose nothing that was committed; the machine itself does not fail here, so fsync may be off.
        postgres = PostgresServer({"synchronous_commit": "on"})
        ending.callback(postgres.drop)
        await asyncio.to_thread(postgres.start)
        disk, no_disk = None, ""
        try:
            disk = SmallDisk(folder / "disk")
            ending.callback(disk.drop)
            # The server has to let go of the disk before it is unmounted.
            ending.callback(postgres.drop)
        except Unfit as reason:
            no_disk = str(reason)
        ports = free_ports()
        broker_port, *database_ports = loopback.free_ports(len(recorder.RECORDED) + 1)
        settings = {"advertised.listeners": ""}
        kafka = KafkaNode(folder / "kafka", listeners={_DIRECT: Listener()}, settings=settings)
        # Clients come back by the address that the broker tells them: the relay's, but for the harness itself.
        direct = f"{_DIRECT}://{kafka.address(_DIRECT)}"
        settings["advertised.listeners"] = f"PLAINTEXT://127.0.0.1:{broker_port},{direct}"
        ending.callback(kafka.stop)
        await asyncio.to_thread(kafka.start)
        relays = {
            code: Relay(postgres.port, port) for code, port in zip(recorder.RECORDED, database_ports, strict=True)
        }
        addresses = Addresses.on_ports(ports)
        rig = Rig(
            folder,
            kafka,
            postgres,
            addresses,
            _environment(folder, addresses, broker_port, relays),
            Relay(int(kafka.bootstrap.rpartition(":")[2]), broker_port),
            relays,
            disk,
            no_disk,
        )
        rig.urls |= addresses.urls
        for code, port in zip(replicated, loopback.free_ports(len(replicated)), strict=True):
            rig.urls[f"{code}#2"] = f"http://127.0.0.1:{port}"
        try:
            await _start(rig)
            yield rig
        finally:
            await rig.stop()


async def _start(rig: Rig) -> None:
    connection = await asyncpg.connect(f"postgresql://egov@127.0.0.1:{rig.postgres.port}/postgres")
    try:
        if rig.disk is not None:
            await connection.execute(f"CREATE TABLESPACE small LOCATION '{rig.disk.data}'")
        for code in recorder.RECORDED:
            place = " TABLESPACE small" if rig.disk is not None and code == SMALL_DISK_OF else ""
            await connection.execute(f'CREATE DATABASE "{_database(code)}"{place}')
    finally:
        await connection.close()
    for relay in (rig.broker_relay, *rig.database_relays.values()):
        await relay.start()
    # As a roll-out does: the second process of a service when the first is there.
    for name in rig.addresses.urls:
        await rig.start_process(name)
    await rig.ready()
    await rig.install_recorders()
    for name in rig.urls.keys() - rig.processes.keys():
        await rig.start_process(name)
    await rig.ready()


def _environment(folder: Path, addresses: Addresses, broker: int, relays: Mapping[str, Relay]) -> dict[str, str]:
    found = environment(
        folder / "data",
        addresses,
        bootstrap=f"127.0.0.1:{broker}",
        assignment="group",
        fetch_wait_ms=500,
        token=_token(folder / "data"),
        auditor=auditor_token(folder / "data"),
    )
    for code, relay in relays.items():
        name = f"EGOV_{code.replace('-', '_').upper()}_DATABASE_URL"
        found[name] = f"postgresql+asyncpg://egov@127.0.0.1:{relay.port}/{_database(code)}"
    return found | {"EGOV_RESEND_AFTER_S": str(RESEND_AFTER_S)}


def _token(folder: Path) -> str:
    folder.mkdir(mode=0o700)
    return enrolment_token(folder)


def _code(name: str) -> str:
    return name.partition("#")[0]


def _database(code: str) -> str:
    return f"egov_{code.replace('-', '_')}"


async def _is_ready(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(f"{url}/readyz")).is_success
    except httpx.TransportError:
        return False
