"""The life of an application on the portal: a pure state machine.

    draft → submitted → registered → in_review → granted | refused
    draft → refused      the certificate is not confirmed (process 4)
    offered → submitted  the recipient has answered an offer of the state, or let it be
    submitted → rejected the message is not taken (technical, no refusal)

Messages may come late, twice or in another order. A state only ever moves along the arrows, skipping what has not come
yet; what comes late adds its mark and moves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypedDict

from services.portal.errors import NotADraft, OfferClosed, SupplementClosed
from shared.kit.clock import rfc3339
from shared.messages.systems import System


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    OFFERED = "offered"
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

    def reached(self, wanted: "State") -> bool:
        """Whether it is ``wanted``, or comes after it."""
        return self is wanted or RANK[self] > RANK[wanted]


RANK = {
    State.DRAFT: 0,
    State.OFFERED: 0,
    State.SUBMITTED: 1,
    State.REGISTERED: 2,
    State.IN_REVIEW: 3,
    State.GRANTED: 4,
    State.REFUSED: 4,
    State.REJECTED: 4,
}
"""How far along a state is."""

MarkName = Literal["created", "offered", "submitted", "delivered", "registered", "in_review", "answered", "rejected"]


class Attachment(TypedDict):
    """A file attached to a document code; the bytes are found by ``sha256``."""

    document: str
    name: str
    media_type: str
    size: int
    sha256: str


class Demand(TypedDict):
    """A document the provider asks for by a notice. ``until`` and ``answered_at`` are RFC 3339; ``message_id`` and
    ``digest`` are those of the message with which it was supplied, ``trouble``: why that was not taken."""

    notice: str
    expects: str
    until: str | None
    attachment: Attachment | None
    answered_at: str | None
    message_id: str | None
    digest: str | None
    trouble: str | None


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
    variant: str | None = None
    """The case of the regulation, known once the request is sent."""
    due_at: datetime | None = None
    """When the result is due at the latest, as planned when the request was sent, or as a notice has changed it."""
    counts_from: datetime | None = None
    """When it counts as received: when it was sent, or the provider's next opening."""
    demands: list[Demand] = field(default_factory=list)
    offer: dict[str, Any] | None = None
    """Of a service the state offers: its notice, the digest of its document, when it was made."""
    until: datetime | None = None
    """When the offer lapses."""

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

    def submitted(
        self,
        message: tuple[str, str],
        at: datetime,
        *,
        variant: str | None = None,
        counts_from: datetime | None = None,
        due_at: datetime | None = None,
    ) -> "Application":
        """The signed request is sent; ``message`` is its id and digest. Raises ``NotADraft``."""
        self._must_be_draft()
        sent = replace(self, message_id=message[0], message_digest=message[1], variant=variant)
        sent = replace(sent, counts_from=counts_from, due_at=due_at)
        return _marked(_moved(sent, State.SUBMITTED, at), "submitted", at)

    def signature_refused(self, refusal: dict[str, Any], at: datetime) -> "Application":
        """The service is refused because the certificate is not confirmed. Raises ``NotADraft``."""
        self._must_be_draft()
        return _marked(_moved(replace(self, closing=refusal), State.REFUSED, at), "answered", at)

    # -- offers, and what is supplied afterwards -------------------------------------------------------------

    def offer_answered(
        self,
        at: datetime,
        *,
        message: tuple[str, str],
        variant: str | None = None,
        counts_from: datetime | None = None,
        due_at: datetime | None = None,
    ) -> "Application":
        """The recipient has answered the offer with ``message`` (its id and digest), or it has lapsed. Raises
        ``OfferClosed``."""
        if self.state is not State.OFFERED:
            raise OfferClosed(f"the offer was answered; the application is {self.state.value}", state=self.state.value)
        offer = {**(self.offer or {}), "answer": list(message)}
        answered = replace(self, offer=offer, variant=variant, counts_from=counts_from, due_at=due_at, until=None)
        return _marked(_moved(answered, State.SUBMITTED, at), "submitted", at)

    def prolonged(self, due_at: datetime, at: datetime) -> "Application":
        """The result is due at another time now."""
        return self if self.state.terminal else replace(self, due_at=due_at, changed_at=at)

    def demanded(self, notice: str, expects: str, until: datetime | None) -> "Application":
        """A notice asks for a document."""
        demand = Demand(
            notice=notice,
            expects=expects,
            until=rfc3339(until) if until else None,
            attachment=None,
            answered_at=None,
            message_id=None,
            digest=None,
            trouble=None,
        )
        return replace(self, demands=[*self.demands, demand])

    def demand(self, notice: str) -> Demand | None:
        """What the notice asks for."""
        return next((demand for demand in self.demands if demand["notice"] == notice), None)

    def open_demand(self, notice: str) -> Demand:
        """The demand of a notice that can still be met. Raises ``SupplementClosed``.

        Also after the time for it: what follows from being late is the provider's to say, and it may not take it.
        """
        demand = self.demand(notice)
        if demand is None:
            raise SupplementClosed("the notice asks for nothing")
        if self.state.terminal:
            raise SupplementClosed(f"the application is {self.state.value}", state=self.state.value)
        if demand["answered_at"] is not None:
            raise SupplementClosed("it was supplied", answered_at=demand["answered_at"])
        return demand

    def with_supplement(self, notice: str, attachment: Attachment, at: datetime) -> "Application":
        """The file for what a notice asks for. Raises ``SupplementClosed``."""
        return self._met({**self.open_demand(notice), "attachment": attachment, "trouble": None}, at)

    def supplied(self, notice: str, message: tuple[str, str], at: datetime) -> "Application":
        """It is sent; ``message`` is its id and digest. Raises ``SupplementClosed``."""
        sent = {"answered_at": rfc3339(at), "message_id": message[0], "digest": message[1]}
        return self._met(Demand(**{**self.open_demand(notice), **sent}), at)  # type: ignore[typeddict-item]

    def supplement_rejected(self, message_id: str, digest: str, trouble: str, at: datetime) -> "Application":
        """A system does not take what was supplied: it may be supplied again."""
        for demand in self.demands:
            if (demand["message_id"], demand["digest"]) == (message_id, digest):
                return self._met({**demand, "answered_at": None, "trouble": trouble}, at)
        return self

    def _met(self, changed: Demand, at: datetime) -> "Application":
        others = [changed if item["notice"] == changed["notice"] else item for item in self.demands]
        return replace(self, demands=others, changed_at=at)

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
        if not self._awaits_answer:
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
        if not self._awaits_answer:
            return self
        reviewed = self.review_started(review_started_at, at)
        return _marked(_moved(replace(reviewed, queue=queue), state, at), "answered", decided_at)

    def sent_as(self, message_id: str, digest: str) -> bool:
        """Whether the application, or the answer to its offer, was sent as this message."""
        own = [self.message_id, self.message_digest] if self.offer is None else self.offer.get("answer")
        return own == [message_id, digest]

    def rejected(self, report: dict[str, Any], at: datetime) -> "Application":
        """Another system does not take the message: only while nobody is known to have taken it. What is registered may
        still be rejected by the provider."""
        by_provider = self.state is State.REGISTERED and report.get("rejected_by") == System.PROVIDER
        if self.state is not State.SUBMITTED and not by_provider:
            return self
        return _marked(replace(self, closing=report, state=State.REJECTED, changed_at=at), "rejected", at)

    @property
    def _was_sent(self) -> bool:
        return self.message_id is not None and self.state is not State.REJECTED

    @property
    def _awaits_answer(self) -> bool:
        """What the provider has rejected it may take after all: it re-drives what it had set aside."""
        if self.state is State.REJECTED:
            return self.entry_number is not None
        return self._was_sent and not self.state.terminal

    def _must_be_draft(self) -> None:
        if self.state is not State.DRAFT:
            raise NotADraft(f"the application is {self.state.value}")


def _moved(application: Application, state: State, at: datetime) -> Application:
    """On to ``state``, unless the application is there or further."""
    if application.state is State.REJECTED:
        return replace(application, state=state, closing=None, changed_at=at)
    forward = RANK[state] > RANK[application.state]
    return replace(application, state=state if forward else application.state, changed_at=at)


def _marked(application: Application, mark: MarkName, at: datetime) -> Application:
    if application.reached(mark):
        return application
    entry = Mark(mark=mark, at=rfc3339(at), state=application.state.value)
    return replace(application, timeline=[*application.timeline, entry])


def new_offer(
    draft: Application, message: tuple[str, str], offer: Mapping[str, Any], until: datetime | None
) -> Application:
    """What the state offers of itself, in place of ``draft``; answers are bound to ``message``, its id and digest."""
    made = replace(draft, state=State.OFFERED, timeline=[], offer=dict(offer), until=until)
    made = replace(made, message_id=message[0], message_digest=message[1])
    return _marked(made, "offered", made.created_at)


def new_draft(application_id: str, *, iin: str, service: str, channel: str, at: datetime) -> Application:
    """An empty draft."""
    draft = Application(application_id, iin, service, channel, State.DRAFT, created_at=at, changed_at=at)
    return _marked(draft, "created", at)


def files_of(application: Application | None) -> set[str]:
    """The digests of the files that an application names; ``None`` names none."""
    if application is None:
        return set()
    supplied = [demand["attachment"] for demand in application.demands]
    return {item["sha256"] for item in (*application.attachments, *supplied) if item is not None}
