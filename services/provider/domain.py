"""The matter of one application and its way to exactly one decision.

    received → in_review → placing → granted
                        ↘ granted | refused

``received``: attachments are still on their way. ``placing``: granted, the queue number is awaited. In autopilot a
matter passes through ``in_review`` within one transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from services.provider.errors import AlreadyDecided, IllegalMove, InvalidGrounds
from shared.kit.text import Text
from shared.messages.application import Decision
from shared.regulations.actions import Action
from shared.regulations.grounds import FoundGround, evaluate, grounds_at
from shared.regulations.model import Ground, Regulation

AUTOPILOT = "autopilot"


class MatterState(StrEnum):
    """Where a matter stands with the provider."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    PLACING = "placing"
    GRANTED = "granted"
    REFUSED = "refused"


MOVES: Mapping[MatterState, frozenset[MatterState]] = {
    MatterState.RECEIVED: frozenset({MatterState.IN_REVIEW}),
    MatterState.IN_REVIEW: frozenset({MatterState.PLACING, MatterState.GRANTED, MatterState.REFUSED}),
    MatterState.PLACING: frozenset({MatterState.GRANTED}),
    MatterState.GRANTED: frozenset(),
    MatterState.REFUSED: frozenset(),
}


class AttachmentState(StrEnum):
    """Where an attachment stands."""

    PENDING = "pending"
    STORED = "stored"
    MISMATCH = "mismatch"
    """What was fetched is not what the signed document names."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment of an application; ``sha256`` stands in the signed document."""

    key: str
    application: str
    document: str
    name: str
    media_type: str
    size: int
    sha256: str
    href: str
    state: str = AttachmentState.PENDING.value


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided: by whom (an officer's login, or ``autopilot``), when, on which grounds (codes with texts)."""

    decision: Decision
    at: datetime
    by: str
    grounds: tuple[FoundGround, ...] = ()
    note: str | None = None


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

    def start_review(self, at: datetime, findings: Sequence[FoundGround]) -> Self:
        """Condition 3 begins, with the grounds that were found by rule."""
        found = [ground.model_dump() for ground in findings]
        return self._move(MatterState.IN_REVIEW, review_started_at=at, findings=found)

    def rule(self, ruling: Ruling) -> Self:
        """Decide, once. Raises ``AlreadyDecided``, or ``IllegalMove`` while it is not under review."""
        if self.decision is not None:
            raise AlreadyDecided(f"decided at {self.decided_at}", decision=self.decision)
        if self.state != MatterState.IN_REVIEW:
            raise IllegalMove(f"the matter is {self.state}, not under review", state=self.state)
        return replace(
            self,
            decision=ruling.decision,
            decided_at=ruling.at,
            decided_by=ruling.by,
            grounds=[ground.model_dump() for ground in ruling.grounds],
            note=ruling.note,
        )

    def repeats(self, decision: Decision, codes: Collection[str]) -> bool:
        """Whether this very decision was made before."""
        return self.decision == decision and {ground["code"] for ground in self.grounds} == set(codes)

    def await_placement(self, request_digest: str) -> Self:
        """Granted; the queue number was asked for."""
        return self._move(MatterState.PLACING, "granted", placement_digest=request_digest)

    def placed(self, number: int, place: int) -> Self:
        """The queue number came. Raises ``IllegalMove`` unless it is awaited."""
        if self.state != MatterState.PLACING:
            raise IllegalMove(f"no queue number is awaited, the matter is {self.state}", state=self.state)
        return replace(self, queue_number=number, queue_place=place)

    def close(self, act: Act, decision_digest: str) -> Self:
        """The act is signed and sent: the end."""
        return self._move(
            MatterState(self.decision or self.state),
            self.decision,
            act=act.content,
            act_sha256=act.sha256,
            act_signature=act.signature,
            decision_digest=decision_digest,
        )

    def _move(self, to: MatterState, decision: str | None = None, **changes: Any) -> Self:
        if to not in MOVES[MatterState(self.state)] or self.decision != decision:
            raise IllegalMove(f"a matter that is {self.state} does not become {to}", state=self.state)
        return replace(self, state=to.value, **changes)


def find_grounds(
    regulation: Regulation,
    channel: str,
    form: Mapping[str, Any],
    attachments: Sequence[Attachment],
    registered_at: datetime,
) -> list[FoundGround]:
    """Condition 3 by rule: the regulation's checks, and that every attachment is what was signed.

    ``registered_at`` is in the provider's local time: its date is the day of application.
    """
    codes = {attachment.document for attachment in attachments}
    found = evaluate(regulation, channel, form, codes, registered_at.date())
    wrong = [attachment for attachment in attachments if attachment.state == AttachmentState.MISMATCH]
    if wrong:
        ground = violations_ground(regulation, channel)
        names = ", ".join(attachment.name for attachment in wrong)
        detail = Text(
            kk=f"файл қол қойылған өтініште көрсетілген файл емес: {names}",
            ru=f"файл не тот, что указан в подписанном запросе: {names}",
            en=f"the file is not the one named in the signed request: {names}",
        )
        found.append(FoundGround(code=ground.code, text=ground.text, clause=ground.clause, detail=detail))
    return found


def violations_ground(regulation: Regulation, channel: str) -> Ground:
    """The general ground "violations in the documents" of condition 3. Raises ``LookupError`` if there is none."""
    grounds = grounds_at(regulation, channel, Action.CHECK_DOCUMENTS)
    documents = [ground for ground in grounds if ground.category == "documents"]
    for ground in sorted(documents, key=lambda ground: ground.check is not None):
        return ground
    raise LookupError(f"{regulation.id} names no ground for violations in the documents ({channel})")


def named_grounds(
    regulation: Regulation, channel: str, codes: Sequence[str], findings: Sequence[Mapping[str, Any]]
) -> tuple[FoundGround, ...]:
    """The grounds an officer names, in the law's words; what was found by rule is added as detail.

    Raises ``InvalidGrounds`` for none at all, and for each code the regulation does not have at condition 3.
    """
    allowed = {ground.code: ground for ground in grounds_at(regulation, channel, Action.CHECK_DOCUMENTS)}
    faults = [
        {"in": "body", "path": f"/grounds/{index}", "message": f"not one of {sorted(allowed)}"}
        for index, code in enumerate(codes)
        if code not in allowed
    ]
    if not codes:
        faults = [{"in": "body", "path": "/grounds", "message": "a refusal needs at least one ground"}]
    if faults:
        raise InvalidGrounds(faults=faults)
    details = {finding["code"]: Text(**finding["detail"]) for finding in findings}
    return tuple(
        FoundGround(
            code=code, text=allowed[code].text, clause=allowed[code].clause, detail=details.get(code, _BY_OFFICER)
        )
        for code in dict.fromkeys(codes)
    )


_BY_OFFICER = Text(kk="лауазымды адам анықтады", ru="установлено должностным лицом", en="established by the officer")


def moment_of_signing(claimed: datetime | None, created_at: datetime, registered_at: datetime) -> datetime:
    """When the applicant signed, as well as can be known: the claimed time, but not before the document was made nor
    after it was registered. A certificate revoked later does not undo a signature."""
    return min(max(claimed or registered_at, created_at), registered_at)


@dataclass(frozen=True, slots=True)
class Lockout:
    """Failed sign-ins of one login, whether it exists or not."""

    login: str
    failures: int
    since: datetime

    def failed(self, at: datetime, window: timedelta) -> Self:
        """One more failure; the count starts anew after the window."""
        if at - self.since >= window:
            return replace(self, failures=1, since=at)
        return replace(self, failures=self.failures + 1)

    def seconds_left(self, at: datetime, window: timedelta, allowed: int) -> int:
        """For how many seconds the login stays locked; 0 if it is not."""
        if self.failures < allowed:
            return 0
        return max(0, -int(-(self.since + window - at).total_seconds() // 1))


@dataclass(frozen=True, slots=True)
class OfficerSession:
    """A signed-in officer; the token itself is not kept."""

    token_hash: str
    login: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Printable:
    """The printed form of an act in one language, rendered once and kept."""

    key: str
    pdf: bytes
