"""Where a visitor's matter at the centre can stand, and what is noted in it."""

from enum import StrEnum
from typing import TypedDict


class State(StrEnum):
    """Where a matter stands."""

    ENTERING = "entering"
    QUERYING = "querying"
    REGISTRY_SILENT = "registry_silent"
    COMPLETING = "completing"
    DATA_UNAVAILABLE = "data_unavailable"
    ACCEPTANCE_REFUSED = "acceptance_refused"
    ACCEPTED = "accepted"
    """The visitor has the receipt; the package is still at the centre."""
    PACKAGE_WITH_COURIER = "package_with_courier"
    SUBMITTED = "submitted"
    REGISTERED = "registered"
    IN_REVIEW = "in_review"
    ANSWERED = "answered"
    """The provider has decided; the worker has not collected the act yet."""
    RESULT_WITH_COURIER = "result_with_courier"
    READY = "ready"
    REFUSED = "refused"
    HANDED_OUT = "handed_out"
    RETURNED = "returned"
    REJECTED = "rejected"

    @property
    def terminal(self) -> bool:
        """Whether nothing follows."""
        return self in _ENDS

    @property
    def settled(self) -> bool:
        """Whether nothing follows unless somebody at the centre does something."""
        return self.terminal or self in _CENTRES_TURN


_ENDS = frozenset({State.DATA_UNAVAILABLE, State.ACCEPTANCE_REFUSED, State.HANDED_OUT, State.RETURNED, State.REJECTED})
_CENTRES_TURN = frozenset(
    {
        State.ACCEPTED,
        State.PACKAGE_WITH_COURIER,
        State.ANSWERED,
        State.RESULT_WITH_COURIER,
        State.READY,
        State.REFUSED,
    }
)
UNCOLLECTED = frozenset({State.READY, State.REFUSED})
"""The act is at the centre, and nobody has come for it."""
AT_THE_WINDOW = frozenset({State.ENTERING, State.QUERYING, State.REGISTRY_SILENT, State.COMPLETING})
"""The visitor is there, and nothing is accepted yet."""
SENT = (State.SUBMITTED, State.REGISTERED, State.IN_REVIEW)
"""With other systems, in the order in which these states follow."""


class Scan(TypedDict):
    """A scanned document; the bytes are found by ``sha256``."""

    name: str
    media_type: str
    size: int
    sha256: str


class Paper(TypedDict):
    """What the operator noted of a document; times are RFC 3339."""

    document: str
    present: bool
    compared_at: str | None
    returned_at: str | None
    scan: Scan | None


class Mark(TypedDict):
    """One entry of the timeline: what was reached, when, and the state once it was known."""

    mark: str
    at: str
    state: str


class OpenStep(TypedDict):
    """A step that waits for somebody at the centre or a courier; times are RFC 3339."""

    step: str
    since: str
    due_at: str | None
    stage_due_at: str | None
    overdue_at: str | None
    """When it was noticed that the term of the stage had passed."""


class Demand(TypedDict):
    """A document that a notice asks for, and what was sent in answer; times are RFC 3339."""

    notice: str
    expects: str
    until: str | None
    scan: Scan | None
    sent_at: str | None
    message_id: str | None
    digest: str | None
    trouble: str | None
