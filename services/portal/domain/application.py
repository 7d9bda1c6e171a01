"""The life of an application on the portal: a pure state machine.

    draft → submitted → registered → in_review → granted | refused
    draft → refused      the certificate is not confirmed (process 4)
    submitted → rejected the message is not taken (technical, no refusal)

Messages may come late, twice or in another order. A state only ever moves along the arrows, skipping what has not come
yet; what comes late adds its mark and moves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypedDict

from services.portal.errors import NotADraft
from shared.kit.clock import rfc3339


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REGISTERED = "registered"
    IN_REVIEW = "in_review"
    GRANTED = "granted"
    REFUSED = "refused"
    REJECTED = "rejected"

    @property
    def terminal(self) -> bool:
        """Whether nothing follows."""
        return self in {State.GRANTED, State.REFUSED, State.REJECTED}


RANK = {
    State.DRAFT: 0,
    State.SUBMITTED: 1,
    State.REGISTERED: 2,
    State.IN_REVIEW: 3,
    State.GRANTED: 4,
    State.REFUSED: 4,
    State.REJECTED: 4,
}
"""How far along a state is."""

MarkName = Literal["created", "submitted", "delivered", "registered", "in_review", "answered", "rejected"]


class Attachment(TypedDict):
    """A file attached to a document code; the bytes are found by ``sha256``."""

    document: str
    name: str
    media_type: str
    size: int
    sha256: str


class Mark(TypedDict):
    """One entry of the timeline: what was reached, when (RFC 3339), and the state once it was known."""

    mark: MarkName
    at: str
    state: str


@dataclass(frozen=True)
class Application:
    """A person's application. Field names are the columns; lists are never changed in place."""

    id: str
    iin: str
    service: str
    channel: str
    state: State
    created_at: datetime
    changed_at: datetime
    form: dict[str, Any] | None = None
    attachments: list[Attachment] = field(default_factory=list)
    timeline: list[Mark] = field(default_factory=list)
    """In the order in which the marks became known, so that it only ever grows at its end."""
    message_id: str | None = None
    message_digest: str | None = None
    """SHA-256 (base64url) of the bytes that were sent; answers are bound to it."""
    entry_number: str | None = None
    queue: dict[str, Any] | None = None
    closing: dict[str, Any] | None = None
    """Why it ended without a result: the refusal of process 4, or the report of a technical rejection."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))

    def reached(self, mark: MarkName) -> bool:
        """Whether ``mark`` is on the timeline."""
        return any(entry["mark"] == mark for entry in self.timeline)

    def attached(self, document: str) -> Attachment | None:
        """What is attached for a document code."""
        return next((item for item in self.attachments if item["document"] == document), None)

    # -- process 3 -------------------------------------------------------------------------------------------

    def filled(self, form: Mapping[str, Any], at: datetime) -> "Application":
        """The form is filled in. Raises ``NotADraft``."""
        self._must_be_draft()
        return replace(self, form=dict(form), changed_at=at)

    def with_attachment(self, attachment: Attachment, at: datetime) -> "Application":
        """A file is attached, in place of an earlier one for the same document. Raises ``NotADraft``."""
        self._must_be_draft()
        others = [item for item in self.attachments if item["document"] != attachment["document"]]
        ordered = sorted([*others, attachment], key=lambda item: item["document"])
        return replace(self, attachments=ordered, changed_at=at)

    def without_attachment(self, document: str, at: datetime) -> "Application":
        """The file for ``document`` is taken away. Raises ``NotADraft``."""
        self._must_be_draft()
        return replace(self, attachments=[i for i in self.attachments if i["document"] != document], changed_at=at)

    # -- processes 4 and 5 -----------------------------------------------------------------------------------

    def submitted(self, message_id: str, message_digest: str, at: datetime) -> "Application":
        """The signed request is sent. Raises ``NotADraft``."""
        self._must_be_draft()
        sent = replace(self, message_id=message_id, message_digest=message_digest)
        return _marked(_moved(sent, State.SUBMITTED, at), "submitted", at)

    def signature_refused(self, refusal: dict[str, Any], at: datetime) -> "Application":
        """The service is refused because the certificate is not confirmed. Raises ``NotADraft``."""
        self._must_be_draft()
        return _marked(_moved(replace(self, closing=refusal), State.REFUSED, at), "answered", at)

    # -- what other systems say ------------------------------------------------------------------------------

    def registered(
        self, entry_number: str, received_at: datetime, registered_at: datetime, at: datetime
    ) -> "Application":
        """The document stands in the registration journal. Nothing changes if that is known or cannot be."""
        if not self._was_sent or self.entry_number is not None:
            return self
        known = _moved(replace(self, entry_number=entry_number), State.REGISTERED, at)
        return _marked(_marked(known, "delivered", received_at), "registered", registered_at)

    def review_started(self, started_at: datetime, at: datetime) -> "Application":
        """The provider has taken it into work."""
        if not self._was_sent or self.state.terminal:
            return self
        return _marked(_moved(self, State.IN_REVIEW, at), "in_review", started_at)

    def answered(
        self,
        state: Literal[State.GRANTED, State.REFUSED],
        *,
        review_started_at: datetime,
        decided_at: datetime,
        queue: dict[str, Any] | None,
        at: datetime,
    ) -> "Application":
        """The provider's signed act is here. A second one changes nothing."""
        if not self._was_sent or self.state.terminal:
            return self
        reviewed = self.review_started(review_started_at, at)
        return _marked(_moved(replace(reviewed, queue=queue), state, at), "answered", decided_at)

    def rejected(self, report: dict[str, Any], at: datetime) -> "Application":
        """Another system does not take the message: only while nobody is known to have taken it."""
        if self.state is not State.SUBMITTED:
            return self
        return _marked(_moved(replace(self, closing=report), State.REJECTED, at), "rejected", at)

    @property
    def _was_sent(self) -> bool:
        return self.message_id is not None and self.state is not State.REJECTED

    def _must_be_draft(self) -> None:
        if self.state is not State.DRAFT:
            raise NotADraft(f"the application is {self.state.value}")


def _moved(application: Application, state: State, at: datetime) -> Application:
    """On to ``state``, unless the application is there or further."""
    forward = RANK[state] > RANK[application.state]
    return replace(application, state=state if forward else application.state, changed_at=at)


def _marked(application: Application, mark: MarkName, at: datetime) -> Application:
    if application.reached(mark):
        return application
    entry = Mark(mark=mark, at=rfc3339(at), state=application.state.value)
    return replace(application, timeline=[*application.timeline, entry])


def new_draft(application_id: str, *, iin: str, service: str, channel: str, at: datetime) -> Application:
    """An empty draft."""
    draft = Application(application_id, iin, service, channel, State.DRAFT, created_at=at, changed_at=at)
    return _marked(draft, "created", at)
