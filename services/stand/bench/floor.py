"""The floor: how many applications the bare pipeline takes through in a second, in one process or one per stage.

``python -m services.stand.bench.floor`` is one stage; its first line of input says which.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.stand.bench.children import Child, run_child, start_child
from services.stand.bench.hops import Hop
from services.stand.bench.machine import cpu_seconds
from services.stand.bench.pipeline import NODES, Course, Node, Tables
from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity, load_private_key, new_ec_key, private_key_pem
from shared.crypto.issuance import CertificateAuthority, Subject
from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.db.engine import Database, sqlite_url
from shared.hosting.memory import settle_memory
from shared.kit.clock import Clock
from shared.messaging.broker import PARTITIONS, KafkaBroker

_PATIENCE_S = 300.0


@dataclass(frozen=True)
class FloorRun:
    """One run of the bare pipeline."""

    applications: int
    hops: int
    seconds: float
    cpu_s: float

    @property
    def hops_per_s(self) -> float:
        """Signed, verified and transacted records in a second."""
        return self.applications * self.hops / self.seconds


@dataclass(frozen=True)
class Ring:
    """A pipeline to be started: what its stages need to know of it, in a form that goes over a line."""

    hops: tuple[Hop, ...]
    topics: tuple[str, ...]
    keys: tuple[str, ...]
    certificates: tuple[str, ...]
    bootstrap: str
    data_dir: str

    @classmethod
    def new(cls, hops: tuple[Hop, ...], bootstrap: str, data_dir: Path, name: str) -> "Ring":
        """With new keys; ``name`` makes its topics its own."""
        authority = CertificateAuthority.create("http://pki.test")
        keys, certificates = [], []
        for system in NODES:
            key = new_ec_key()
            certificate = authority.issue(
                Subject(system.value, organisation="TEST", system=system.value),
                key.public_key(),
                usage="system",
                not_before=VALID_FROM,
                not_after=VALID_UNTIL,
            )
            keys.append(private_key_pem(key).decode())
            certificates.append(certificate.pem)
        topics = tuple(f"bench.{name}.{system.value}" for system in NODES)
        return cls(hops, topics, tuple(keys), tuple(certificates), bootstrap, str(data_dir))

    @property
    def course(self) -> Course:
        """For its nodes."""
        return Course(self.hops, self.topics)

    def node(self, number: int, finished: Callable[[int], None]) -> Node:
        """One of its nodes, not yet open."""
        certificates = [Certificate.from_pem(pem.encode()) for pem in self.certificates]
        tables, clock = Tables(), Clock()
        name = self.topics[number]
        return Node(
            number,
            self.course,
            Identity(load_private_key(self.keys[number].encode()), certificates[number]),
            certificates,
            KafkaBroker(self.bootstrap, name, assignment="static", fetch_wait_ms=5),
            Database(sqlite_url(Path(self.data_dir), name), tables.metadata),
            tables,
            clock,
            finished,
        )

    def as_dict(self) -> dict[str, Any]:
        """For the line."""
        return {**vars(self), "hops": [[hop.size, hop.signatures] for hop in self.hops]}

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Ring":
        """What ``as_dict`` made."""
        return cls(
            hops=tuple(Hop(*hop) for hop in fields["hops"]),
            topics=tuple(fields["topics"]),
            keys=tuple(fields["keys"]),
            certificates=tuple(fields["certificates"]),
            bootstrap=fields["bootstrap"],
            data_dir=fields["data_dir"],
        )


async def create_topics(ring: Ring) -> None:
    """Make the topics of a ring on a real cluster, with as many partitions as those of the stand. The embedded broker
    has every topic that is asked for."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ring.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in ring.topics])
    finally:
        await admin.close()


class Race:
    """Keeps ``window`` applications on their way until all have finished; run by the node that reads last hops."""

    def __init__(self, applications: int, window: int) -> None:
        self._applications = applications
        self._window = window
        self._launched = 0
        self._finished = 0
        self._error: Exception | None = None
        self._freed = asyncio.Event()

    def finished(self, count: int) -> None:
        """``count`` more have made their last hop."""
        self._finished += count
        self._freed.set()

    def failed(self, error: Exception) -> None:
        """A node broke: the race is over."""
        self._error = error
        self._freed.set()

    async def run(self, node: Node) -> float:
        """Seconds from the first launch to the last finish. Raises what broke a node."""
        started = perf_counter()
        while self._finished < self._applications:
            self._freed.clear()
            room = min(self._window - (self._launched - self._finished), self._applications - self._launched)
            if room > 0:
                await node.launch(self._launched, room)
                self._launched += room
            await self._freed.wait()
            if self._error is not None:
                raise self._error
        return perf_counter() - started


async def in_one_process(ring: Ring, applications: int, window: int) -> FloorRun:
    """All stages on one event loop, as the embedded stand has its services. Its CPU time is this process's."""
    race = Race(applications, window)
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(_running(ring.node(n, race.finished), race)) for n in range(len(NODES))
        ]
        settle_memory()  # as the stand does
        before = cpu_seconds(os.getpid())
        async with asyncio.timeout(_PATIENCE_S):
            seconds = await race.run(nodes[ring.course.last_node])
        return FloorRun(applications, len(ring.hops), seconds, cpu_seconds(os.getpid()) - before)


async def in_processes(ring: Ring, applications: int, window: int) -> FloorRun:
    """Every stage in a process of its own."""
    children: list[Child] = []
    try:
        for number in range(len(NODES)):
            child = await start_child("services.stand.bench.floor")
            children.append(child)
            await child.write(
                {"ring": ring.as_dict(), "number": number, "applications": applications, "window": window}
            )
        for child in children:
            await child.read(_PATIENCE_S)
        before = [cpu_seconds(child.pid) for child in children]
        last = children[ring.course.last_node]
        await last.write({"go": True})
        seconds = float((await last.read(_PATIENCE_S))["seconds"])
        cpu = sum(cpu_seconds(child.pid) - spent for child, spent in zip(children, before, strict=True))
        return FloorRun(applications, len(ring.hops), seconds, cpu)
    finally:
        await asyncio.gather(*(child.stop() for child in children))


@asynccontextmanager
async def _running(node: Node, race: Race) -> AsyncIterator[Node]:
    """A node whose loop turns until the end of the block."""
    stopping = asyncio.Event()

    async def loop() -> None:
        try:
            while not stopping.is_set():
                await node.turn()
        except Exception as error:  # noqa: BLE001 - whoever waits for the race gets it
            race.failed(error)

    await node.open()
    task = asyncio.create_task(loop())
    try:
        yield node
    finally:
        stopping.set()
        await task
        await node.close()


async def _stage() -> None:
    loop = asyncio.get_running_loop()
    order = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    race = Race(order["applications"], order["window"])
    async with _running(Ring.of(order["ring"]).node(order["number"], race.finished), race) as node:
        settle_memory()
        print(json.dumps({"ready": True}), flush=True)
        if await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps({"seconds": await race.run(node)}), flush=True)
            await loop.run_in_executor(None, sys.stdin.readline)


if __name__ == "__main__":
    run_child(_stage())
