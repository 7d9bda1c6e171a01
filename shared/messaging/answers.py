"""How many rejections are answered of records that nobody is proven to have sent.

Whoever sent a record is told that it was not taken. A forger can name anybody as its sender, so what is answered to a
forged record goes to somebody who never sent it, and a flood of forgeries would become a flood of signed answers. A
sender whose own record is not answered for this reason sends it again, and is told then.
"""

MOST = 20
"""Answers at once to one claimed sender."""
PER_SECOND = 2.0
"""Answers in the long run."""


class Answers:
    """A bucket of answers for every claimed sender, which fills up again."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def may(self, source: str, now: float) -> bool:
        """Whether one more goes to ``source``; ``now`` in seconds of any clock that only goes forward."""
        left, before = self._left.get(source, (float(MOST), now))
        left = min(float(MOST), left + (now - before) * PER_SECOND)
        allowed = left >= 1
        self._left[source] = (left - 1 if allowed else left, now)
        return allowed
