"""Places in preschool organisations: who has one, who waits for one, and vouchers that have to be handed in in time."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class VoucherState(StrEnum):
    """Where a voucher stands."""

    ISSUED = "issued"
    HANDED_IN = "handed_in"
    """At the preschool organisation: the place is the child's."""
    EXPIRED = "expired"
    """Not handed in in time: the place is free again."""


@dataclass(frozen=True, slots=True)
class Kindergarten:
    """A preschool organisation of one provider. ``places`` there are, ``taken`` are given out by voucher."""

    code: str
    provider_bin: str
    places: int
    taken: int = 0

    @property
    def free(self) -> int:
        """How many places can be given out."""
        return max(0, self.places - self.taken)

    def give(self) -> Self:
        """One place more is given out."""
        return replace(self, taken=self.taken + 1)

    def take_back(self) -> Self:
        """A place that was given out is free again."""
        return replace(self, taken=max(0, self.taken - 1))

    def enlarged(self, by: int) -> Self:
        """With so many places more."""
        return replace(self, places=max(0, self.places + by))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child on the queue. ``wanted`` is the kindergarten asked for; ``None``: any. ``rank`` orders: those with a
    right to a first-priority place before the others, each by the number. ``grows_up_at``: from when on the queue is
    not for the child any more."""

    application: str
    provider_bin: str
    regulation: str
    queue: str
    number: int
    rank: str
    wanted: str | None
    since: datetime
    grows_up_at: datetime | None = None
    left_at: datetime | None = None
    left_for: str | None = None


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher (жолдама / направление) for a place, to be handed in by ``expires_at``."""

    application: str
    kindergarten: str
    provider_bin: str
    regulation: str
    issued_at: datetime
    expires_at: datetime | None
    act: str
    act_sha256: str
    act_signature: str
    state: str = VoucherState.ISSUED.value
    changed_at: datetime | None = None


def rank_of(number: int, *, priority: bool) -> str:
    """The order on a queue as text that sorts."""
    return f"{0 if priority else 1}/{number:09d}"
