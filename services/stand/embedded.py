"""The embedded stand: broker and all services in one process, one port each, everything on loopback."""

import asyncio
import contextlib
import logging
import os
import secrets
import shlex
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from services.stand.addresses import Addresses
from services.stand.catalogue import SERVICES, Service
from services.stand.running import LOCK
from shared.hosting.memory import growing_memory
from shared.kit import ports as loopback
from shared.kit.alone import Taken, holding
from shared.kit.clock import Clock
from shared.kit.durable import lack_of_room, make_folder, replace_file
from shared.kit.errors import InvalidInput, StandError
from shared.kit.settings import StandSettings
from shared.messaging.embedded import EmbeddedBroker
from shared.web.server import limits_of, server_config

log = logging.getLogger(__name__)

_PORT_BASE = 8100
_HIGHEST_PORT = 65535
STARTED_WITHIN_S = 180.0
"""How long a service may take to start: longer than it waits for a silent database and a silent authority together."""

_GIVES_UP_WITHIN_S = 5.0
_TOKEN_LENGTH = 43
"""Of 32 random bytes in base64url."""


class StartFailed(RuntimeError):
    """A service of the stand ended before it served, or while it should; the text names it and says why."""


class PortTaken(StartFailed):
    """Something else listens where the service shall."""


_TOLD_IN_ONE_LINE = (StandError, OSError, ValueError, RuntimeError)
"""What the outside did: settings, files, ports, silent neighbours. Everything else is a defect of ours."""


def _no_tracebacks(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Traceback")


# uvicorn logs the traceback of a start that fails as a text; ``StartFailed`` says the same in one line.
logging.getLogger("uvicorn.error").addFilter(_no_tracebacks)


class _Server(uvicorn.Server):
    """A uvicorn server among others in one process: signals are the stand's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Where a port is taken uvicorn ends the whole process, which is not only its own here.
        try:
            await super().startup(sockets)
        except SystemExit as ended:
            raise PortTaken(f"nothing serves on port {self.config.port}; its log says why") from ended


class RunningService:
    """One service of the stand, which can be stopped, killed and started again on the same port."""

    def __init__(self, service: Service, stand: StandSettings, clock: Clock, port: int, **values: Any) -> None:
        self.service = service
        self.app: FastAPI | None = None
        self._stand = stand
        self._clock = clock
        self._values = values
        self._port = port
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self._task is not None and not self._task.done()

    @property
    def needs_own_files(self) -> bool:
        """Whether it keeps files that no second process may write: the authority, and who has an SQLite database."""
        settings = self.service.settings(port=self._port, **self._values)
        return self.service.code == "pki" or settings.database_url.startswith("sqlite") or not settings.database_url

    async def start(self) -> None:
        """Start and wait until it serves. Raises ``StartFailed`` if it ends instead."""
        try:
            settings = self.service.settings(port=self._port, **self._values)
            self.app = self.service.create_app(settings, self._stand, self._clock)
        except Exception as error:
            raise self._failed(error) from error
        config = server_config(
            self.app,
            settings.host,
            self._port,
            limits_of(self._stand),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(STARTED_WITHIN_S):
            while not self._server.started:
                if self._task.done():
                    failed, self._task, self._server = self._task, None, None
                    ended = failed.exception()
                    cause = getattr(self.app.state, "start_failure", None) or ended
                    raise self._failed(cause) from cause
                await asyncio.sleep(0.005)

    def _failed(self, cause: BaseException | None) -> StartFailed:
        if cause is not None and not isinstance(cause, _TOLD_IN_ONE_LINE):
            log.error("%s did not start", self.service.code, exc_info=cause)
        kind = PortTaken if isinstance(cause, PortTaken) else StartFailed
        return kind(f"{self.service.code} did not start: {cause or 'it ended'}")

    async def stop(self, *, abruptly: bool = False) -> None:
        """End it: in order, or as if the process were killed."""
        if self._server is None or self._task is None or self.app is None:
            return
        if abruptly:
            # The message loop ends first and at once; then connections are cut and files closed without finishing
            # anything.
            self.app.state.abrupt = True
            await self.app.state.platform.runtime.kill()
            self._server.config.timeout_graceful_shutdown = 0
        self._server.should_exit = True
        if not self._server.started:
            await self._give_up()
        with contextlib.suppress(asyncio.CancelledError, RuntimeError):
            await self._task
        self._server = self._task = None

    async def _give_up(self) -> None:
        """End a start: it waits for something, and looks at nothing else."""
        assert self._task is not None
        opening: asyncio.Task[None] | None = getattr(self.app.state, "opening", None) if self.app else None
        if opening is not None and not opening.done():
            # The server's own task would leave this one behind.
            opening.cancel()
            await asyncio.wait({opening}, timeout=_GIVES_UP_WITHIN_S)
        self._task.cancel()

    async def restart(self) -> None:
        """Stop in order and start again with what it kept on disk."""
        await self.stop()
        await self.start()


async def until_one_ends(services: Iterable[RunningService]) -> None:
    """Wait for as long as all of them serve. Raises ``StartFailed`` that names the first whose server has ended, which
    nobody has told it."""
    tasks = {service._task: service for service in services if service._task is not None}  # noqa: SLF001
    (ended, *_), _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    cause = None if ended.cancelled() else ended.exception()
    code = tasks[ended].service.code
    log.error("%s serves no more", code, exc_info=cause)
    raise StartFailed(f"{code} serves no more: {cause or 'it ended'}") from cause


class EmbeddedStand:
    """All services and the broker they share."""

    def __init__(self, data_dir: Path, ports: dict[str, int], **settings: Any) -> None:
        """``ports`` by system code; ``settings`` override those of the stand (``StandSettings``)."""
        self.clock = Clock()
        self.broker = EmbeddedBroker()
        self.addresses = Addresses.on_ports(ports)
        self._data_dir = data_dir
        self._ports = ports
        self._settings = settings
        self.services: dict[str, RunningService] = {}
        self.token = self.auditor = self.bootstrap = ""

    async def start(self) -> None:
        """Start broker and services; all are ready when this returns. Raises ``StartFailed`` if one does not start."""
        make_folder(self._data_dir)
        self.token, self.auditor = enrolment_token(self._data_dir), auditor_token(self._data_dir)
        self.bootstrap = self._settings.get("kafka_bootstrap") or self.broker.start()
        stand = StandSettings(
            **{
                "data_dir": self._data_dir,
                "kafka_bootstrap": self.bootstrap,
                "assignment": "static",
                "fetch_wait_ms": 5,
                "pki_url": self.addresses.of("pki"),
                "enrolment_token": SecretStr(self.token),
                "auditor_token": SecretStr(self.auditor),
                "addresses": self.addresses.urls,
                "tools": True,
                **self._settings,
            }
        )
        for service in SERVICES:
            values = addresses_for(service.code, self.addresses)
            port = self._ports[service.code]
            self.services[service.code] = RunningService(service, stand, self.clock, port, **values)
        authority, *others = self.services.values()
        await authority.start()
        # Where one does not start, the others do not go on starting behind the back of whoever stops the stand.
        try:
            async with asyncio.TaskGroup() as starts:
                for other in others:
                    starts.create_task(other.start())
        except* StartFailed as failures:
            raise failures.exceptions[0] from None

    async def stop(self) -> None:
        """Stop everything, the authority last."""
        authority, *others = self.services.values() or [None]
        await asyncio.gather(*(service.stop() for service in others if service is not None))
        if authority is not None:
            await authority.stop()
        self.broker.stop()


def addresses_for(code: str, addresses: Addresses) -> dict[str, str]:
    """What the settings of a service say about where others, and it itself, are reached."""
    match code:
        case "pki":
            return {"public_url": addresses.of("pki")}
        case "portal":
            return {
                "provider_url": addresses.of("provider"),
                "csc_url": addresses.of("csc"),
                "regional_gateway_url": addresses.of("regional-gateway"),
            }
        case "csc":
            return {"provider_url": addresses.of("provider")}
        case "provider":
            return {
                "portal_url": addresses.of("portal"),
                "csc_url": addresses.of("csc"),
                "verification_url": f"{addresses.of('portal')}/verify",
            }
    return {}


def enrolment_token(data_dir: Path) -> str:
    """The secret with which systems enrol."""
    return _secret(data_dir / "enrolment-token")


def auditor_token(data_dir: Path) -> str:
    """The secret with which the auditor reads logs and journals."""
    return _secret(data_dir / "auditor-token")


def _secret(file: Path) -> str:
    """Made at the first start, kept with the keys."""
    kept = file.read_text() if file.exists() else ""
    if len(kept) != _TOKEN_LENGTH:  # missing or cut short; systems are told it anew at every start
        kept = secrets.token_urlsafe(32)
        replace_file(file, kept.encode())
    return kept


def free_ports() -> dict[str, int]:
    """A free loopback port for every service; for tests and demos beside a running stand."""
    return dict(zip((service.code for service in SERVICES), loopback.free_ports(len(SERVICES)), strict=True))


def fixed_ports(environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """The ports a stand is started on and looked for: the well-known ones, all moved by ``EGOV_PORT_BASE`` (8100),
    single ones by ``EGOV_<SERVICE>_PORT``. Raises ``InvalidInput`` naming what is no port, or taken twice."""
    ports = {}
    for service in SERVICES:
        name = f"EGOV_{service.code.upper().replace('-', '_')}_PORT"
        base = _port("EGOV_PORT_BASE", environment.get("EGOV_PORT_BASE") or str(_PORT_BASE))
        ports[service.code] = _port(name, environment.get(name) or str(base + service.port - _PORT_BASE))
    if len(set(ports.values())) != len(ports):
        raise InvalidInput(f"two services would have the same port: {ports}")
    return ports


def _port(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) <= _HIGHEST_PORT:
        raise InvalidInput(f"{name} is {value!r}, which is no port from 1 to {_HIGHEST_PORT}")
    return int(value)


@asynccontextmanager
async def embedded_stand(
    data_dir: Path, ports: dict[str, int] | None = None, **settings: Any
) -> AsyncIterator[EmbeddedStand]:
    """A started stand that is stopped at the end of the block."""
    with alone_in(data_dir):
        stand = EmbeddedStand(data_dir, ports or free_ports(), **settings)
        try:
            with growing_memory():
                await stand.start()
            yield stand
        finally:
            await stand.stop()


@contextlib.contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
    """Within the block the folder is this stand's. Raises ``StartFailed`` if it cannot be, or is another's."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(holding(data_dir, LOCK, f"the stand of process {os.getpid()}"))
            (data_dir / "addresses.json").unlink(missing_ok=True)  # of one that was killed
            enrolment_token(data_dir)
            auditor_token(data_dir)
        except Taken as error:
            raise StartFailed(f"{error}; `egov down --data-dir {shlex.quote(str(data_dir))}` stops it") from error
        except OSError as error:
            raise StartFailed(f"{data_dir} cannot keep the stand's data: {error.strerror}") from error
        if fault := lack_of_room(data_dir):
            raise StartFailed(fault)
        yield
