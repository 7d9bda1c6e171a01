"""Faults on demand: a system that dies at a given point of its loop, for tests of what survives."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from shared.messages.types import MessageType


class Point(StrEnum):
    """Where in one turn of the loop."""

    RECEIVED = "received"
    """Records taken from the broker, nothing done."""
    HANDLED = "handled"
    """Handlers have run, the transaction is not committed."""
    COMMITTED = "committed"
    """Committed, nothing published."""
    PUBLISHED = "published"
    """Messages published, receipts not yet sent."""


class Crashed(BaseException):
    """The system dies here, as if killed: no clean-up of its own. A ``BaseException``, so nothing mistakes it for an
    error."""


@dataclass
class Faults:
    """The planned death of one system; harmless while nothing is planned."""

    dead: bool = False
    """Die at the next point, whatever is in the batch."""
    crash_at: Point | None = None
    crash_on: MessageType | None = None
    crashes: int = 0

    def plan(self, point: Point, message_type: MessageType) -> None:
        """Die once, at ``point``, when a message of ``message_type`` is in the batch."""
        self.crash_at, self.crash_on = point, message_type

    def at(self, point: Point, types: Collection[MessageType]) -> None:
        """Called by the loop. Raises ``Crashed`` if this death is planned."""
        if self.dead:
            raise Crashed
        if point is self.crash_at and self.crash_on in types:
            self.crash_at = self.crash_on = None
            self.crashes += 1
            raise Crashed
