"""Who may send what to whom: default deny. Anything not in the table is rejected.

``via_gateway`` routes go sender → gateway → receiver, as the regulations say («ЭҮШ арқылы» / «через ШЭП»); the
regional gateway and the provider talk inside the region, directly.
"""

from dataclasses import dataclass

from shared.messages.systems import System
from shared.messages.types import MessageKind, MessageType

_S, _T = System, MessageType


@dataclass(frozen=True, slots=True)
class Route:
    """One permitted exchange. ``serviceid`` is the name under which the gateway offers it."""

    sender: System
    type: MessageType
    receiver: System
    kind: MessageKind
    serviceid: str
    via_gateway: bool


_BUSINESS: tuple[Route, ...] = (
    Route(_S.PORTAL, _T.APPLICATION_SUBMITTED, _S.REGIONAL_GATEWAY, MessageKind.REQUEST, "ApplicationIntake", True),
    Route(_S.REGIONAL_GATEWAY, _T.APPLICATION_REGISTERED, _S.PORTAL, MessageKind.UPDATE, "ApplicationStatus", True),
    Route(_S.REGIONAL_GATEWAY, _T.REVIEW_STARTED, _S.PORTAL, MessageKind.UPDATE, "ApplicationStatus", True),
    Route(_S.REGIONAL_GATEWAY, _T.RESULT_DELIVERED, _S.PORTAL, MessageKind.RESPONSE, "ResultDelivery", True),
    Route(_S.REGIONAL_GATEWAY, _T.REFUSAL_ISSUED, _S.PORTAL, MessageKind.RESPONSE, "ResultDelivery", True),
    Route(_S.CSC, _T.APPLICATION_SUBMITTED, _S.REGIONAL_GATEWAY, MessageKind.REQUEST, "ApplicationIntake", True),
    Route(_S.REGIONAL_GATEWAY, _T.APPLICATION_REGISTERED, _S.CSC, MessageKind.UPDATE, "ApplicationStatus", True),
    Route(_S.REGIONAL_GATEWAY, _T.REVIEW_STARTED, _S.CSC, MessageKind.UPDATE, "ApplicationStatus", True),
    Route(_S.REGIONAL_GATEWAY, _T.RESULT_DELIVERED, _S.CSC, MessageKind.RESPONSE, "ResultDelivery", True),
    Route(_S.REGIONAL_GATEWAY, _T.REFUSAL_ISSUED, _S.CSC, MessageKind.RESPONSE, "ResultDelivery", True),
    # A result nobody collected goes back the way it came.
    Route(_S.CSC, _T.RESULT_RETURNED, _S.REGIONAL_GATEWAY, MessageKind.UPDATE, "ResultReturn", True),
    Route(_S.REGIONAL_GATEWAY, _T.RESULT_RETURNED, _S.PROVIDER, MessageKind.UPDATE, "ResultReturn", False),
    # Notices on the way, what the recipient supplies afterwards, and places of the queue that become free.
    Route(_S.PROVIDER, _T.NOTICE_ISSUED, _S.REGIONAL_GATEWAY, MessageKind.UPDATE, "Notice", False),
    Route(_S.REGIONAL_GATEWAY, _T.NOTICE_ISSUED, _S.PORTAL, MessageKind.UPDATE, "Notice", True),
    Route(_S.REGIONAL_GATEWAY, _T.NOTICE_ISSUED, _S.CSC, MessageKind.UPDATE, "Notice", True),
    Route(_S.PORTAL, _T.APPLICATION_SUPPLEMENTED, _S.REGIONAL_GATEWAY, MessageKind.REQUEST, "Supplement", True),
    Route(_S.CSC, _T.APPLICATION_SUPPLEMENTED, _S.REGIONAL_GATEWAY, MessageKind.REQUEST, "Supplement", True),
    Route(_S.REGIONAL_GATEWAY, _T.APPLICATION_SUPPLEMENTED, _S.PROVIDER, MessageKind.REQUEST, "Supplement", False),
    Route(_S.PROVIDER, _T.QUEUE_PLACE_RELEASED, _S.REGIONAL_GATEWAY, MessageKind.UPDATE, "Queue", False),
    Route(_S.REGIONAL_GATEWAY, _T.APPLICATION_ASSIGNED, _S.PROVIDER, MessageKind.REQUEST, "Assignment", False),
    Route(_S.PROVIDER, _T.REVIEW_STARTED, _S.REGIONAL_GATEWAY, MessageKind.UPDATE, "Review", False),
    Route(_S.PROVIDER, _T.QUEUE_PLACEMENT_REQUESTED, _S.REGIONAL_GATEWAY, MessageKind.REQUEST, "Queue", False),
    Route(_S.REGIONAL_GATEWAY, _T.QUEUE_PLACEMENT_MADE, _S.PROVIDER, MessageKind.RESPONSE, "Queue", False),
    Route(_S.PROVIDER, _T.DECISION_MADE, _S.REGIONAL_GATEWAY, MessageKind.RESPONSE, "Review", False),
    Route(_S.CSC, _T.REGISTRY_REQUESTED, _S.PERSONS, MessageKind.REQUEST, "PersonData", True),
    Route(_S.PERSONS, _T.REGISTRY_ANSWERED, _S.CSC, MessageKind.RESPONSE, "PersonData", True),
    Route(_S.CSC, _T.REGISTRY_REQUESTED, _S.NOTARY, MessageKind.REQUEST, "PowerOfAttorneyData", True),
    Route(_S.NOTARY, _T.REGISTRY_ANSWERED, _S.CSC, MessageKind.RESPONSE, "PowerOfAttorneyData", True),
    # Clause 12: for applications of the portal the data come from the state's systems too.
    Route(_S.PROVIDER, _T.REGISTRY_REQUESTED, _S.PERSONS, MessageKind.REQUEST, "PersonData", True),
    Route(_S.PERSONS, _T.REGISTRY_ANSWERED, _S.PROVIDER, MessageKind.RESPONSE, "PersonData", True),
    # Complaints made on the portal go to whoever works with their addressee's system.
    Route(_S.PORTAL, _T.COMPLAINT_SUBMITTED, _S.PROVIDER, MessageKind.REQUEST, "ComplaintIntake", True),
    Route(_S.PORTAL, _T.COMPLAINT_SUBMITTED, _S.CSC, MessageKind.REQUEST, "ComplaintIntake", True),
    Route(_S.PROVIDER, _T.COMPLAINT_UPDATED, _S.PORTAL, MessageKind.UPDATE, "ComplaintStatus", True),
    Route(_S.CSC, _T.COMPLAINT_UPDATED, _S.PORTAL, MessageKind.UPDATE, "ComplaintStatus", True),
)


def _control_routes() -> tuple[Route, ...]:
    rejections = {
        (route.receiver, route.sender): Route(
            route.receiver,
            _T.MESSAGE_REJECTED,
            route.sender,
            MessageKind.NOTIFICATION,
            "Rejection",
            route.via_gateway,
        )
        for route in _BUSINESS
    }
    from_gateway = (
        Route(_S.GATEWAY, _T.MESSAGE_REJECTED, system, MessageKind.NOTIFICATION, "Rejection", False)
        for system in System
        if system is not _S.GATEWAY
    )
    neighbours = {
        hop
        for route in _BUSINESS
        for hop in (
            ((route.sender, _S.GATEWAY), (_S.GATEWAY, route.receiver))
            if route.via_gateway
            else ((route.sender, route.receiver),)
        )
    } | {(system, _S.GATEWAY) for system in System}
    receipts = (
        Route(taker, _T.DELIVERY_RECEIPT_ISSUED, giver, MessageKind.NOTIFICATION, "DeliveryReceipt", False)
        for giver, taker in sorted(neighbours)
    )
    journal = (
        Route(system, _T.JOURNAL_RECORDED, _S.GATEWAY, MessageKind.NOTIFICATION, "Journal", False) for system in System
    )
    return (*rejections.values(), *from_gateway, *receipts, *journal)


ROUTES: dict[tuple[System, MessageType, System], Route] = {
    (route.sender, route.type, route.receiver): route for route in (*_BUSINESS, *_control_routes())
}


def route_for(sender: System, message_type: MessageType, receiver: System) -> Route | None:
    """The route, or ``None`` if such a message is not allowed."""
    return ROUTES.get((sender, message_type, receiver))
