"""Which use case handles what the gateway receives."""

from services.gateway.service import keep_journal, loads_journal, loads_messages, note_deliveries, relay_message
from shared.messages.types import MessageType
from shared.messaging.handlers import DeliveryHandler, Handler, Handlers


def gateway_handlers() -> Handlers:
    """Relay for everything addressed to others; the journal for itself."""
    handlers = Handlers()
    handlers.relay = Handler(relay_message, lambda _: ())
    handlers.on(MessageType.JOURNAL_RECORDED, keep_journal, loads_journal)
    handlers.deliveries = DeliveryHandler(note_deliveries, loads_messages)
    return handlers
