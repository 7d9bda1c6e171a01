"""The names of the message types and the kinds a gateway message may be."""

from enum import StrEnum


class MessageKind(StrEnum):
    """``messagetype`` of the envelope, in the words of the asynchronous channel of the gateway."""

    REQUEST = "REQUEST"
    RESPONSE = "RESPONSE"
    UPDATE = "UPDATE"
    NOTIFICATION = "NOTIFICATION"


class MessageType(StrEnum):
    """``type`` of the envelope: noun and past participle."""

    APPLICATION_SUBMITTED = "application.submitted"
    APPLICATION_ASSIGNED = "application.assigned"
    APPLICATION_REGISTERED = "application.registered"
    REVIEW_STARTED = "application.review_started"
    QUEUE_PLACEMENT_REQUESTED = "queue_placement.requested"
    QUEUE_PLACEMENT_MADE = "queue_placement.made"
    DECISION_MADE = "decision.made"
    RESULT_DELIVERED = "result.delivered"
    REFUSAL_ISSUED = "refusal.issued"
    RESULT_RETURNED = "result.returned"
    NOTICE_ISSUED = "notice.issued"
    APPLICATION_SUPPLEMENTED = "application.supplemented"
    QUEUE_PLACE_RELEASED = "queue_place.released"
    REGISTRY_REQUESTED = "registry.requested"
    REGISTRY_ANSWERED = "registry.answered"
    COMPLAINT_SUBMITTED = "complaint.submitted"
    COMPLAINT_UPDATED = "complaint.updated"
    MESSAGE_REJECTED = "message.rejected"
    DELIVERY_RECEIPT_ISSUED = "delivery_receipt.issued"
    JOURNAL_RECORDED = "journal.recorded"
