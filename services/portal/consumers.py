"""Which use case handles what the portal receives."""

from services.portal.service.complaints import RecipientComplaints
from services.portal.service.incoming import Incoming
from services.portal.service.notices import IncomingNotices
from services.portal.service.rejections import Rejections
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers


def portal_handlers(incoming: Incoming, notices: IncomingNotices, complaints: RecipientComplaints) -> Handlers:
    """The table of message types."""
    rejections, handlers = Rejections(incoming, complaints), Handlers()
    handlers.on(MessageType.APPLICATION_REGISTERED, incoming.accept_registration, incoming.loads)
    handlers.on(MessageType.REVIEW_STARTED, incoming.note_review, incoming.loads)
    handlers.on(MessageType.RESULT_DELIVERED, incoming.deliver_result, incoming.loads)
    handlers.on(MessageType.REFUSAL_ISSUED, incoming.accept_refusal, incoming.loads)
    handlers.on(MessageType.NOTICE_ISSUED, notices.accept_notice, incoming.loads)
    handlers.on(MessageType.COMPLAINT_UPDATED, complaints.accept_update, complaints.loads)
    handlers.on(MessageType.MESSAGE_REJECTED, rejections.note, rejections.loads)
    return handlers
