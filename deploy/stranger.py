"""A stranger in the network of the containers, with no credentials: everything it tries has to fail.

    docker compose -f deploy/compose.yaml run --rm stranger

Exit code 0 if nothing succeeded, 1 if something did, 2 if the stand is not up; a line for every attempt.
"""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from services.stand.callers import all_callers
from services.stand.catalogue import SERVICES
from shared.messages.systems import System
from shared.messages.topics import ALL_TOPICS
from shared.web.access import Caller

_PATIENCE_S = 20.0
_WAYS: dict[str, dict[str, Any]] = {
    "without a name": {},
    "with a wrong password": {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "portal",
        "sasl_plain_password": "guessed",
    },
    "by another mechanism": {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "broker",
        "sasl_plain_password": "guessed",
    },
}
_PORTS = {9092: "the systems' listener", 19092: "the host's listener", 9093: "the controller", 9094: "the node's own"}

Attempt = Callable[[], Awaitable[bool]]


@asynccontextmanager
async def _client(client: Any) -> Any:
    """A Kafka client, closed in the end also if it never came in."""
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


def _told(port: int, way: str) -> dict[str, Any]:
    return {"bootstrap_servers": f"kafka:{port}", "request_timeout_ms": 5_000, **_WAYS[way]}


async def write(port: int, way: str) -> bool:
    """Whether a record could be put on any topic."""
    async with _client(AIOKafkaProducer(**_told(port, way))) as producer:
        outcomes = await asyncio.gather(
            *(producer.send_and_wait(topic, b"{}") for topic in ALL_TOPICS), return_exceptions=True
        )
    return not all(isinstance(outcome, BaseException) for outcome in outcomes)


async def read(port: int, way: str) -> bool:
    """Whether any topic could be read."""
    async with _client(AIOKafkaConsumer(**_told(port, way), group_id=None)) as consumer:
        consumer.assign([TopicPartition(topic, 0) for topic in ALL_TOPICS])
        await consumer.seek_to_beginning()
        return bool(await consumer.getmany(timeout_ms=3_000))


async def control(url: str, method: str) -> bool:
    """Whether a route that is not for everybody answered. An empty body changes nothing where it is taken after all."""
    async with httpx.AsyncClient(timeout=_PATIENCE_S) as http:
        answer = await http.request(method, url, json=None if method in ("GET", "DELETE") else {})
    return answer.status_code not in {401, 403, 404, 405}


async def database(role: str) -> bool:
    """Whether the role's database let us in."""
    connection = await asyncpg.connect(host="postgres", user=role, database=role, password="guessed", timeout=5)  # noqa: S106
    await connection.close()
    return True


def attempts() -> Iterator[tuple[str, Attempt]]:
    """Everything that is tried, each with what it is called."""
    for port, what in _PORTS.items():
        for way in _WAYS:
            yield f"write a topic at {what}, {way}", lambda port=port, way=way: write(port, way)  # type: ignore[misc]
            yield f"read a topic at {what}, {way}", lambda port=port, way=way: read(port, way)  # type: ignore[misc]
    routes = all_callers()
    for service in SERVICES:
        base = f"http://{service.code}:{service.port}"
        for route, who in routes[service.code].items():
            # Of the tools' own nothing is called that would empty a stand whose tools are open.
            if Caller.PUBLIC not in who and not route.startswith(("POST /__stand/reset", "DELETE /__stand/")):
                method, _, path = route.partition(" ")
                url = base + re.sub(r"{[^}]*}", "0", path)
                yield f"{method} {url}", lambda url=url, method=method: control(url, method)  # type: ignore[misc]
    for role in ("postgres", *(system.value.replace("-", "_") for system in System)):
        yield f"enter the database of {role}", lambda role=role: database(role)  # type: ignore[misc]


async def not_up() -> list[str]:
    """What does not even answer: a refusal of it would prove nothing."""
    silent = []
    async with httpx.AsyncClient(timeout=_PATIENCE_S) as http:
        for service in SERVICES:
            url = f"http://{service.code}:{service.port}/readyz"
            try:
                if (await http.get(url)).status_code != httpx.codes.OK:
                    silent.append(url)
            except httpx.HTTPError:
                silent.append(url)
    for host, port in (("kafka", 9092), ("kafka", 19092), ("postgres", 5432)):
        try:
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
        except OSError:
            silent.append(f"{host}:{port}")
    return silent


async def main() -> int:
    """Try everything; the exit code."""
    if silent := await not_up():
        print(f"the stand is not up: {', '.join(silent)}")
        return 2
    succeeded, tried = 0, list(attempts())
    for what, attempt in tried:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                done, why = await attempt(), ""
        except (KafkaError, OSError, TimeoutError, asyncpg.PostgresError) as error:
            done, why = False, f" ({type(error).__name__})"
        succeeded += done
        print(f"{'SUCCEEDED' if done else 'refused  '}  {what}{why}", flush=True)
    print(f"{succeeded} of {len(tried)} attempts succeeded")
    return 1 if succeeded else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
