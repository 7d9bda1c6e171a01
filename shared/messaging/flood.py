"""A flood of records that are worth nothing: what is kept of those that were read at once.

A stranger can write as many as the broker takes. To look into each, and to keep it, would cost the reader more than it
cost the stranger, and delay everybody's messages. So beyond an allowance they are counted, and one is kept for all.
"""

from collections import Counter
from collections.abc import Iterator

from shared.kit.ids import sha256_base64url
from shared.messaging.records import IncomingRecord, Rejected

FLOOD = "flood"
"""Reason of the dead letter that stands for many."""


class Flood:
    """Those of one batch. Nothing in them is looked at but the first."""

    def __init__(self) -> None:
        self._first: IncomingRecord | None = None
        self._reasons = Counter[str]()
        self._bytes = 0

    def add(self, record: IncomingRecord, reason: str) -> None:
        """One more, which is not taken for ``reason``."""
        self._first = self._first or record
        self._reasons[reason] += 1
        self._bytes += record.size or len(record.value)

    def letter(self) -> Iterator[Rejected]:
        """The one dead letter for all, if there is anything to tell. Nobody is answered."""
        record = self._first
        if record is None:
            return
        report = {
            "reason": FLOOD,
            "detail": "more records came at once than are kept each by itself; this is the first of them",
            "records": self._reasons.total(),
            "bytes": self._bytes,
            "reasons": dict(self._reasons),
        }
        digest = sha256_base64url(record.value)
        yield Rejected(
            record, FLOOD, report, digest, {}, answer=False, proven=False, expendable=True, stands_for=self._reasons
        )
