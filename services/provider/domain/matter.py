"""The matter of one application and its way to exactly one decision.

    offered → received → in_review → placing → granted
                                   ↘ granted | refused

``offered``: the provider offers the service itself and waits for the consent. ``received``: attachments are still on
their way. ``in_review``: the tasks of the procedure are done one after the other; the decision falls in one of them and
may change only while the act is not signed and the recipient owes something. ``placing``: granted, and a queue number
was asked for. In autopilot a matter passes through ``in_review`` within one transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from services.provider.errors import AlreadyDecided, IllegalMove
from shared.messages.application import Decision
from shared.messages.types import MessageType
from shared.regulations.grounds import FoundGround
from shared.regulations.terms import DEFAULT

AUTOPILOT = "autopilot"
DECISION = MessageType.DECISION_MADE.value
"""The message with which a decision leaves."""


class MatterState(StrEnum):
    """Where a matter stands with the provider."""

    OFFERED = "offered"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    PLACING = "placing"
    GRANTED = "granted"
    REFUSED = "refused"

    def reached(self, wanted: "MatterState") -> bool:
        """Whether it is ``wanted``, or can come after it."""
        return self is wanted or any(self.reached(after) for after in MOVES[wanted])


MOVES: Mapping[MatterState, frozenset[MatterState]] = {
    MatterState.OFFERED: frozenset({MatterState.RECEIVED}),
    MatterState.RECEIVED: frozenset({MatterState.IN_REVIEW}),
    MatterState.IN_REVIEW: frozenset({MatterState.PLACING, MatterState.GRANTED, MatterState.REFUSED}),
    MatterState.PLACING: frozenset({MatterState.GRANTED}),
    MatterState.GRANTED: frozenset(),
    MatterState.REFUSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided: by whom (an officer's login, or ``autopilot``), when, on which grounds (codes with texts)."""

    decision: Decision
    at: datetime
    by: str
    grounds: tuple[FoundGround, ...] = ()
    note: str | None = None
    result: str | None = None
    """Of the kinds of result the text gives, if not the usual one."""


@dataclass(frozen=True, slots=True)
class Act:
    """The signed electronic document: canonical JSON, its SHA-256 in hexadecimal, detached CMS in base64."""

    content: str
    sha256: str
    signature: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One application at the provider."""

    application: str
    provider_bin: str
    regulation: str
    channel: str
    entry_number: str
    """In the journal of the regional gateway, or in the register of the organisation for what came over its counter."""
    registered_at: datetime
    received_at: datetime
    document: str
    signature: str
    signature_report: dict[str, Any]
    assignment_id: str
    assignment_digest: str
    state: str = MatterState.RECEIVED.value
    findings: list[dict[str, Any]] = field(default_factory=list)
    review_started_at: datetime | None = None
    decision: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    grounds: list[dict[str, Any]] = field(default_factory=list)
    note: str | None = None
    placement_digest: str | None = None
    queue_number: int | None = None
    queue_place: int | None = None
    act: str | None = None
    act_sha256: str | None = None
    act_signature: str | None = None
    decision_digest: str | None = None
    returned_at: datetime | None = None
    """When a centre gave the result back because nobody collected it."""
    trouble: str | None = None
    """Why another system did not take our message about it."""
    rejected: dict[str, Any] | None = None
    """The message about it that another system did not take last: its type (``message``), ``by`` whom, ``reason`` and
    ``report``, ``at``; ``sent_again`` (when), once it was."""
    submitted_at: datetime | None = None
    """When the recipient applied, if that was before it was registered."""
    variant: str = DEFAULT
    driver: str | None = None
    """Who goes on with the tasks as far as they go: ``autopilot``, or the officer who took the decision for all."""
    started_at: datetime | None = None
    """When the procedure begins to count: the receipt, or the next opening if it came after hours."""
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    """When it was noticed that ``due_at`` has passed."""
    task: str | None = None
    """The one open task of the procedure; ``None`` before the first and after the last."""
    task_since: datetime | None = None
    task_due_at: datetime | None = None
    task_overdue_at: datetime | None = None
    resume_at: datetime | None = None
    """Before when the open task cannot be done, if it has to last."""
    watch_at: datetime | None = None
    """When the watcher has to look at it next."""
    register_number: str | None = None
    register_key: str | None = None
    """Organisation, year and number in a form that sorts: the order of the register."""
    executor: str | None = None
    contract: dict[str, Any] | None = None
    book_entry: str | None = None
    sealed: bool = False
    awaits: dict[str, Any] | None = None
    """What the recipient owes: ``document``, ``until`` (RFC 3339), and ``received`` or ``lapsed`` (when)."""
    extended: dict[str, Any] | None = None
    notices: list[dict[str, Any]] = field(default_factory=list)
    intake: dict[str, Any] | None = None
    """Of an application over the counter: who took it, which papers were shown and given back."""
    handed_out: dict[str, Any] | None = None
    recipient_iin: str | None = None
    result: str | None = None
    """Which of the results the text gives for the outcome, if not the usual one."""
    asker: str | None = None
    """The officer whose task waits for the queue number."""
    announced: bool = False
    """Whether the regional gateway was told that it is in work."""
    course: dict[str, Any] | None = None
    """The course that began with the result: ``since``, ``not_before``, ``due_at`` (RFC 3339), ``clause``, ``driver``;
    then ``overdue_at``, or ``ended_at`` and ``ended_by``."""
    placing: dict[str, Any] | None = None
    """The place in an organisation that was found for the child: ``code``, ``name`` and ``address``."""
    registries: dict[str, Any] | None = None
    """What the registries were asked, and what their answers said (``domain.registries.Asked``)."""

    def watched(self) -> Self:
        """With the moment at which the watcher has to look at it: the next term that ends, or what may go on then."""
        if self.state == MatterState.OFFERED:
            return replace(self, watch_at=None)
        if self.closed:
            return replace(self, watch_at=min(self._course_moments(), default=None))
        moments = [
            None if self.overdue_at else self.due_at,
            None if self.task_overdue_at else self.task_due_at,
            self.resume_at if self.driver else None,
            datetime.fromisoformat(self.awaits["until"])
            if self.awaits and self.owes and self.awaits["until"]
            else None,
            self.tell_by,
        ]
        return replace(self, watch_at=min((moment for moment in moments if moment is not None), default=None))

    @property
    def tell_by(self) -> datetime | None:
        """By when the recipient has to be told of an extension, if nobody has done so and it was not noticed."""
        found = self.extended or {}
        if not found.get("tell_by") or found.get("told_at") or found.get("overdue_at"):
            return None
        return datetime.fromisoformat(found["tell_by"])

    def _course_moments(self) -> list[datetime]:
        course = self.course
        if course is None or course.get("ended_at"):
            return []
        found = [
            course["not_before"] if course["driver"] else None,
            None if course.get("overdue_at") else course["due_at"],
        ]
        return [datetime.fromisoformat(moment) for moment in found if moment]

    @property
    def closed(self) -> bool:
        """Whether it came to its end."""
        return self.state in (MatterState.GRANTED, MatterState.REFUSED)

    def start_review(self, at: datetime, findings: Sequence[FoundGround]) -> Self:
        """The documents are all there; with the grounds that were found by rule."""
        found = [ground.model_dump() for ground in findings]
        return self._move(MatterState.IN_REVIEW, review_started_at=at, findings=found)

    def rule(self, ruling: Ruling) -> Self:
        """Decide, once. Raises ``AlreadyDecided``, or ``IllegalMove`` while it is not under review."""
        if self.decision is not None:
            raise AlreadyDecided(f"decided at {self.decided_at}", decision=self.decision)
        if self.state != MatterState.IN_REVIEW:
            raise IllegalMove(f"the matter is {self.state}, not under review", state=self.state)
        return self._ruled(ruling)

    def lapse(self, ruling: Ruling) -> Self:
        """Refuse what was granted on condition, because the recipient did not do their part in time.

        Raises ``IllegalMove`` unless something is awaited and the act is unsigned.
        """
        if not self.owes or self.act is not None or self.state != MatterState.IN_REVIEW:
            raise IllegalMove("nothing is awaited from the recipient", state=self.state)
        return replace(self._ruled(ruling), awaits=None)

    @property
    def owes(self) -> bool:
        """Whether the recipient has to supply something before it goes on."""
        return self.awaits is not None and not (self.awaits.get("received") or self.awaits.get("lapsed"))

    @property
    def awaits_registries(self) -> bool:
        """Whether an answer of a registry is still to come."""
        return self.registries is not None and bool(self.registries["awaited"])

    @property
    def undecidable(self) -> bool:
        """Whether nobody may decide yet: an answer is to come, and enough was not asked in vain."""
        return self.awaits_registries and not (self.registries or {})["silent"]

    def repeats(self, decision: Decision, codes: Collection[str]) -> bool:
        """Whether this very decision was made before."""
        return self.decision == decision and {ground["code"] for ground in self.grounds} == set(codes)

    def await_placement(self, request_digest: str) -> Self:
        """Granted; the queue number was asked for."""
        return self._move(MatterState.PLACING, "granted", placement_digest=request_digest)

    def placed(self, number: int, place: int) -> Self:
        """The queue number came. Raises ``IllegalMove`` unless it is awaited."""
        if self.state != MatterState.PLACING or self.act is not None:
            raise IllegalMove(f"no queue number is awaited, the matter is {self.state}", state=self.state)
        return replace(self, queue_number=number, queue_place=place)

    def signed(self, act: Act) -> Self:
        """The authorised person signed the act. Raises ``IllegalMove`` before the decision and for a second act."""
        if self.decision is None or self.act is not None or self.closed:
            raise IllegalMove("there is nothing to sign", state=self.state)
        if self.state == MatterState.PLACING and self.queue_number is None:
            raise IllegalMove("the queue number is awaited", state=self.state)
        return replace(self, act=act.content, act_sha256=act.sha256, act_signature=act.signature)

    def close(self, decision_digest: str | None) -> Self:
        """The act is on its way to the recipient: the end. ``decision_digest``: of the message it went with."""
        if self.act is None:
            raise IllegalMove("there is no signed act", state=self.state)
        return self._move(
            MatterState(self.decision or self.state),
            self.decision,
            decision_digest=decision_digest,
            task=None,
            task_since=None,
            task_due_at=None,
            resume_at=None,
            watch_at=None,
            driver=None,
        )

    @property
    def to_send_again(self) -> bool:
        """Whether its decision was not taken, and waits to be signed and sent once more."""
        rejected = self.rejected or {}
        return rejected.get("message") == DECISION and not rejected.get("sent_again")

    def undelivered(self, rejected: dict[str, Any]) -> Self:
        """The decision did not arrive: it stands, but its act has to be signed and sent again."""
        return replace(
            self,
            state=MatterState.IN_REVIEW.value,
            rejected=rejected,
            act=None,
            act_sha256=None,
            act_signature=None,
            decision_digest=None,
        )

    def unplaced(self, rejected: dict[str, Any]) -> Self:
        """Nobody takes the request for the queue number: it can be asked for again."""
        return replace(self, state=MatterState.IN_REVIEW.value, placement_digest=None, rejected=rejected)

    def _ruled(self, ruling: Ruling) -> Self:
        return replace(
            self,
            decision=ruling.decision,
            decided_at=ruling.at,
            decided_by=ruling.by,
            grounds=[ground.model_dump() for ground in ruling.grounds],
            note=ruling.note,
            result=ruling.result,
        )

    def _move(self, to: MatterState, decision: str | None = None, **changes: Any) -> Self:
        if to not in MOVES[MatterState(self.state)] or self.decision != decision:
            raise IllegalMove(f"a matter that is {self.state} does not become {to}", state=self.state)
        return replace(self, state=to.value, **changes)
