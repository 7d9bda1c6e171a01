"""Which use case handles what the gateway receives."""

from services.gateway.service import (
    journal_keeper,
    loads_journal,
    loads_messages,
    loads_relayed,
    note_deliveries,
    relay_message,
)
from shared.messages.types import MessageType
from shared.messaging.handlers import DeliveryHandler, Handler, Handlers
from shared.regulations.loader import Regulations


def gateway_handlers(regulations: Regulations) -> Handlers:
    """Relay for everything addressed to others; the journal for itself, of what ``regulations`` give."""
    handlers = Handlers()
    handlers.relay = Handler(relay_message, loads_relayed)
    handlers.on(MessageType.JOURNAL_RECORDED, journal_keeper(regulations), loads_journal)
    handlers.deliveries = DeliveryHandler(note_deliveries, loads_messages)
    return handlers
