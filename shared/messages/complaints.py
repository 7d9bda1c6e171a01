"""Payloads of complaints: one that a recipient has signed on the portal, and what its addressee tells of it."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.messages.payload import Identifier, Instant, Payload, SignedDocument

ComplaintText = Annotated[str, StringConstraints(min_length=1, max_length=5000)]


class ComplaintSubmitted(Payload):
    """A complaint; everything about it stands in the document, which the complainant has signed."""

    document: SignedDocument


class ComplaintUpdated(Payload):
    """Where the complaint stands; the envelope carries the digest of the message that brought it.

    ``number``, ``accepted_at`` and ``accepted_by`` are what the slip states; ``text`` is the answer, or why it is not
    considered.
    """

    state: Literal["delivered", "registered", "in_consideration", "considered", "refused_consideration"]
    at: Instant
    addressee: Identifier
    organisation: Identifier
    number: Identifier | None = None
    accepted_at: Instant | None = None
    accepted_by: str | None = None
    text: ComplaintText | None = None
    answered_by: str | None = None
    justified: bool | None = None
