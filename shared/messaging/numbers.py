"""The numbers of one system's exchange of messages, for Prometheus: counted as things happen, or measured on demand.

Names and labels follow Prometheus' conventions; docs/deployment.md has the table, which a test compares with this. No
label holds what comes from outside.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import prometheus_client as prometheus
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from shared.messaging.records import Received, Rejected

COUNTS = (
    "taken",
    "rejected",
    "sent",
    "resent",
    "failing",
    "undecodable",
    "forgotten",
    "unanswered",
    "not_sendable",
    "not_kept",
)
"""Since the start: messages taken, records rejected, messages sent and sent again, handlings that failed; records that
could not be decoded and were stepped over, records that the broker let go before they were read, rejections that were
not told, messages that the cluster does not take, dead letters that are not kept any more."""
REMARKABLE = ("undecodable", "forgotten", "unanswered", "not_sendable", "not_kept")
"""Those that whoever operates the system should look into: ``/readyz`` remarks on them. It is ready all the same, and
goes on with everything else."""
_BATCHES = (1, 2, 5, 10, 20, 50, 100, 200)


class Numbers:
    """One system's; ``registry`` holds them all. ``counts`` are events by name, exported as they are."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        registry = self.registry = CollectorRegistry()
        registry.register(_Events(counts))
        self.batches = Histogram(
            "egov_messaging_batch_records", "Records taken from the broker at once", buckets=_BATCHES, registry=registry
        )
        self._verifications = prometheus.Counter(
            "egov_messaging_verifications",
            "Records verified, by outcome (passed, failed, undecided) and the reason of a rejection",
            ["outcome", "reason"],
            registry=registry,
        )
        self._lag = Gauge(
            "egov_messaging_consumer_lag_records", "Records not yet handled", ["topic"], registry=registry
        )
        self._outbox = Gauge("egov_messaging_outbox_messages", "Messages without a receipt", registry=registry)
        self._oldest = Gauge(
            "egov_messaging_outbox_oldest_seconds", "Age of the oldest of them in stand time", registry=registry
        )
        self._letters = Gauge("egov_messaging_dead_letters", "Dead letters kept", ["reason"], registry=registry)
        self._stuck = Gauge(
            "egov_messaging_stuck", "1 while the message loop does not get on (see /readyz)", registry=registry
        )
        self._failing = Gauge(
            "egov_background_failing",
            "Work beside the calls that breaks again and again, or does not get on (see /readyz)",
            registry=registry,
        )
        self._connections = Gauge(
            "egov_database_connections", "Connections to the database", ["state"], registry=registry
        )

    def batch(self, verified: Sequence[Received | Rejected]) -> None:
        """A batch was verified."""
        found = Counter[tuple[str, str]]()
        for item in verified:
            found.update(_outcomes(item))
        self.batches.observe(found.total())
        for (outcome, reason), count in found.items():
            self._verifications.labels(outcome, reason).inc(count)

    def undecided(self) -> None:
        """A batch could not be verified yet: a source of certificates or revocation is silent."""
        self._verifications.labels("undecided", "").inc()

    def lag(self, records: Mapping[str, int]) -> None:
        """How many records of each topic are not handled yet; empty while nobody knows."""
        self._lag.clear()
        for topic, count in records.items():
            self._lag.labels(topic).set(count)

    def outbox(self, messages: int, oldest_s: float) -> None:
        """How many messages wait for a receipt, and the age of the oldest in seconds."""
        self._outbox.set(messages)
        self._oldest.set(oldest_s)

    def letters(self, kept: Mapping[str, int]) -> None:
        """How many dead letters are kept, by reason."""
        self._letters.clear()
        for reason, count in kept.items():
            self._letters.labels(reason).set(count)

    def failing(self, number: int) -> None:
        """How much of the work beside the calls is not done just now."""
        self._failing.set(number)

    def state(self, *, stuck: bool, in_use: int, idle: int) -> None:
        """Whether the loop is stuck, and how the connections to the database are used."""
        self._stuck.set(stuck)
        self._connections.labels("in_use").set(in_use)
        self._connections.labels("idle").set(idle)


def remarks(counts: Mapping[str, int]) -> dict[str, int]:
    """The remarkable ones of ``counts`` that have come about."""
    return {name: counts[name] for name in REMARKABLE if counts.get(name)}


def _outcomes(item: Received | Rejected) -> dict[tuple[str, str], int]:
    if isinstance(item, Rejected):
        return {("failed", reason): count for reason, count in item.reasons.items()}
    return {("passed", ""): 1}


class _Events(Collector):
    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One family with the events as they stand now."""
        family = CounterMetricFamily("egov_messaging_events", "What became of messages", labels=["event"])
        for name, count in self._counts.items():
            family.add_metric([name], count)
        yield family
