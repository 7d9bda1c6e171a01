"""Which use case handles what the provider receives."""

from services.provider.service.matters import Matters
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers


def provider_handlers(matters: Matters) -> Handlers:
    """The table of message types."""
    handlers = Handlers()
    handlers.on(MessageType.APPLICATION_ASSIGNED, matters.receive_application, matters.loads)
    handlers.on(MessageType.QUEUE_PLACEMENT_MADE, matters.accept_placement, matters.loads)
    handlers.on(MessageType.RESULT_RETURNED, matters.take_back, matters.loads)
    handlers.on(MessageType.MESSAGE_REJECTED, matters.note_rejection, matters.loads)
    return handlers
