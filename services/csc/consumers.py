"""Which use case handles what the centre receives."""

from services.csc.service.enquiries import Enquiries
from services.csc.service.incoming import IncomingMessages
from shared.messages.types import MessageType
from shared.messaging.electronic_complaints import ElectronicComplaints
from shared.messaging.handlers import Handlers


def centre_handlers(incoming: IncomingMessages, enquiries: Enquiries, complaints: ElectronicComplaints) -> Handlers:
    """The table of message types."""
    handlers = Handlers()
    handlers.on(MessageType.REGISTRY_ANSWERED, enquiries.accept_answer, enquiries.loads)
    handlers.on(MessageType.APPLICATION_REGISTERED, incoming.accept_registration, incoming.loads)
    handlers.on(MessageType.REVIEW_STARTED, incoming.note_review, incoming.loads)
    handlers.on(MessageType.RESULT_DELIVERED, incoming.receive_result, incoming.loads)
    handlers.on(MessageType.REFUSAL_ISSUED, incoming.receive_refusal, incoming.loads)
    handlers.on(MessageType.NOTICE_ISSUED, incoming.note_notice, incoming.loads)
    handlers.on(MessageType.MESSAGE_REJECTED, incoming.note_rejection, incoming.loads_rejection)
    handlers.on(MessageType.COMPLAINT_SUBMITTED, complaints.receive, complaints.loads)
    return handlers
