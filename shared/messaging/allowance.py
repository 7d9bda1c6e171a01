"""How much is done for records that nobody is proven to have sent.

Whoever sent a record is told that it was not taken. A forger can name anybody as its sender, so what is answered to a
forged record goes to somebody who never sent it, and a flood of forgeries would become a flood of signed answers. A
sender whose own record is not answered for this reason sends it again, and is told then. A forger can name any
certificate too, and each that is not known costs a question to the authority; or a time that is to come, which costs
one to the keeper of the clock. These are bounded in the same way, and so is what is kept of such records.
"""

ANSWERS = 20, 2.0
"""Rejections told to one claimed sender: at once, and a second in the long run."""
LOOK_UPS = 50, 20.0
"""Unknown certificates that the authority is asked for."""
LETTERS = 100, 5.0
"""Records that are kept each as a dead letter of its own; of those beyond, one for all that are read at once."""
CATCH_UPS = 5, 1.0
"""Questions to the keeper of the clock, because a record claims to be signed ahead of it."""


class Allowance:
    """A bucket for everybody who is served, which fills up again."""

    def __init__(self, most: int, per_second: float) -> None:
        self._most = float(most)
        self._per_second = per_second
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str, now: float) -> bool:
        """Whether ``name`` gets one more; ``now`` in seconds of any clock that only goes forward."""
        left, before = self._left.get(name, (self._most, now))
        left = min(self._most, left + (now - before) * self._per_second)
        allowed = left >= 1
        self._left[name] = (left - 1 if allowed else left, now)
        return allowed
