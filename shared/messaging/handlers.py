"""Which use case handles which message, and which states it needs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from shared.db.states import StateKey
from shared.kit.errors import RejectedMessage
from shared.messages.control import ReceiptItem
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.work import Work

Handle = Callable[[Work, Received], None]
Loads = Callable[[Received], Iterable[StateKey]]


@dataclass(frozen=True)
class Handler:
    """A use case and what it needs loaded."""

    handle: Handle
    loads: Loads


@dataclass(frozen=True)
class DeliveryHandler:
    """What a system does when receipts for its sendings arrive."""

    handle: Callable[[Work, Sequence[ReceiptItem]], None]
    loads: Callable[[Sequence[ReceiptItem]], Iterable[StateKey]]


class Handlers:
    """The table of a service: message type → use case."""

    def __init__(self) -> None:
        self._by_type: dict[MessageType, Handler] = {}
        self.relay: Handler | None = None
        """For messages addressed to another system; only the gateway has it."""
        self.deliveries: DeliveryHandler | None = None

    def on(self, message_type: MessageType, handle: Handle, loads: Loads) -> None:
        """Register a use case. Raises ``ValueError`` if the type has one."""
        if message_type in self._by_type:
            raise ValueError(f"{message_type} has a handler already")
        self._by_type[message_type] = Handler(handle, loads)

    def find(self, received: Received, *, addressed_here: bool) -> Handler:
        """The handler of a message. Raises ``RejectedMessage`` (``no-handler``) if this system does not handle it."""
        handler = self._by_type.get(received.message.type) if addressed_here else self.relay
        if handler is None:
            raise RejectedMessage("no-handler", f"{received.message.type} is not handled here")
        return handler
