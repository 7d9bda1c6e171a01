"""Messages about what a system has forgotten: of a run before its reset. They have no effect, and whoever sends them is
told to stop.

When the whole stand is reset, none is left. When one system is reset alone, the others go on to speak of applications
it knows no more. The id of an application says when it was made (UUIDv7, the stand's time): one that was made before
the reset is not handled. Where the clock was set back since, that much less counts as before.
"""

import math
from collections.abc import Sequence

from shared.kit.clock import Clock
from shared.messaging.records import IncomingRecord

_UUID7 = 36


class Forgotten:
    """Before when this system has forgotten everything: steady milliseconds, 0 for never."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.before_ms = 0

    def now_ms(self) -> int:
        """The stand's time now, on a line that never goes back."""
        return int((self._clock.timestamp() + self._clock.set_back_s) * 1000)

    def parted(self, records: Sequence[IncomingRecord]) -> tuple[list[IncomingRecord], list[IncomingRecord]]:
        """The records that are not about anything forgotten, and those that are."""
        if not self.before_ms:
            return list(records), []
        before = self.before_ms - math.ceil(self._clock.set_back_s * 1000)
        current: list[IncomingRecord] = []
        forgotten: list[IncomingRecord] = []
        for record in records:
            made = _made_ms(record.key)
            (current if made is None or made >= before else forgotten).append(record)
        return current, forgotten


def _made_ms(key: bytes | None) -> int | None:
    """When the id was made; ``None`` if it is no UUIDv7."""
    if key is None or len(key) != _UUID7 or key[14:15] != b"7":
        return None
    try:
        return int(key[:8] + key[9:13], 16)
    except ValueError:
        return None
