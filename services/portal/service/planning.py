"""Which case of the regulation an application is, and by when its result is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.portal.service.context import Context
from shared.regulations.hours import beginning
from shared.regulations.model import Regulation
from shared.regulations.procedure import application_due, counts_from


def case_of(regulation: Regulation, channel: str, form: Mapping[str, Any] | None) -> str:
    """The variant of an application with this form."""
    return regulation.variant_of(channel, form or {})


@dataclass(frozen=True)
class Plan:
    """From when the term of an application runs, and by when its result is due at the latest, both in UTC; ``due_at``
    is ``None`` where the text sets no term."""

    counts_from: datetime
    due_at: datetime | None


def planned(
    context: Context, regulation: Regulation, channel: str, form: Mapping[str, Any] | None, at: datetime
) -> Plan:
    """The plan of an application that is sent ``at``. What comes after the provider's hours counts from the next
    opening, unless the text counts from the application."""
    calendar = context.calendars.office_of(regulation, channel)
    begun = beginning(regulation, channel, calendar, at)
    variant, facts = case_of(regulation, channel, form), form or {}
    return Plan(
        counts_from(regulation, channel, variant, begun, calendar, facts),
        application_due(regulation, channel, variant, begun, calendar, facts),
    )
