"""The life of a visitor's matter at the centre: a pure state machine.

    entering → querying ⇄ registry_silent
               querying → completing → submitted → registered → in_review → ready   → handed_out | returned
                                                                          → refused → handed_out
    querying → data_unavailable             the registries' answers stand against it (process 4)
    entering, completing → acceptance_refused   the package is not complete
    submitted → rejected                    the message is not taken (technical, no refusal)

In the short form (package, provider, result) the acceptance is a moment of its own, and so is what the worker, and in
some cases a courier, does with the papers:

    entering | completing → accepted → [package_with_courier →] submitted → registered → in_review
        → answered → [result_with_courier →] ready | refused → handed_out

Messages may come late, twice or in another order: a state only ever moves along the arrows, skipping what has not come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.csc.domain.states import AT_THE_WINDOW, SENT, UNCOLLECTED, Demand, Mark, OpenStep, Paper, State
from services.csc.errors import ConsentMissing
from shared.kit.clock import rfc3339
from shared.messages.application import Decision
from shared.messages.systems import System
from shared.regulations.errors import WrongState


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
    visit: str | None = None
    """The visit in the electronic queue with which it came."""
    variant: str | None = None
    """The case of the regulation, once the form is there."""
    due_at: datetime | None = None
    """By when the result has to be at the centre."""
    overdue_at: datetime | None = None
    """When it was noticed that it was not."""
    open_step: OpenStep | None = None
    """What the centre has to do, with its term."""
    step_overdue: bool = False
    """Whether any step of the centre has been overdue."""
    watch_at: datetime | None = None
    """When it has to be looked at next because a term ends."""
    notices: list[dict[str, Any]] = field(default_factory=list)
    """Notices of the provider on the way, oldest first."""
    demands: list[Demand] = field(default_factory=list)
    """What notices ask the visitor for."""

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

    def asking(self, abouts: Sequence[str], at: datetime, *, consent: bool = True) -> "Matter":
        """The registries are asked; ``consent``: whether the regulation wants it in writing. Raises ``WrongState``,
        ``ConsentMissing``."""
        self._must_be(State.ENTERING)
        if self.form is None:
            raise WrongState("enter the applicant first", state=self.state.value)
        if consent and self.consent is None:
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
        self._must_be(*AT_THE_WINDOW)
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

    def must_be_acceptable(self, *, asks: bool) -> None:
        """Raises ``WrongState`` unless the package may be accepted now. ``asks``: registries are asked before that."""
        self._must_be(State.COMPLETING, *(() if asks else (State.ENTERING,)))
        if self.form is None:
            raise WrongState("enter the applicant first", state=self.state.value)

    def accepted(
        self, number: str, login: str, terms: tuple[datetime, datetime | None], at: datetime, *, asks: bool
    ) -> "Matter":
        """The package is complete and the visitor gets the receipt; ``terms``: when they may come for the result, and
        by when it has to be there. Raises ``WrongState`` as ``must_be_acceptable``."""
        self.must_be_acceptable(asks=asks)
        ready_by, due_at = terms
        taken = replace(self, number=number, accepted_at=at, accepted_by=login, ready_by=ready_by, due_at=due_at)
        return _marked(_moved(taken, State.ACCEPTED, at), "accepted", at)

    def package_sent_off(self, at: datetime) -> "Matter":
        """The package is with the courier. Raises ``WrongState``."""
        self._must_be(State.ACCEPTED)
        return _marked(_moved(self, State.PACKAGE_WITH_COURIER, at), "package_with_courier", at)

    def submitted(self, message: tuple[str, str], at: datetime) -> "Matter":
        """The signed request is sent (process 6); ``message`` is its id and digest. Raises ``WrongState``."""
        self._must_be(State.ACCEPTED, State.PACKAGE_WITH_COURIER)
        sent = replace(self, message_id=message[0], message_digest=message[1])
        return _marked(_moved(sent, State.SUBMITTED, at), "submitted", at)

    # -- what other systems say ------------------------------------------------------------------------------

    @property
    def _was_sent(self) -> bool:
        return self.message_id is not None and self.state is not State.REJECTED

    @property
    def _awaits_answer(self) -> bool:
        """What the provider has rejected it may take after all: it re-drives what it had set aside."""
        return self.state in SENT or (self.state is State.REJECTED and self.entry_number is not None)

    def registered(self, entry_number: str, received: datetime, registered: datetime, at: datetime) -> "Matter":
        """The document stands in the registration journal. Nothing changes if that is known or cannot be."""
        if not self._was_sent or self.entry_number is not None:
            return self
        known = _forward(replace(self, entry_number=entry_number), State.REGISTERED, at)
        return _marked(_marked(known, "delivered", received), "registered", registered)

    def review_started(self, started_at: datetime, at: datetime) -> "Matter":
        """The provider has taken it into work."""
        if not self._awaits_answer:
            return self
        return _marked(_forward(self, State.IN_REVIEW, at), "in_review", started_at)

    def answered(
        self,
        decision: Decision,
        *,
        review_started_at: datetime,
        collected: bool,
        kept_until: datetime | None,
        at: datetime,
    ) -> "Matter":
        """The provider's signed act is there. ``collected``: it is at the centre with that; otherwise a worker has to
        collect it. A second act changes nothing."""
        if not self._awaits_answer:
            return self
        reviewed = replace(self.review_started(review_started_at, at), decision=decision)
        known = _at_the_centre(reviewed, kept_until, at) if collected else _moved(reviewed, State.ANSWERED, at)
        return _marked(known, "answered", at)

    def result_sent_off(self, at: datetime) -> "Matter":
        """The collected act is with the courier. Raises ``WrongState``."""
        self._must_be(State.ANSWERED)
        return _marked(_moved(self, State.RESULT_WITH_COURIER, at), "result_with_courier", at)

    def collected(self, kept_until: datetime | None, at: datetime) -> "Matter":
        """The act is at the centre. Raises ``WrongState``."""
        self._must_be(State.ANSWERED, State.RESULT_WITH_COURIER)
        return _marked(_at_the_centre(self, kept_until, at), "collected", at)

    def rejected(self, report: Mapping[str, Any], at: datetime) -> "Matter":
        """Another system does not take the message: only while nobody is known to have taken it. What is registered may
        still be rejected by the provider."""
        by_provider = self.state is State.REGISTERED and report.get("rejected_by") == System.PROVIDER
        if self.state is not State.SUBMITTED and not by_provider:
            return self
        return _marked(_moved(replace(self, closing=dict(report)), State.REJECTED, at), "rejected", at)

    # -- process 9 and the time of storage -------------------------------------------------------------------

    def handed_out(self, handing_out: Mapping[str, Any], at: datetime) -> "Matter":
        """The result, or the message refusing it, is given to the visitor. Raises ``WrongState``."""
        self._must_be(State.READY, State.REFUSED)
        given = replace(self, handing_out=dict(handing_out), kept_until=None)
        return _marked(_moved(given, State.HANDED_OUT, at), "handed_out", at)

    def returned(self, digest: str, at: datetime) -> "Matter":
        """Nobody came for the result or the refusal: it goes to the provider. Raises ``WrongState``."""
        self._must_be(*UNCOLLECTED)
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


def _at_the_centre(matter: Matter, kept_until: datetime | None, at: datetime) -> Matter:
    """The act can be handed out."""
    there = replace(matter, received_at=at, kept_until=kept_until)
    return _moved(there, State.READY if matter.decision == "granted" else State.REFUSED, at)


def _forward(matter: Matter, state: State, at: datetime) -> Matter:
    """On to ``state`` among the states of a sent matter, unless it is there or further."""
    if matter.state is State.REJECTED:
        return replace(matter, state=state, closing=None, changed_at=at)
    behind = matter.state in SENT and SENT.index(matter.state) < SENT.index(state)
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
