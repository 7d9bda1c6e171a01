"""Which use case handles what the regional gateway receives."""

from services.regional_gateway.service.gateway import RegionalGateway
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers


def regional_handlers(gateway: RegionalGateway) -> Handlers:
    """The table of message types."""
    handlers = Handlers()
    handlers.on(MessageType.APPLICATION_SUBMITTED, gateway.register_application, gateway.loads_registration)
    handlers.on(MessageType.REVIEW_STARTED, gateway.note_review, gateway.loads_entry)
    handlers.on(MessageType.QUEUE_PLACEMENT_REQUESTED, gateway.place_on_queue, gateway.loads_placement)
    handlers.on(MessageType.QUEUE_PLACE_RELEASED, gateway.release_place, gateway.loads_release)
    handlers.on(MessageType.RESULT_RETURNED, gateway.pass_return, gateway.loads_entry)
    handlers.on(MessageType.DECISION_MADE, gateway.pass_decision, gateway.loads_entry)
    handlers.on(MessageType.NOTICE_ISSUED, gateway.pass_notice, gateway.loads_registration)
    handlers.on(MessageType.APPLICATION_SUPPLEMENTED, gateway.pass_supplement, gateway.loads_entry)
    handlers.on(MessageType.MESSAGE_REJECTED, gateway.note_rejection, gateway.loads_entry)
    return handlers
