"""Which payload belongs to which message type."""

from shared.messages import application, complaints, control, registry
from shared.messages.payload import Payload
from shared.messages.types import MessageType

PAYLOADS: dict[MessageType, type[Payload]] = {
    MessageType.APPLICATION_SUBMITTED: application.ApplicationSubmitted,
    MessageType.APPLICATION_ASSIGNED: application.ApplicationAssigned,
    MessageType.APPLICATION_REGISTERED: application.ApplicationRegistered,
    MessageType.REVIEW_STARTED: application.ReviewStarted,
    MessageType.QUEUE_PLACEMENT_REQUESTED: application.QueuePlacementRequested,
    MessageType.QUEUE_PLACEMENT_MADE: application.QueuePlacementMade,
    MessageType.DECISION_MADE: application.DecisionMade,
    MessageType.RESULT_DELIVERED: application.ResultDelivered,
    MessageType.REFUSAL_ISSUED: application.RefusalIssued,
    MessageType.RESULT_RETURNED: application.ResultReturned,
    MessageType.NOTICE_ISSUED: application.NoticeIssued,
    MessageType.APPLICATION_SUPPLEMENTED: application.ApplicationSupplemented,
    MessageType.QUEUE_PLACE_RELEASED: application.QueuePlaceReleased,
    MessageType.REGISTRY_REQUESTED: registry.RegistryRequested,
    MessageType.REGISTRY_ANSWERED: registry.RegistryAnswered,
    MessageType.COMPLAINT_SUBMITTED: complaints.ComplaintSubmitted,
    MessageType.COMPLAINT_UPDATED: complaints.ComplaintUpdated,
    MessageType.MESSAGE_REJECTED: control.MessageRejected,
    MessageType.DELIVERY_RECEIPT_ISSUED: control.DeliveryReceipt,
    MessageType.JOURNAL_RECORDED: control.JournalRecorded,
}
