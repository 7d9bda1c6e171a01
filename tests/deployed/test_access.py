"""A cluster that asks who one is and encrypts: the settings reach it, and what is wrong is told."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from deploy.kafka.node import KafkaNode, Listener
from shared.kit.clock import Clock
from shared.messages.systems import System
from shared.messages.topics import inbox_of, planned_topics
from shared.messaging.access import KafkaAccess
from shared.messaging.provision import provide_topics
from shared.messaging.testing import Network, eventually
from tests.deployed.effects import METADATA, TABLES, counting_handlers, effects
from tests.factories.messages import record, review_started
from tests.servers.databases import Databases

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

_SCRAM = {
    "sasl.enabled.mechanisms": "SCRAM-SHA-512,SCRAM-SHA-256",
    "scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "scram-sha-256.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
}


def certify(folder: Path) -> None:
    """``ca.pem`` of an authority of our own, and ``server.pem``: a key and a certificate for 127.0.0.1 from it."""
    now = Clock().now()
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"TEST {what}")]) for what in ("authority", "broker")]

    def certificate(number: int, *extensions: x509.ExtensionType) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[0])
            .public_key(keys[number].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(keys[0], hashes.SHA256())

    authority = certificate(0, x509.BasicConstraints(ca=True, path_length=None))
    server = certificate(1, x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]))
    pem = serialization.Encoding.PEM
    key = keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "server.pem").write_bytes(key + server.public_bytes(pem))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KafkaNode, Path]]:
    """A node with a way in by password, and one by password within TLS; and the folder with ``ca.pem``."""
    folder = tmp_path_factory.mktemp("guarded")
    certify(folder)
    keystore = {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(folder / "server.pem")}
    listeners = {
        "PASSWORD": Listener("SASL_PLAINTEXT", _SCRAM),
        "SECURE": Listener("SASL_SSL", {**_SCRAM, **keystore}),
    }
    node = KafkaNode(folder / "node", listeners=listeners, scram={"stand": "correct"})
    node.start()
    yield node, folder
    node.stop()


def settings(guarded: tuple[KafkaNode, Path], listener: str, **changes: Any) -> dict[str, Any]:
    """What a system is told to come in by ``listener``."""
    node, folder = guarded
    return {
        "kafka_bootstrap": node.address(listener),
        "kafka_security_protocol": "SASL_PLAINTEXT" if listener == "PASSWORD" else "SASL_SSL",
        "kafka_username": "stand",
        "kafka_password": SecretStr("correct"),
        "kafka_ca_file": folder / "ca.pem",
        "assignment": "group",
        **changes,
    }


@pytest.mark.parametrize(
    ("listener", "mechanism"),
    [("PASSWORD", "SCRAM-SHA-512"), ("PASSWORD", "SCRAM-SHA-256"), ("SECURE", "SCRAM-SHA-512")],
)
async def test_system_comes_in_and_exchanges_messages(
    guarded: tuple[KafkaNode, Path], tmp_path: Path, databases: Databases, listener: str, mechanism: str
) -> None:
    told = settings(guarded, listener, kafka_sasl_mechanism=mechanism)
    net = Network(tmp_path, guarded[0].bootstrap, databases.url, **told)
    async with net.run(System.REGIONAL_GATEWAY, counting_handlers(), METADATA, TABLES) as (runtime, database):

        async def ready() -> bool:
            return await runtime.fault() is None

        await eventually(ready, seconds=60, what="a ready system")
        message = review_started(net)
        await net.publish(record(net, message))

        async def taken() -> bool:
            return "application-1" in await effects(database)

        await eventually(taken, seconds=60, what="the message")
        assert (await effects(database))["application-1"][0][0] == message.id


async def test_retention_is_set_by_the_same_way_in(
    guarded: tuple[KafkaNode, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    access = KafkaAccess.of(Network(tmp_path, guarded[0].bootstrap, **settings(guarded, "SECURE")).settings)
    topics = planned_topics([inbox_of(System.NOTARY)])
    await provide_topics(access, "test", topics, 1)
    with caplog.at_level(logging.INFO):
        await provide_topics(access, "test", [replace(topics[0], retention_ms=86_400_000)], 1)
    assert f"properties are set for {topics[0].name}" in caplog.text


@pytest.mark.parametrize(
    ("listener", "changes"),
    [
        ("PASSWORD", {"kafka_password": SecretStr("wrong")}),
        ("SECURE", {"kafka_ca_file": None}),
    ],
    ids=["wrong password", "unknown authority"],
)
async def test_system_that_is_not_let_in_says_so_and_goes_on_trying(
    guarded: tuple[KafkaNode, Path], tmp_path: Path, databases: Databases, listener: str, changes: dict[str, Any]
) -> None:
    net = Network(tmp_path, guarded[0].bootstrap, databases.url, **settings(guarded, listener, **changes))
    async with net.run(System.REGIONAL_GATEWAY, counting_handlers(), METADATA, TABLES) as (runtime, _):

        async def refused() -> bool:
            return (runtime.trouble or "").startswith("Kafka at 127.0.0.1:")

        await eventually(refused, seconds=60, what="a reason")
        assert (await runtime.fault() or "").startswith("Kafka at 127.0.0.1:")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"kafka_username": ""}, "EGOV_KAFKA_USERNAME"),
        ({"kafka_password": SecretStr("")}, "EGOV_KAFKA_PASSWORD"),
        ({"kafka_cert_file": Path("client.pem")}, "EGOV_KAFKA_KEY_FILE"),
    ],
)
def test_settings_that_contradict_one_another_are_refused(
    guarded: tuple[KafkaNode, Path], tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    net = Network(tmp_path, "127.0.0.1:1", **settings(guarded, "SECURE", **changes))
    with pytest.raises(ValueError, match=complaint):
        KafkaAccess.of(net.settings)


def test_password_is_never_shown(guarded: tuple[KafkaNode, Path], tmp_path: Path) -> None:
    net = Network(tmp_path, "127.0.0.1:1", **settings(guarded, "PASSWORD"))
    assert "correct" not in repr(KafkaAccess.of(net.settings))
