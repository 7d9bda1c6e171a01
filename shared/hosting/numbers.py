"""Which counts of the message loop whoever operates a system should look into."""

from collections.abc import Mapping

REMARKABLE = ("undecodable", "forgotten", "unanswered", "not_sendable", "not_kept")
"""What ``/readyz`` remarks on (``shared.messaging.numbers.COUNTS`` says what each is). A system is ready all the same:
it goes on with everything else."""


def remarks(counts: Mapping[str, int]) -> dict[str, int]:
    """Those of ``counts`` since the start that have come about."""
    return {name: counts[name] for name in REMARKABLE if counts.get(name)}
