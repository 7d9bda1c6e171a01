"""What the message loop of a service did, as numbers for Prometheus."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

MEANINGS = {
    "taken": "Messages taken",
    "rejected": "Records set aside as dead letters",
    "sent": "Messages sent for the first time",
    "resent": "Messages sent again",
    "failing": "Handlings that failed and were tried alone",
    "undecodable": "Records that could not be decoded and were stepped over",
    "forgotten": "Records that the broker let go before they were read",
    "unanswered": "Rejections that were not told, because too many records came that nobody is proven to have sent",
    "not_sendable": "Messages that the cluster does not take",
    "not_kept": "Dead letters that are not kept any more",
}
REMARKABLE = ("undecodable", "forgotten", "unanswered", "not_sendable", "not_kept")
"""What ``/readyz`` remarks on. A system is ready all the same: it goes on with everything else."""


def remarks(counts: Mapping[str, int]) -> dict[str, int]:
    """Those of ``counts`` since the start that whoever operates the system should look into."""
    return {name: counts[name] for name in REMARKABLE if counts.get(name)}


class LoopNumbers(Collector):
    """``egov_messaging_<count>_total`` for every count of the loop."""

    def __init__(self, counts: Callable[[], Mapping[str, int]]) -> None:
        """``counts``: asked at every scrape; empty before the service has started."""
        self._counts = counts

    def collect(self) -> Iterable[CounterMetricFamily]:
        """The numbers now."""
        counts = self._counts()
        for name, meaning in MEANINGS.items():
            yield CounterMetricFamily(f"egov_messaging_{name}", meaning, value=counts.get(name, 0))
