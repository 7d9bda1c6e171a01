"""A TCP relay of ours between two parts of the stand: it can be slow, silent or cut."""

import asyncio
import contextlib
import socket
import struct


class Relay:
    """Passes bytes from ``port`` on loopback to ``target``. Each fault lasts until ``heal``."""

    def __init__(self, target: int, port: int) -> None:
        self.port = port
        self._target = target
        self._server: asyncio.Server | None = None
        self._pairs: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._delay_s = 0.0
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def start(self) -> None:
        """Listen; port 0 becomes a free one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        await self.cut()
        self._flowing.set()
        await asyncio.gather(*self._pairs, return_exceptions=True)

    async def cut(self) -> None:
        """Unreachable: every connection breaks, new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._writers):
            _reset(writer)

    def silence(self) -> None:
        """Connections stay and are taken, and not a byte passes."""
        self._flowing.clear()

    def slow(self, seconds: float) -> None:
        """Whatever passes is late by ``seconds``, in each direction."""
        self._delay_s = seconds

    async def heal(self) -> None:
        """As it should be."""
        self._delay_s = 0.0
        self._flowing.set()
        if self._server is None:
            await self.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pairs.add(task)
        writers = [writer]
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            writers.append(back)
            self._writers.add(back)
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
            await asyncio.gather(*(one.wait_closed() for one in writers), return_exceptions=True)
        except OSError:
            return
        finally:
            for one in writers:
                _reset(one)
            self._writers.difference_update(writers)
            self._pairs.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=256)

        async def read() -> None:
            content = b"there is more"
            while content:
                try:
                    content = await reader.read(65536)
                except OSError:
                    content = b""
                await late.put((loop.time() + self._delay_s, content))

        reading = asyncio.create_task(read())
        try:
            while True:
                due, content = await late.get()
                while (left := due - loop.time()) > 0:  # noqa: ASYNC110 — it is the time that is waited for
                    await asyncio.sleep(left)
                await self._flowing.wait()
                if not content:
                    return
                writer.write(content)
                await writer.drain()
        except OSError:
            return
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection as a cable does: whoever is at the other end learns of it, and nothing that is still on its
    way arrives."""
    connection = writer.get_extra_info("socket")
    if not writer.transport.is_closing():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
