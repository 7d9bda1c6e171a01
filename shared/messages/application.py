"""Payloads on the way of an application: submitted, registered, assigned, placed on a queue, decided."""

from typing import Literal

from shared.messages.payload import AttachmentReference, HexDigest, Identifier, Instant, Number, Payload, SignedDocument

Decision = Literal["granted", "refused"]


class ApplicationSubmitted(Payload):
    """A person's application on its way to the regional gateway."""

    channel: Identifier
    document: SignedDocument
    attachments: tuple[AttachmentReference, ...] = ()
    submitted_at: Instant | None = None
    """When the recipient applied, if that was before it was sent: a centre may bring it to the provider later. Terms
    that the text counts from the application run from there."""


class ApplicationAssigned(Payload):
    """The registered application, handed to the provider by the regional gateway."""

    channel: Identifier
    entry_number: str
    registered_at: Instant
    document: SignedDocument
    attachments: tuple[AttachmentReference, ...] = ()
    submitted_at: Instant | None = None


class ApplicationRegistered(Payload):
    """The application stands in the registration journal."""

    entry_number: str
    received_at: Instant
    registered_at: Instant


class ReviewStarted(Payload):
    """The provider has taken the application into work."""

    started_at: Instant


class QueuePlacementRequested(Payload):
    """The provider puts a child on the queue kept by the regional gateway."""

    queue: Identifier
    person_iin: str


class QueuePlacementMade(Payload):
    """The number given, and the place at that moment (how many stand up to and with this one)."""

    queue: Identifier
    number: Number
    place: Number
    placed_at: Instant


class DecisionMade(Payload):
    """The provider's act: the signed result or the signed reasoned refusal."""

    decision: Decision
    document: SignedDocument
    review_started_at: Instant
    decided_at: Instant


class ResultDelivered(Payload):
    """The result on its way to the recipient's cabinet."""

    document: SignedDocument
    review_started_at: Instant
    decided_at: Instant


class RefusalIssued(Payload):
    """The reasoned refusal on its way to the recipient's cabinet."""

    document: SignedDocument
    review_started_at: Instant
    decided_at: Instant


class ResultReturned(Payload):
    """A result, or a reasoned refusal, that nobody collected within the time of storage, on its way from the centre
    back to the provider."""

    document_sha256: HexDigest
    """Of the act; the provider has it."""
    received_at: Instant
    """When the result came to the centre."""
    returned_at: Instant
    centre_bin: str


class NoticeIssued(Payload):
    """A notice to the recipient while the matter goes on, or after its result: extension of the term, the notification
    of the first stage, an offer of a service, a voucher for somebody who stood on the queue."""

    kind: Identifier
    text: dict[str, str]
    """In kk, ru and en."""
    issued_at: Instant
    document: SignedDocument | None = None
    expects: Identifier | None = None
    """Code of the document the recipient has to supply, if any."""
    until: Instant | None = None
    """By when."""
    due_at: Instant | None = None
    """By when the result is due now, if the notice changes that."""


class ApplicationSupplemented(Payload):
    """What the recipient supplies afterwards, such as the proof that the fee is paid; signed like the application."""

    channel: Identifier
    document: SignedDocument
    attachments: tuple[AttachmentReference, ...] = ()


class QueuePlaceReleased(Payload):
    """Somebody leaves the queue: they got a place, gave it up or grew out of it. Everybody behind moves up."""

    queue: Identifier
    number: Number
    reason: Literal["voucher", "withdrawn", "grown_up"]
    released_at: Instant
