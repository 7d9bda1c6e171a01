"""What each system has to be allowed at a cluster that asks who one is: derived from the routes, so that the two never
drift apart. Nothing else is granted.
"""

from dataclasses import dataclass

from shared.messages.routes import ROUTES, Route
from shared.messages.systems import System
from shared.messages.topics import JOURNAL, dead_letters_of, group_of, inbox_of, topics_read_by
from shared.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class Rights:
    """The topics a system reads and those it writes, and the consumer group it reads in."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    group: str


def first_topic(route: Route) -> str:
    """The topic into which the sender of a message of ``route`` writes it."""
    if route.type is MessageType.JOURNAL_RECORDED:
        return JOURNAL
    return inbox_of(System.GATEWAY if route.via_gateway else route.receiver)


def rights_of(system: System) -> Rights:
    """What ``system`` needs: its own inbox, those its routes lead into, and the dead letters beside its own topics."""
    reads = topics_read_by(system)
    writes = {first_topic(route) for route in ROUTES.values() if route.sender is system}
    writes |= {dead_letters_of(topic) for topic in reads}
    if system is System.GATEWAY:
        writes |= {inbox_of(route.receiver) for route in ROUTES.values() if route.via_gateway}
    return Rights(reads, tuple(sorted(writes)), group_of(system.value))
