"""Processes that the benchmark starts and that talk in JSON lines."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Coroutine, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from services.stand.processes import end_with_parent

_LINE_LIMIT = 16 * 1024 * 1024
_ENDS_WITHIN_S = 10.0


class Child:
    """A started process. Its standard error is ours."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def write(self, value: Mapping[str, Any]) -> None:
        """One line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value).encode() + b"\n")
        await self._process.stdin.drain()

    async def read_line(self, seconds: float) -> str:
        """The next line of its standard output. Raises ``RuntimeError`` if it ends, ``TimeoutError`` if none comes."""
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with {await self._process.wait()}")
        return line.decode()

    async def read(self, seconds: float) -> dict[str, Any]:
        """The next line as JSON."""
        found: dict[str, Any] = json.loads(await self.read_line(seconds))
        return found

    async def stop(self) -> None:
        """End it in order, or by force if that takes too long."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
        try:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                await self._process.communicate()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def start_child(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Child:
    """Start ``python -m module`` with ``arguments``; returns without waiting for it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
        env=environment,
        preexec_fn=end_with_parent,
    )
    return Child(" ".join([module, *arguments[:1]]), process)


def run_child(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` on the quickest event loop there is; the end of a started process."""
    factory = import_module("uvloop").new_event_loop if find_spec("uvloop") else None
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)
