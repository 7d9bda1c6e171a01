"""How a Kafka cluster is reached, and left: address, encryption, and who one says one is."""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.kit.settings import StandSettings

CLIENT_FAILS = (KafkaError, OSError, RuntimeError)
"""What aiokafka raises when a cluster cannot be worked with. ``RuntimeError`` is uvloop's for a connection that closes
in the moment of writing, and aiokafka takes it for none."""
_LEAVE_S = 2.0


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """Address and credentials, understood by every aiokafka client."""

    bootstrap: str
    options: dict[str, Any] = field(default_factory=dict, repr=False)
    """Further arguments of the client; with the password, so never shown."""
    native: dict[str, str] = field(default_factory=dict, repr=False)
    """The same for librdkafka, which administers what aiokafka cannot."""

    @classmethod
    def of(cls, stand: StandSettings) -> "KafkaAccess":
        """The access the settings describe. Raises ``ValueError`` if they contradict one another, ``OSError`` if a
        certificate cannot be read."""
        protocol, options = stand.kafka_security_protocol, dict[str, Any]()
        if protocol.startswith("SASL"):
            password = stand.kafka_password.get_secret_value()
            if not stand.kafka_username or not password:
                raise ValueError("EGOV_KAFKA_SECURITY_PROTOCOL asks for EGOV_KAFKA_USERNAME and EGOV_KAFKA_PASSWORD")
            options["sasl_mechanism"] = stand.kafka_sasl_mechanism
            options["sasl_plain_username"], options["sasl_plain_password"] = stand.kafka_username, password
        if protocol.endswith("SSL"):
            options["ssl_context"] = _ssl_context(stand)
        if protocol != "PLAINTEXT":
            options["security_protocol"] = protocol
        return cls(stand.kafka_bootstrap, options, _native(stand))

    def arguments(self, name: str) -> dict[str, Any]:
        """What every aiokafka client of system ``name`` is made with."""
        return {"bootstrap_servers": self.bootstrap, "client_id": name, **self.options}


def _ssl_context(stand: StandSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=stand.kafka_ca_file)
    if (stand.kafka_cert_file is None) != (stand.kafka_key_file is None):
        raise ValueError("EGOV_KAFKA_CERT_FILE and EGOV_KAFKA_KEY_FILE belong together")
    if stand.kafka_cert_file is not None:
        context.load_cert_chain(stand.kafka_cert_file, stand.kafka_key_file)
    return context


def _native(stand: StandSettings) -> dict[str, str]:
    protocol, found = stand.kafka_security_protocol, {"security.protocol": stand.kafka_security_protocol.lower()}
    if protocol.startswith("SASL"):
        found["sasl.mechanism"] = stand.kafka_sasl_mechanism
        found["sasl.username"], found["sasl.password"] = stand.kafka_username, stand.kafka_password.get_secret_value()
    if protocol.endswith("SSL"):
        files = {"ca": stand.kafka_ca_file, "certificate": stand.kafka_cert_file, "key": stand.kafka_key_file}
        found |= {f"ssl.{name}.location": str(file) for name, file in files.items() if file is not None}
    return found


def ended_with(consumer: AIOKafkaConsumer) -> BaseException | None:
    """What has ended the task that fetches for ``consumer``, or ``None`` while it runs.

    The client itself does not look: without that task it gives no record any more, and no error either.
    """
    fetching = consumer._fetcher.error_future  # noqa: SLF001 — there is no public way
    if not fetching.done():
        return None
    return asyncio.CancelledError() if fetching.cancelled() else fetching.exception() or EOFError()


async def close_client(client: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Leave the group, send what is pending, disconnect; a cluster that does not answer is not waited for."""
    # Never cancelled in one go: a client that is only half closed would keep its tasks and connections.
    for closing in (client.stop, *_parts_of(client)):
        task = asyncio.ensure_future(closing())
        if not (await asyncio.wait({task}, timeout=_LEAVE_S))[0]:
            task.cancel()
        ended_well = (await asyncio.gather(task, return_exceptions=True))[0] is None
        if closing == client.stop and ended_well:
            return


def _parts_of(client: AIOKafkaConsumer | AIOKafkaProducer) -> tuple[Any, ...]:
    # What ``stop`` would have closed, had it come so far; there is no public way.
    if isinstance(client, AIOKafkaProducer):
        return client._sender.close, client.client.close  # noqa: SLF001
    coordinator, fetcher = client._coordinator, client._fetcher  # noqa: SLF001
    found = [getattr(coordinator, "_stop_heartbeat_task", None), getattr(fetcher, "close", None)]
    found += [getattr(coordinator, "_stop_commit_offsets_refresh_task", None), client._client.close]  # noqa: SLF001
    return tuple(close for close in found if close is not None)
