"""A small service on a real port, and a client that may send anything."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import StreamingResponse

from shared.kit.clock import Clock
from shared.kit.ports import free_ports
from shared.web.app import create_service_app
from shared.web.limits import HttpLimits
from shared.web.presence import while_there
from shared.web.server import server_config

Until = Callable[[Callable[[], bool]], Awaitable[None]]


@dataclass
class Answer:
    """What came until the other side closed."""

    status: int
    head: bytes
    body: bytes

    @property
    def problem(self) -> str:
        """The last part of its type."""
        assert b"application/problem+json" in self.head
        return str(json.loads(self.body)["type"].rpartition(":")[2])


@dataclass
class Connection:
    """One connection to the service."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *parts: bytes) -> None:
        """Without waiting whether anybody reads it."""
        self.writer.write(b"".join(parts))

    async def ends(self) -> bytes:
        """Everything until the other side closes."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def answer(self) -> Answer:
        """The one answer before the other side closes."""
        whole = await self.ends()
        head, _, body = whole.partition(b"\r\n\r\n")
        return Answer(int(head.split()[1]), head, body)

    async def next_answer(self) -> Answer:
        """An answer of known length; the connection stays."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            return Answer(int(head.split()[1]), head, await self.reader.readexactly(length))


class Service:
    """A small service on a real port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.server: uvicorn.Server | None = None
        self.opened: list[Connection] = []
        self.seen: list[str] = []
        self.read = 0
        self.go_on = asyncio.Event()

    def app(self) -> FastAPI:
        """Routes that read a body, wait, and answer without end."""
        router = APIRouter()

        @router.post("/echo")
        async def echo(value: Any = None) -> Any:
            return value

        @router.put("/upload", max_body_size=5_000_000)
        async def upload(request: Request) -> int:
            self.seen.append("upload")
            async for chunk in request.stream():
                self.read += len(chunk)
            return self.read

        @router.get("/wait")
        @router.post("/wait")
        async def wait() -> str:
            self.seen.append("wait")
            try:
                async with while_there():
                    await self.go_on.wait()
            except asyncio.CancelledError:
                self.seen.append("left")
                raise
            return "done"

        @router.get("/endless")
        async def endless() -> StreamingResponse:
            async def parts() -> AsyncIterator[bytes]:
                try:
                    while True:
                        yield b"x" * 65536
                        await asyncio.sleep(0)
                finally:
                    self.seen.append("endless ended")

            return StreamingResponse(parts())

        async def readiness() -> dict[str, str | None]:
            return {}

        return create_service_app(
            code="portal", title="t", summary="s", clock=Clock(), tools=False, lifespan=None, readiness=readiness,
            routers=[router],
        )  # fmt: skip

    @property
    def connections(self) -> int:
        """How many are open."""
        assert self.server is not None
        return len(self.server.server_state.connections)

    async def connect(self, **options: Any) -> Connection:
        """A new connection."""
        opened = Connection(*await asyncio.open_connection("127.0.0.1", self.port, **options))
        self.opened.append(opened)
        return opened


Serve = Callable[[HttpLimits], AbstractAsyncContextManager[Service]]


@asynccontextmanager
async def served(limits: HttpLimits, until: Until) -> AsyncIterator[Service]:
    """The service with these limits for the length of a block."""
    service = Service(free_ports(1)[0])
    config = server_config(
        service.app(), "127.0.0.1", service.port, limits, log_config=None, access_log=False,
        timeout_graceful_shutdown=0,
    )  # fmt: skip
    server = service.server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    try:
        yield service
    finally:
        service.go_on.set()
        for connection in service.opened:
            connection.writer.transport.abort()
        server.should_exit = True
        await serving
