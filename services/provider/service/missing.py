"""How many attachments whoever keeps them does not give: a number for Prometheus, and a remark at ``/readyz``."""

from collections import Counter
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Gauge

from services.provider.domain.attachments import Attachment
from shared.messages.payload import keeper_of


class MissingAttachments:
    """Counted each time the fetcher has looked. All replicas show the same."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._number = 0
        self._gauge = Gauge(
            "egov_provider_attachments_missing",
            "Attachments that were asked for in vain, by who keeps them",
            ["keeper"],
            registry=self.registry,
        )

    def count(self, missing: Iterable[Attachment]) -> None:
        """These are missing now."""
        keepers = Counter(getattr(keeper_of(item.href), "value", "unknown") for item in missing)
        self._number = keepers.total()
        self._gauge.clear()
        for keeper, number in keepers.items():
            self._gauge.labels(keeper).set(number)

    def remarks(self) -> Mapping[str, int]:
        """For ``/readyz``: the provider can do its work, but not that of these applications."""
        return {"attachments_missing": self._number} if self._number else {}
