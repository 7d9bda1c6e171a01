"""A keep-alive HTTP/1.1 connection with nothing on top: the load generator must not be what is measured."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

IDLE_S = 30.0
"""After so long an idle connection is not used again: the server may just be closing it."""


class Unanswered(RuntimeError):
    """The answer is none that this client understands."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self, *expected: int) -> Any:
        """The body as JSON. Raises ``RuntimeError`` for a status that is not ``expected``."""
        self.expect(*expected)
        return orjson.loads(self.body)

    def expect(self, *expected: int) -> bytes:
        """The body. Raises ``RuntimeError`` for a status that is not ``expected``."""
        if self.status not in expected:
            raise RuntimeError(f"status {self.status}: {self.body[:500].decode(errors='replace')}")
        return self.body


class Connection:
    """One connection; one call at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._head = head

    @classmethod
    async def open(cls, url: str, headers: Mapping[str, str]) -> "Connection":
        """To the server of ``url``, with ``headers`` on every call."""
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        lines = {"host": address.netloc, **headers}
        return cls(reader, writer, "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode())

    async def call(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Send and wait for the answer. Raises ``Unanswered`` for one without a length, ``OSError`` if the line
        breaks."""
        self._writer.write(message(method, path, self._head, body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length = parse_head(head)
        return Answer(status, await self._reader.readexactly(length) if length else b"")

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()


class Connections:
    """As many connections as there are calls at the same time, kept as long as they are used."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = headers
        self._idle: list[tuple[Connection, float]] = []
        """With the moment from which on each is idle, the latest last."""

    async def call(self, method: str, path: str, body: bytes = b"") -> Answer:
        """A call on an idle connection, or a new one."""
        await self._hang_up(idle_since=time.monotonic() - IDLE_S)
        connection = self._idle.pop()[0] if self._idle else await Connection.open(self._url, self._headers)
        answer = await connection.call(method, path, body)
        self._idle.append((connection, time.monotonic()))
        return answer

    async def close(self) -> None:
        """Hang up all."""
        await self._hang_up(idle_since=time.monotonic())

    async def _hang_up(self, idle_since: float) -> None:
        while self._idle and self._idle[0][1] <= idle_since:
            await self._idle.pop(0)[0].close()


def message(method: str, path: str, head: bytes, body: bytes) -> bytes:
    """The bytes of a request; ``head`` are the header lines of every request, a body is JSON."""
    start = f"{method} {path} HTTP/1.1\r\n".encode()
    if not body and method == "GET":
        return start + head + b"\r\n"
    return start + head + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def parse_head(head: bytes) -> tuple[int, int]:
    """Status and length of the body. Raises ``Unanswered`` if there is no length."""
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ", 2)[1])
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return status, int(value)
    if status in (204, 304):
        return status, 0
    raise Unanswered(f"status {status} without content-length")
