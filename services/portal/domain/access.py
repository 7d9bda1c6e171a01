"""Electronic requests of third parties for what the portal has issued to a person, and the person's consent."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.portal.errors import AccessClosed

Means = Literal["cabinet", "one-time-password", "short-message"]
"""How the person has answered."""


class AccessState(StrEnum):
    """Where a request of a third party stands."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"


@dataclass(frozen=True)
class AccessRequest:
    """``requester_iin`` asks for the results of ``service`` that ``subject_iin`` has. Field names are the columns."""

    id: str
    requester_iin: str
    subject_iin: str
    service: str
    purpose: str
    state: str
    asked_at: datetime
    until: datetime
    """To when it can be answered, and what was given can be read."""
    answered_at: datetime | None = None
    means: str | None = None

    def answered(self, means: Means, at: datetime, *, given: bool) -> "AccessRequest":
        """The person has answered. Raises ``AccessClosed`` if that was done, or the time is over."""
        if self.state != AccessState.ASKED:
            raise AccessClosed(f"the request was answered: {self.state}", state=self.state)
        if at >= self.until:
            raise AccessClosed("the time to answer is over", until=self.until.isoformat())
        state = AccessState.GIVEN if given else AccessState.DECLINED
        return replace(self, state=state.value, answered_at=at, means=means)

    def serves_at(self, at: datetime) -> bool:
        """Whether the results may be read."""
        return self.state == AccessState.GIVEN and at < self.until
