"""The relay passes bytes as they are, and is slow, silent or cut when told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.relay import Relay


class _Echo:
    """A server that answers with what it got."""

    def __init__(self) -> None:
        self.broken = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while content := await reader.read(65536):
                writer.write(content)
                await writer.drain()
        self.broken += 1
        writer.close()


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    """In front of an echo."""
    echo = _Echo()
    relay = Relay(await echo.start(), 0)
    await relay.start()
    yield relay
    await relay.stop()
    await echo.stop()


@asynccontextmanager
async def _connected(relay: Relay) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _ask(relay: Relay, content: bytes) -> bytes:
    async with _connected(relay) as (reader, writer):
        writer.write(content)
        return await reader.readexactly(len(content))


async def test_bytes_pass_as_they_are(relay: Relay) -> None:
    content = bytes(range(256)) * 4000
    assert await _ask(relay, content) == content


async def test_slow_means_late_in_each_direction(relay: Relay) -> None:
    relay.slow(0.05)
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert await _ask(relay, b"late") == b"late"
    assert loop.time() - started >= 0.1


async def test_silent_passes_nothing_until_it_is_healed(relay: Relay) -> None:
    async with _connected(relay) as (reader, writer):
        relay.silence()
        writer.write(b"held")
        waiting = asyncio.create_task(reader.readexactly(4))
        done, _ = await asyncio.wait({waiting}, timeout=0.1)
        assert not done
        await relay.heal()
        assert await waiting == b"held"


async def test_cut_breaks_what_is_open_and_refuses_what_comes(relay: Relay) -> None:
    async with _connected(relay) as (reader, writer):
        writer.write(b"here")
        assert await reader.readexactly(4) == b"here"
        await relay.cut()
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", relay.port)
    await relay.heal()
    assert await _ask(relay, b"again") == b"again"


async def test_who_is_cut_off_at_the_other_end_learns_it() -> None:
    echo = _Echo()
    relay = Relay(await echo.start(), 0)
    await relay.start()
    await echo.stop()
    async with _connected(relay) as (reader, _):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    await relay.stop()
