"""Which use case handles what the provider receives."""

from services.provider.service.enquiries import Enquiries
from services.provider.service.matters import Matters
from shared.messages.types import MessageType
from shared.messaging.electronic_complaints import ElectronicComplaints
from shared.messaging.handlers import Handlers


def provider_handlers(matters: Matters, enquiries: Enquiries, complaints: ElectronicComplaints) -> Handlers:
    """The table of message types."""
    handlers = Handlers()
    handlers.on(MessageType.APPLICATION_ASSIGNED, matters.receive_application, matters.loads_assigned)
    handlers.on(MessageType.QUEUE_PLACEMENT_MADE, matters.accept_placement, matters.loads_onward)
    handlers.on(MessageType.APPLICATION_SUPPLEMENTED, matters.receive_supplement, matters.loads_supplement)
    handlers.on(MessageType.RESULT_RETURNED, matters.take_back, matters.loads)
    handlers.on(MessageType.MESSAGE_REJECTED, matters.note_rejection, matters.loads_rejected)
    handlers.on(MessageType.REGISTRY_ANSWERED, enquiries.accept_answer, enquiries.loads)
    handlers.on(MessageType.COMPLAINT_SUBMITTED, complaints.receive, complaints.loads)
    return handlers
