"""How many events about one application each system has journaled, as far as a sender knows.

It stands in the protected header of a message as ``portal=4 provider=8``. A system says it of itself, and of a system
that talks to it without the gateway; of all others the gateway hears it from themselves.
"""

import re
from collections.abc import Mapping

from shared.messages.routes import ROUTES
from shared.messages.systems import System

MOST = 1_000
"""Events that a system can journal about one application. The longest way that a text gives takes some dozens; whoever
asks for a journal has all of them read and judged."""

Counts = Mapping[str, int]
"""For each system, by its code, the number of its last event known."""

_ENTRY = re.compile(r"([a-z-]+)=([1-9][0-9]{0,4})")
_CODES = frozenset(system.value for system in System)


def written(counts: Counts) -> str:
    """``counts`` as they travel: by code, nothing that is nought."""
    return " ".join(f"{system}={counts[system]}" for system in sorted(counts) if counts[system])


def read(text: str) -> dict[str, int]:
    """The counts in ``text``. Raises ``ValueError`` for anything that ``written`` does not make."""
    found: dict[str, int] = {}
    for entry in text.split(" ") if text else ():
        match = _ENTRY.fullmatch(entry)
        if match is None or match[1] not in _CODES or match[1] in found:
            raise ValueError("not of the form system=number system=number")
        found[match[1]] = int(match[2])
    return found


def joined(*several: Counts) -> dict[str, int]:
    """What all of ``several`` know together."""
    found: dict[str, int] = {}
    for counts in several:
        for system, number in counts.items():
            found[system] = max(number, found.get(system, 0))
    return found


def may_tell(teller: System, about: str) -> bool:
    """Whether ``teller`` can know at first hand what ``about`` has journaled: its own, and that of whom it hears
    without the gateway."""
    return teller == about or (about, teller) in _NEIGHBOURS


_NEIGHBOURS: frozenset[tuple[str, str]] = frozenset(
    (route.sender, route.receiver)
    for route in ROUTES.values()
    if not route.via_gateway and System.GATEWAY not in (route.sender, route.receiver)
)
