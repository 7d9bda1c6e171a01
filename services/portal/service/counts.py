"""What is counted of whom: one-time passwords, short messages, requests, drafts. Kept beside the failed sign-ins."""

import math
from collections.abc import Callable, Sequence

from services.portal.repository import ATTEMPTS
from shared.db.states import StateKey
from shared.kit.errors import TooManyAttempts
from shared.kit.lockout import Attempts, Lockout
from shared.messaging.work import Work

Count = tuple[str, Lockout]
"""By what name something is counted, and how often it may be."""


def loads(counts: Sequence[Count]) -> list[StateKey]:
    """What a unit of work that counts has to load."""
    return [(ATTEMPTS, name) for name, _ in counts]


def check(counts: Sequence[Count], known: Callable[[str], Attempts | None], elapsed_s: float, detail: str) -> None:
    """Raises ``TooManyAttempts`` if by any of the names there were as many as may be."""
    found = [(known(name), rule) for name, rule in counts]
    seconds = max(attempts.locked_for(elapsed_s, rule) if attempts else 0.0 for attempts, rule in found)
    if seconds > 0:
        raise TooManyAttempts(detail, retry_after=math.ceil(seconds))


def check_in(work: Work, counts: Sequence[Count], elapsed_s: float, detail: str) -> None:
    """``check`` as ``work`` sees them. Raises ``TooManyAttempts``."""
    check(counts, lambda name: work.get(ATTEMPTS, name), elapsed_s, detail)


def add(work: Work, counts: Sequence[Count], elapsed_s: float) -> None:
    """One more by each name."""
    for name, rule in counts:
        attempts = work.get(ATTEMPTS, name) or Attempts(name)
        work.put(ATTEMPTS, attempts.failed(elapsed_s, rule))


def count(work: Work, counts: Sequence[Count], elapsed_s: float, detail: str) -> None:
    """One more by each name, unless there were as many as may be. Raises ``TooManyAttempts``."""
    check_in(work, counts, elapsed_s, detail)
    add(work, counts, elapsed_s)
