"""Work is counted, not timed: how often something is read."""

from collections import Counter
from typing import Any


class Counted:
    """Stands for ``thing`` and counts in ``reads`` which of its attributes are read."""

    def __init__(self, thing: Any, reads: Counter[str]) -> None:
        self.__dict__.update(_thing=thing, _reads=reads)

    def __getattr__(self, name: str) -> Any:
        self._reads[name] += 1
        return getattr(self._thing, name)
