"""When an application begins, and when the texts let a result be given: only while papers are given out, or not before
the next working day. Pure.

A text that states no hours for a channel forbids nothing there.
"""

from datetime import datetime
from typing import NamedTuple

from shared.regulations.calendar import COUNTERS, WorkCalendar
from shared.regulations.model import Regulation
from shared.regulations.terms import Act, Schedule


class Closed(NamedTuple):
    """It cannot be done now. ``opens_at``: when it can be next (UTC); ``clause``: where the text says so."""

    opens_at: datetime
    clause: str


class Beginning(NamedTuple):
    """When an application begins (UTC). ``submitted_at``: when the recipient applied, by which terms run that the text
    counts from the application; ``received_at``: when the provider has it, in its hours, from which all others run."""

    submitted_at: datetime
    received_at: datetime


def beginning(
    regulation: Regulation,
    channel: str,
    calendar: WorkCalendar,
    submitted_at: datetime,
    registered_at: datetime | None = None,
) -> Beginning:
    """When an application of ``channel`` begins. ``registered_at``: when it came to the provider, if not at once;
    ``calendar``: the provider's. Where the text has what comes after hours accepted on the next working day, it was not
    submitted before. Raises ``LookupError`` for an office that is closed for two months."""
    received_at = calendar.received_at(registered_at or submitted_at)
    schedule = _stated(regulation, channel)
    if schedule is not None and schedule.after_hours == "next_working_day":
        submitted_at = calendar.received_at(submitted_at)
    return Beginning(min(submitted_at, received_at), received_at)


def counter_closed(regulation: Regulation, channel: str, calendar: WorkCalendar, at: datetime) -> Closed | None:
    """Whether the hours that the text states for ``channel`` forbid giving a paper out at ``at``; ``None``: they do
    not. ``calendar``: the channel's. Raises ``LookupError`` for an office that is closed for two months."""
    schedule = _stated(regulation, channel)
    if schedule is None or schedule.hours.round_the_clock or calendar.accepts(at):
        return None
    return Closed(calendar.received_at(at), schedule.clause)


def next_working_day(
    regulation: Regulation, channel: str, calendar: WorkCalendar, arrived_at: datetime
) -> Closed | None:
    """Whether the text has an application that came to ``channel`` at ``arrived_at`` taken, and its result given, on
    the next working day only; ``None``: it came while the office works, or the text does not say so. ``calendar``: the
    provider's. The lunch break is part of the working day."""
    schedule = _stated(regulation, channel)
    if schedule is None or schedule.after_hours != "next_working_day":
        return None
    opens_at = calendar.received_at(arrived_at)
    today = calendar.open_on(arrived_at.astimezone(calendar.zone).date(), accepting=True)
    if opens_at <= arrived_at or (today and today[0][0] <= arrived_at and opens_at <= today[-1][0]):
        return None
    return Closed(opens_at, schedule.clause)


def gives_by_hand(channel: str, acts: tuple[Act, ...]) -> bool:
    """Whether a task gives the result to the recipient at the counter of ``channel``."""
    return channel in COUNTERS and Act.ISSUE in acts


def _stated(regulation: Regulation, channel: str) -> Schedule | None:
    return next((schedule for schedule in regulation.schedules if channel in schedule.channels), None)
