"""Complaints: taken with a slip, answered in writing."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint. ``content``: what the text requires of it; ``answer``: the written answer."""

    id: str
    number: str
    provider_bin: str
    regulation: str
    level: str
    application: str | None
    content: dict[str, Any]
    accepted_at: datetime
    accepted_by: str
    accepted_by_name: str
    answer: dict[str, Any] | None = None
    answered_at: datetime | None = None

    def answered(self, answer: dict[str, Any], at: datetime) -> Self:
        """With its answer."""
        return replace(self, answer=answer, answered_at=at)
