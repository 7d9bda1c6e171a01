"""The embedded broker: librdkafka's mock cluster, started in a thread of this process.

It speaks the real Kafka protocol over TCP on loopback, so the clients are the same as against a real cluster. It
keeps its
records in memory (about 5 MB a partition) and forgets them when the process ends: outbox and receipts make up for that.
"""

from confluent_kafka import Producer


class EmbeddedBroker:
    """A one-node Kafka inside this process; use ``bootstrap`` as any client would."""

    def __init__(self) -> None:
        self._cluster: Producer | None = None
        self.bootstrap = ""

    def start(self) -> str:
        """Start the node and return its ``host:port``."""
        # The address is a placeholder: with mock brokers configured, librdkafka replaces it with their own.
        self._cluster = Producer(
            {"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 0, "linger.ms": 0}
        )
        broker = next(iter(self._cluster.list_topics(timeout=10).brokers.values()))
        self.bootstrap = f"{broker.host}:{broker.port}"
        return self.bootstrap

    def stop(self) -> None:
        """Forget everything."""
        self._cluster = None
        self.bootstrap = ""
