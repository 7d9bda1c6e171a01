"""Both ends of the line to the load generator: JSON lines, one command and one answer at a time.

``python -m services.stand.bench.generator CHANNEL URLS`` is the generator's end; URLS is a JSON object by system code.
"""

import asyncio
import json
import sys
from typing import Any

from services.stand.addresses import Addresses
from services.stand.bench.applicants import applicant
from services.stand.bench.children import Child, run_child, start_child
from services.stand.bench.load import LoadGenerator, commands

_PATIENCE_S = 3600.0
"""The generator ends by itself long before, with the error."""


class Generator:
    """The load generator as its parent sees it."""

    def __init__(self, child: Child, next_number: int) -> None:
        self._child = child
        self.next_number = next_number
        """The first number no application has used."""

    @classmethod
    async def start(cls, addresses: Addresses, channel: str, next_number: int = 0) -> "Generator":
        """Start the process and wait until its applicant is signed in."""
        child = await start_child("services.stand.bench.generator", channel, json.dumps(addresses.urls))
        await child.read(_PATIENCE_S)
        return cls(child, next_number)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    async def prepare(self, count: int) -> None:
        """Drafts for what is measured next."""
        self.next_number = (await self._tell("prepare", count=count, first=self.next_number))["next"]

    async def throughput(self, window: int) -> dict[str, Any]:
        """See ``LoadGenerator.throughput``."""
        return await self._tell("throughput", window=window)

    async def alone(self) -> dict[str, Any]:
        """See ``LoadGenerator.alone``."""
        return await self._tell("alone")

    async def paced(self, rate: float, follow_each: int) -> dict[str, Any]:
        """See ``LoadGenerator.paced``."""
        return await self._tell("paced", rate=rate, follow_each=follow_each)

    async def stop(self) -> None:
        """End the process."""
        await self._child.stop()

    async def _tell(self, command: str, **arguments: Any) -> dict[str, Any]:
        await self._child.write({"command": command, **arguments})
        return await self._child.read(_PATIENCE_S)


async def serve(channel: str, urls: str) -> None:
    """Do what the lines of standard input say until it ends."""
    pool, found = await applicant(json.loads(urls), channel)
    known = commands(LoadGenerator(found))
    print(json.dumps({"ready": True}), flush=True)
    loop = asyncio.get_running_loop()
    try:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            arguments = json.loads(line)
            answer = await known[arguments.pop("command")](**arguments)
            print(json.dumps(answer), flush=True)
    finally:
        await pool.close()


if __name__ == "__main__":
    run_child(serve(*sys.argv[1:]))
