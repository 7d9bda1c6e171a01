"""The life of a visitor's matter at the centre: a pure state machine.

    entering → querying ⇄ registry_silent
               querying → completing → submitted → registered → in_review → ready   → handed_out | returned
                                                                          → refused → handed_out
    querying → data_unavailable             the registries' answers stand against it (process 4)
    entering, completing → acceptance_refused   the package is not complete
    submitted → rejected                    the message is not taken (technical, no refusal)

Messages may come late, twice or in another order: a state only ever moves along the arrows, skipping what has not come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from services.csc.errors import ConsentMissing, WrongState
from shared.kit.clock import rfc3339
from shared.messages.application import Decision


class State(StrEnum):
    """Where a matter stands."""

    ENTERING = "entering"
    QUERYING = "querying"
    REGISTRY_SILENT = "registry_silent"
    COMPLETING = "completing"
    DATA_UNAVAILABLE = "data_unavailable"
    ACCEPTANCE_REFUSED = "acceptance_refused"
    SUBMITTED = "submitted"
    REGISTERED = "registered"
    IN_REVIEW = "in_review"
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
        return self.terminal or self in {State.READY, State.REFUSED}


_ENDS = frozenset({State.DATA_UNAVAILABLE, State.ACCEPTANCE_REFUSED, State.HANDED_OUT, State.RETURNED, State.REJECTED})
_AT_THE_WINDOW = frozenset({State.ENTERING, State.QUERYING, State.REGISTRY_SILENT, State.COMPLETING})
_SENT = (State.SUBMITTED, State.REGISTERED, State.IN_REVIEW)


class Scan(TypedDict):
    """A scanned document; the bytes are found by ``sha256``."""

    name: str
    media_type: str
    size: int
    sha256: str


class Paper(TypedDict):
    """What the operator noted of one document; times are RFC 3339."""

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


@dataclass(frozen=True)
class Matter:
    """One visitor's matter. Field names are the columns; lists and mappings are never changed in place."""

    id: str
    centre: str
    operator: str
    """Login of who opened it."""
    service: str
    channel: str
    state: State
    created_at: datetime
    changed_at: datetime
    form: dict[str, Any] | None = None
    entered_at: datetime | None = None
    consent: dict[str, Any] | None = None
    enquiries: list[str] = field(default_factory=list)
    """About whom and what the registries were asked."""
    papers: list[Paper] = field(default_factory=list)
    timeline: list[Mark] = field(default_factory=list)
    number: str | None = None
    """Of the receipt, given by the centre."""
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    ready_by: datetime | None = None
    """When the visitor may come for the result."""
    message_id: str | None = None
    message_digest: str | None = None
    """SHA-256 (base64url) of the bytes that were sent; answers are bound to it."""
    entry_number: str | None = None
    decision: str | None = None
    received_at: datetime | None = None
    kept_until: datetime | None = None
    """When a result nobody collects goes to the provider."""
    handing_out: dict[str, Any] | None = None
    return_digest: str | None = None
    closing: dict[str, Any] | None = None
    """Why it ended at the centre: the message of process 4, the refusal of acceptance, a technical rejection."""
    trouble: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))

    def reached(self, mark: str) -> bool:
        """Whether ``mark`` is on the timeline."""
        return any(entry["mark"] == mark for entry in self.timeline)

    def paper(self, document: str) -> Paper:
        """What is noted of a document."""
        blank = Paper(document=document, present=False, compared_at=None, returned_at=None, scan=None)
        return next((paper for paper in self.papers if paper["document"] == document), blank)

    # -- process 2 and the consent ---------------------------------------------------------------------------

    def entered(self, form: Mapping[str, Any], at: datetime) -> "Matter":
        """The form is filled in. The consent of somebody else does not count any more. Raises ``WrongState``."""
        self._must_be(State.ENTERING)
        same = self.form is not None and _people(self.form) == _people(form)
        return replace(self, form=dict(form), entered_at=at, consent=self.consent if same else None, changed_at=at)

    def consented(self, consent: Mapping[str, Any], at: datetime) -> "Matter":
        """The written consent is recorded. Raises ``WrongState``, also before anybody is named."""
        self._must_be(State.ENTERING)
        if self.form is None:
            raise WrongState("enter the applicant first", state=self.state.value)
        return replace(self, consent=dict(consent), changed_at=at)

    # -- process 3 and condition 1 ---------------------------------------------------------------------------

    def asking(self, abouts: Sequence[str], at: datetime) -> "Matter":
        """The registries are asked. Raises ``WrongState``, ``ConsentMissing``."""
        self._must_be(State.ENTERING)
        if self.form is None:
            raise WrongState("enter the applicant first", state=self.state.value)
        if self.consent is None:
            raise ConsentMissing("record the written consent first")
        return _marked(_moved(replace(self, enquiries=list(abouts)), State.QUERYING, at), "querying", at)

    def fell_silent(self, at: datetime) -> "Matter":
        """A registry did not answer however often it was asked."""
        return _moved(self, State.REGISTRY_SILENT, at) if self.state is State.QUERYING else self

    def asking_again(self, at: datetime) -> "Matter":
        """The operator has the silent registries asked again. Raises ``WrongState``."""
        self._must_be(State.REGISTRY_SILENT)
        return _moved(self, State.QUERYING, at)

    @property
    def awaits_registries(self) -> bool:
        """Whether an answer still matters."""
        return self.state in {State.QUERYING, State.REGISTRY_SILENT}

    def obtained(self, at: datetime) -> "Matter":
        """Condition 1 holds. Raises ``WrongState``."""
        self._must_be(State.QUERYING, State.REGISTRY_SILENT)
        return _marked(_moved(self, State.COMPLETING, at), "data_obtained", at)

    def not_obtained(self, closing: Mapping[str, Any], at: datetime) -> "Matter":
        """Process 4: the message that the data cannot be obtained. Raises ``WrongState``."""
        self._must_be(State.QUERYING, State.REGISTRY_SILENT)
        return _marked(_moved(replace(self, closing=dict(closing)), State.DATA_UNAVAILABLE, at), "refused", at)

    # -- process 5 -------------------------------------------------------------------------------------------

    def noted(self, paper: Paper, at: datetime) -> "Matter":
        """What the operator notes of a document. Raises ``WrongState`` once the matter has left the window, and for an
        original that is compared or given back without being there."""
        self._must_be(*_AT_THE_WINDOW)
        looked_at = paper["compared_at"] or paper["returned_at"] or paper["scan"]
        if looked_at and not paper["present"]:
            raise WrongState(
                "a document that is not there is not compared, scanned or returned", state=self.state.value
            )
        others = [item for item in self.papers if item["document"] != paper["document"]]
        return replace(self, papers=sorted([*others, paper], key=lambda item: item["document"]), changed_at=at)

    def acceptance_refused(self, closing: Mapping[str, Any], number: str, login: str, at: datetime) -> "Matter":
        """The incomplete package is not accepted. Raises ``WrongState``."""
        self._must_be(State.ENTERING, State.COMPLETING)
        if self.form is None:
            raise WrongState("enter the applicant first: the receipt names them", state=self.state.value)
        closed = replace(self, closing=dict(closing), number=number, accepted_at=at, accepted_by=login)
        return _marked(_moved(closed, State.ACCEPTANCE_REFUSED, at), "refused", at)

    def submitted(
        self, number: str, login: str, ready_by: datetime, message: tuple[str, str], at: datetime
    ) -> "Matter":
        """Process 6: the signed request is sent; ``message`` is its id and digest. Raises ``WrongState``."""
        self._must_be(State.COMPLETING)
        sent = replace(
            self,
            number=number,
            accepted_at=at,
            accepted_by=login,
            ready_by=ready_by,
            message_id=message[0],
            message_digest=message[1],
        )
        return _marked(_moved(sent, State.SUBMITTED, at), "submitted", at)

    # -- what other systems say ------------------------------------------------------------------------------

    @property
    def _was_sent(self) -> bool:
        return self.message_id is not None and self.state is not State.REJECTED

    def registered(self, entry_number: str, received: datetime, registered: datetime, at: datetime) -> "Matter":
        """The document stands in the registration journal. Nothing changes if that is known or cannot be."""
        if not self._was_sent or self.entry_number is not None:
            return self
        known = _forward(replace(self, entry_number=entry_number), State.REGISTERED, at)
        return _marked(_marked(known, "delivered", received), "registered", registered)

    def review_started(self, started_at: datetime, at: datetime) -> "Matter":
        """The provider has taken it into work."""
        if self.state not in _SENT:
            return self
        return _marked(_forward(self, State.IN_REVIEW, at), "in_review", started_at)

    def answered(
        self, decision: Decision, *, review_started_at: datetime, kept_until: datetime | None, at: datetime
    ) -> "Matter":
        """The provider's signed act is at the centre. A second one changes nothing."""
        if self.state not in _SENT:
            return self
        reviewed = self.review_started(review_started_at, at)
        answered = replace(reviewed, decision=decision, received_at=at, kept_until=kept_until)
        return _marked(_moved(answered, State.READY if decision == "granted" else State.REFUSED, at), "answered", at)

    def rejected(self, report: Mapping[str, Any], at: datetime) -> "Matter":
        """Another system does not take the message: only while nobody is known to have taken it."""
        if self.state is not State.SUBMITTED:
            return self
        return _marked(_moved(replace(self, closing=dict(report)), State.REJECTED, at), "rejected", at)

    # -- process 9 and the time of storage -------------------------------------------------------------------

    def handed_out(self, handing_out: Mapping[str, Any], at: datetime) -> "Matter":
        """The result, or the message refusing it, is given to the visitor. Raises ``WrongState``."""
        self._must_be(State.READY, State.REFUSED)
        given = replace(self, handing_out=dict(handing_out), kept_until=None)
        return _marked(_moved(given, State.HANDED_OUT, at), "handed_out", at)

    def returned(self, digest: str, at: datetime) -> "Matter":
        """Nobody came for the result: it goes to the provider. Raises ``WrongState``."""
        self._must_be(State.READY)
        gone = replace(self, return_digest=digest, kept_until=None)
        return _marked(_moved(gone, State.RETURNED, at), "returned", at)

    def troubled(self, trouble: str) -> "Matter":
        """Another system did not take a message about it that changes nothing for the visitor."""
        return replace(self, trouble=trouble)

    def _must_be(self, *states: State) -> None:
        if self.state not in states:
            raise WrongState(f"the matter is {self.state.value}", state=self.state.value)


def _moved(matter: Matter, state: State, at: datetime) -> Matter:
    return replace(matter, state=state, changed_at=at)


def _forward(matter: Matter, state: State, at: datetime) -> Matter:
    """On to ``state`` among the states of a sent matter, unless it is there or further."""
    behind = matter.state in _SENT and _SENT.index(matter.state) < _SENT.index(state)
    return replace(matter, state=state if behind else matter.state, changed_at=at)


def _marked(matter: Matter, mark: str, at: datetime) -> Matter:
    if matter.reached(mark):
        return matter
    entry = Mark(mark=mark, at=rfc3339(at), state=matter.state.value)
    return replace(matter, timeline=[*matter.timeline, entry])


def _people(form: Mapping[str, Any]) -> tuple[Any, ...]:
    """Whose data a form is about: a consent is theirs."""
    parts = (form.get(name) for name in ("applicant", "representative", "child"))
    return tuple(part.get("iin") if isinstance(part, Mapping) else None for part in parts)


def new_matter(matter_id: str, *, centre: str, operator: str, service: str, channel: str, at: datetime) -> Matter:
    """A matter with an empty form."""
    matter = Matter(matter_id, centre, operator, service, channel, State.ENTERING, created_at=at, changed_at=at)
    return _marked(matter, "opened", at)
