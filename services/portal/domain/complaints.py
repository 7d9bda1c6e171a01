"""Complaints that a recipient has made on the portal, and what the cabinet shows of them (004, clause 26)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from shared.kit.clock import rfc3339
from shared.kit.text import Text
from shared.messages.complaints import ComplaintUpdated
from shared.regulations.hearing import ENDS, ORDER, ComplaintState

SENT, REJECTED = "sent", "rejected"
"""Before its addressee has it; and if their system does not take it, which is no refusal."""
STATES = {
    SENT: Text(kk="Жіберілді", ru="Отправлена", en="Sent"),
    ComplaintState.DELIVERED: Text(kk="Жеткізілді", ru="Доставлена", en="Delivered"),
    ComplaintState.REGISTERED: Text(kk="Тіркелді", ru="Зарегистрирована", en="Registered"),
    ComplaintState.IN_CONSIDERATION: Text(kk="Қаралуда", ru="На рассмотрении", en="In consideration"),
    ComplaintState.CONSIDERED: Text(kk="Қаралды", ru="Рассмотрена", en="Considered"),
    ComplaintState.REFUSED_CONSIDERATION: Text(
        kk="Қараудан бас тартылды", ru="Отказано в рассмотрении", en="Refused consideration"
    ),
    REJECTED: Text(kk="Жүйе қабылдамады", ru="Не принята системой", en="Not taken by the system"),
}
OPEN = (SENT, *(state.value for state in ORDER if state not in ENDS))
"""Not answered yet."""


@dataclass(frozen=True)
class SentComplaint:
    """One complaint. Field names are the columns. ``id``: SHA-256 of what was signed, so that the same is sent once;
    ``position``: sorts by time."""

    id: str
    position: str
    iin: str
    service: str
    level: str
    addressee: str
    organisation: str | None
    application: str | None
    document: str
    signature: str
    message_id: str
    message_digest: str
    submitted_at: datetime
    state: str = SENT
    timeline: list[dict[str, Any]] = field(default_factory=list)
    number: str | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    answer: dict[str, Any] | None = None
    trouble: str | None = None

    def told(self, update: ComplaintUpdated, at: datetime) -> Self:
        """As its addressee says; itself if that was known, or a later state is."""
        if self.state in ENDS or _place(update.state) < _place(self.state):
            return self
        answer = self.answer
        if update.text is not None:
            answer = {"text": update.text, "name": update.answered_by, "justified": update.justified}
        after = replace(
            self,
            state=update.state,
            addressee=update.addressee,
            organisation=update.organisation,
            number=update.number,
            accepted_at=update.accepted_at,
            accepted_by=update.accepted_by,
            answer=answer,
            trouble=None,
        )
        if after == self:
            return self
        noted = {"state": update.state, "organisation": update.organisation, "at": rfc3339(at)}
        return replace(after, timeline=[*self.timeline, noted])

    def rejected(self, message_id: str, digest: str, trouble: str, at: datetime) -> Self:
        """A system does not take it; itself if that is another message, or its addressee has it."""
        if (message_id, digest) != (self.message_id, self.message_digest) or self.state != SENT:
            return self
        noted = {"state": REJECTED, "organisation": self.organisation, "at": rfc3339(at)}
        return replace(self, state=REJECTED, trouble=trouble, timeline=[*self.timeline, noted])


def complaint_document(
    iin: str,
    service: str,
    level: str,
    addressee: str,
    organisation: str | None,
    application: str | None,
    content: Mapping[str, Any],
) -> dict[str, Any]:
    """What the complainant signs (clause 24)."""
    return {
        "kind": "complaint",
        "service": service,
        "level": level,
        "addressee": addressee,
        "organisation": organisation,
        "application": application,
        "complainant": {"iin": iin},
        "content": dict(content),
    }


def _place(state: str) -> int:
    return ORDER.index(ComplaintState(state)) if state in tuple(ORDER) else -1
