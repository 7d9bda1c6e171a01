"""One complaint on its way to its answer, and who must not be the one to answer it. Pure.

Nobody answers a complaint against themselves, under whatever login and in whatever office: whoever is named in it,
whoever is pointed out when it is taken, whoever works for the body that is complained of, and whoever decided what is
complained of.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from shared.kit.clock import rfc3339

_NAMES = 2
"""Surname and given name: less names nobody."""


class ComplaintState(StrEnum):
    """Where a complaint stands; also what the cabinet shows of it (004, clause 26)."""

    DELIVERED = "delivered"
    REGISTERED = "registered"
    IN_CONSIDERATION = "in_consideration"
    CONSIDERED = "considered"
    REFUSED_CONSIDERATION = "refused_consideration"


ORDER = tuple(ComplaintState)
"""A complaint only goes on; of the last two it gets one."""
ENDS = frozenset({ComplaintState.CONSIDERED, ComplaintState.REFUSED_CONSIDERATION})


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody with a login who works on complaints. ``hears``: the complaints whose addressee they are the head of."""

    login: str
    name: str
    iin: str | None
    organisation: str
    hears: bool

    def is_person(self, other: "StaffMember") -> bool:
        """Whether both logins are of one person: by IIN where both have one, else by the names."""
        if self.iin is not None and other.iin is not None:
            return self.iin == other.iin
        return self.login == other.login or _words(self.name) == _words(other.name)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint. Field names are the columns. ``content``: what the text requires of it; ``organisation``: who has
    it to answer; ``accused``: logins pointed out as those of who is complained of; ``reference`` and
    ``request_digest``: of the message that brought it; ``answer``: the written answer, or why it is not considered."""

    id: str
    organisation: str
    addressee: str
    regulation: str
    level: str
    way: str
    application: str | None
    content: dict[str, Any]
    state: str
    received_at: datetime
    number: str | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    accepted_by_name: str | None = None
    accused: list[str] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    answered_at: datetime | None = None
    reference: str | None = None
    request_digest: str | None = None
    signed: dict[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether it has its answer."""
        return self.state in ENDS

    def moved(self, to: ComplaintState, by: str | None, at: datetime, **changes: Any) -> Self:
        """In another state, which is noted with who brought it there."""
        noted = {"state": to.value, "by": by, "at": rfc3339(at)}
        return replace(self, state=to.value, history=[*self.history, noted], **changes)

    def is_against(self, member: StaffMember, staff: Collection[StaffMember], deciders: Iterable[str] = ()) -> bool:
        """Whether ``member`` is who is complained of, under any of their logins in ``staff``. ``deciders``: logins that
        decided what is complained of."""
        accused = {*self.accused, *deciders}
        against = self.content.get("against")
        named = [one for one in staff if one.login in accused or one.organisation == against or self._names(one.name)]
        return any(member.is_person(one) for one in named)

    def _names(self, name: str) -> bool:
        """Whether the complaint is about somebody of this name, with or without a patronymic."""
        words, about = _words(name), _words(str(self.content.get("about", "")))
        return words == about or (len(words) >= _NAMES and words <= about)


def _words(name: str) -> frozenset[str]:
    """The names in any order, case and punctuation."""
    return frozenset("".join(sign if sign.isalnum() else " " for sign in name.casefold()).split())
