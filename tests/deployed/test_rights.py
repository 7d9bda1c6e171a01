"""A cluster with rights: systems exchange messages; whoever is not let in, or leaves their routes, is refused."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from confluent_kafka.admin import AclOperation, AdminClient  # type: ignore[attr-defined]
from pydantic import SecretStr

from deploy.kafka.node import KafkaNode, Listener
from services.stand.cli import main
from services.stand.kafka_access import all_of, apply, bindings, read_passwords
from shared.kit.settings import StandSettings
from shared.messages.rights import Rights, rights_of
from shared.messages.systems import System
from shared.messages.topics import ALL_TOPICS, inbox_of, topics_read_by
from shared.messaging.testing import Network, eventually
from tests.deployed.effects import METADATA, TABLES, counting_handlers, effects
from tests.factories.messages import record, review_started
from tests.servers.databases import Databases

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

_SCRAM = {
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
}
_AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    # The node's own listener has no names here; nobody else uses it.
    "super.users": "User:ANONYMOUS;User:admin",
}


@pytest.fixture(scope="module")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a password for every system, as the deployment makes it."""
    folder = tmp_path_factory.mktemp("passwords")
    for system in System:
        (folder / system.value).write_text(f"password-of-{system}\n")
    return folder


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory, passwords: Path) -> Iterator[KafkaNode]:
    """A node on which the systems are users with the rights of their routes."""
    node = KafkaNode(
        tmp_path_factory.mktemp("ruled"),
        listeners={"PASSWORD": Listener("SASL_PLAINTEXT", _SCRAM)},
        scram={"admin": "correct"},
        settings=_AUTHORIZER,
    )
    node.start()
    apply(as_user(node, "admin", "correct"), read_passwords(passwords))
    yield node
    node.stop()


def as_user(node: KafkaNode, name: str, password: str = "") -> StandSettings:
    """What a system is told that comes in as ``name``."""
    return StandSettings(
        kafka_bootstrap=node.address("PASSWORD"),
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_username=name,
        kafka_password=SecretStr(password or f"password-of-{name}"),
    )


def arguments(node: KafkaNode, name: str, password: str = "") -> dict[str, Any]:
    """The same for a bare client."""
    return {
        "bootstrap_servers": node.address("PASSWORD"),
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": name,
        "sasl_plain_password": password or f"password-of-{name}",
        "request_timeout_ms": 5_000,
    }


@asynccontextmanager
async def producing(**told: Any) -> AsyncIterator[AIOKafkaProducer]:
    """A producer, closed in the end also if it never came in."""
    producer = AIOKafkaProducer(**told)
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


async def can_write(node: KafkaNode, name: str, topic: str) -> bool:
    """Whether user ``name`` may put a record on ``topic``."""
    async with producing(**arguments(node, name)) as producer:
        try:
            await producer.send_and_wait(topic, b"{}", partition=0)
        except TopicAuthorizationFailedError:
            return False
        return True


async def can_read(node: KafkaNode, name: str, topic: str) -> bool:
    """Whether user ``name`` may fetch from ``topic``."""
    consumer = AIOKafkaConsumer(**arguments(node, name), group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.getmany(timeout_ms=1000)
    except TopicAuthorizationFailedError:
        return False
    finally:
        await consumer.stop()
    return True


async def test_system_with_its_rights_exchanges_messages(
    ruled: KafkaNode, tmp_path: Path, databases: Databases
) -> None:
    told = as_user(ruled, "regional-gateway")
    net = Network(
        tmp_path,
        ruled.bootstrap,
        databases.url,
        kafka_bootstrap=told.kafka_bootstrap,
        kafka_security_protocol=told.kafka_security_protocol,
        kafka_username=told.kafka_username,
        kafka_password=told.kafka_password,
        assignment="group",
    )
    async with net.run(System.REGIONAL_GATEWAY, counting_handlers(), METADATA, TABLES) as (runtime, database):

        async def ready() -> bool:
            return await runtime.fault() is None

        await eventually(ready, seconds=60, what="a ready system")
        await net.publish(record(net, review_started(net)))

        async def taken() -> bool:
            return "application-1" in await effects(database)

        await eventually(taken, seconds=60, what="the message")


@pytest.mark.parametrize("system", System)
async def test_system_writes_what_its_routes_allow_and_nothing_else(ruled: KafkaNode, system: System) -> None:
    may = {topic for topic in ALL_TOPICS if await can_write(ruled, system.value, topic)}
    assert may == set(rights_of(system).writes)


async def test_system_reads_its_own_inbox_and_nothing_else(ruled: KafkaNode) -> None:
    for system in (System.NOTARY, System.GATEWAY):
        may = {topic for topic in ALL_TOPICS if await can_read(ruled, system.value, topic)}
        assert may == set(topics_read_by(system))


async def test_system_cannot_take_its_neighbours_place_in_a_group(ruled: KafkaNode) -> None:
    group = rights_of(System.PERSONS).group
    consumer = AIOKafkaConsumer(inbox_of(System.NOTARY), **arguments(ruled, "notary"), group_id=group)
    try:
        with pytest.raises(KafkaError, match="GroupAuthorizationFailed"):
            await consumer.start()
    finally:
        await consumer.stop()


async def test_stranger_is_not_let_in(ruled: KafkaNode) -> None:
    without = {"bootstrap_servers": ruled.address("PASSWORD"), "request_timeout_ms": 5_000}
    for told in (without, arguments(ruled, "notary", "wrong"), arguments(ruled, "nobody", "wrong")):
        with pytest.raises(KafkaError):
            async with producing(**told):
                pass


async def test_right_that_no_route_gives_is_taken_away(ruled: KafkaNode, passwords: Path) -> None:
    topic = inbox_of(System.PERSONS)
    admin = AdminClient({"bootstrap.servers": ruled.bootstrap, "log_level": 0})
    extra = bindings(System.NOTARY, Rights((topic,), (), "egov.notary"))
    found = await asyncio.to_thread(lambda: [done.result(30) for done in admin.create_acls(extra).values()])
    assert found

    async def allowed() -> bool:
        return await can_read(ruled, "notary", topic)

    await eventually(allowed, seconds=30, what="the right that nobody gave")
    # Without passwords: the users stay as they are.
    await asyncio.to_thread(apply, as_user(ruled, "admin", "correct"), {})

    async def taken_away() -> bool:
        return not await allowed()

    await eventually(taken_away, seconds=30, what="its end")
    left = await asyncio.to_thread(lambda: admin.describe_acls(all_of(System.NOTARY)).result(30))
    assert set(left) == set(bindings(System.NOTARY, rights_of(System.NOTARY)))
    assert {binding.operation for binding in left} >= {AclOperation.READ, AclOperation.WRITE}


async def test_only_an_administrator_can_set_the_rights(
    ruled: KafkaNode, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = as_user(ruled, "notary")
    for name in ("kafka_bootstrap", "kafka_security_protocol", "kafka_username"):
        monkeypatch.setenv(f"EGOV_{name.upper()}", getattr(told, name))
    monkeypatch.setenv("EGOV_KAFKA_PASSWORD", "password-of-notary")
    assert await asyncio.to_thread(main, ["kafka-access", "--apply"]) == 1
    assert "the cluster was not set up" in capsys.readouterr().err


def test_folder_without_a_password_is_refused(passwords: Path, tmp_path: Path) -> None:
    for file in passwords.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "notary").write_text("\n")
    with pytest.raises(ValueError, match=r"no password in .* for notary"):
        read_passwords(tmp_path)
    (tmp_path / "notary").unlink()
    with pytest.raises(OSError, match="notary"):
        read_passwords(tmp_path)
