"""Terms that the text counts from the application run from there, whatever the hours of the provider.

The standard of 2012, clause 7; the duplicates, clause 10(1). Only the standard of home schooling (working hours of the
portal) has what comes after hours accepted on the next working day.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.regulations.calendar import office_calendar_for
from shared.regulations.days_off import DaysOff
from shared.regulations.hours import Beginning, beginning
from shared.regulations.loader import Regulations
from shared.regulations.procedure import application_due, counts_from, tasks_of, term_of

ZONE = ZoneInfo("Asia/Almaty")
STANDARD = "national/preschool-queue-2012"
DUPLICATE = "almaty-city/education-document-duplicate"
HOME_SCHOOLING = "national/home-schooling"
FUEL = "almaty-oblast/rural-specialists-fuel"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("regulation", "channel", "applied", "due"),
    [
        (STANDARD, "portal", "2026-06-01 10:00", "2026-06-04 18:00"),
        (STANDARD, "portal", "2026-06-01 19:00", "2026-06-04 18:00"),  # Monday evening: Thursday
        (STANDARD, "portal", "2026-06-06 12:00", "2026-06-10 18:00"),  # Saturday: Wednesday
        (STANDARD, "portal", "2026-06-07 23:59", "2026-06-10 18:00"),
        (STANDARD, "portal", "2026-06-08 00:00", "2026-06-11 18:00"),
        (DUPLICATE, "csc", "2026-06-06 19:00", "2026-07-07 00:00"),  # Saturday evening, 30 calendar days
        (HOME_SCHOOLING, "portal", "2026-06-01 19:00", "2026-06-04 18:30"),  # taken on Tuesday, two working days
        (HOME_SCHOOLING, "mobile", "2026-06-06 12:00", "2026-06-10 18:30"),
    ],
)
def test_the_overall_term(regulations: Regulations, regulation: str, channel: str, applied: str, due: str) -> None:
    law = regulations[regulation]
    calendar = office_calendar_for(law, channel, ZONE, DaysOff())
    begun = beginning(law, channel, calendar, at(applied))
    found = application_due(law, channel, "default", begun, calendar, {})
    assert found is not None
    assert f"{found.astimezone(ZONE):%Y-%m-%d %H:%M}" == due


def test_the_package_that_comes_later_does_not_lengthen_it(regulations: Regulations) -> None:
    law = regulations[DUPLICATE]
    calendar = office_calendar_for(law, "csc", ZONE, DaysOff())
    accepted, brought = at("2026-06-06 19:00"), at("2026-06-08 15:00")
    promised = application_due(law, "csc", "default", beginning(law, "csc", calendar, accepted), calendar, {})
    begun = beginning(law, "csc", calendar, accepted, brought)
    assert begun == Beginning(accepted, brought)
    assert application_due(law, "csc", "default", begun, calendar, {}) == promised


def test_it_counts_from_the_application_for_the_reader_too(regulations: Regulations) -> None:
    for regulation, expected in ((STANDARD, "2026-06-01 19:00"), (HOME_SCHOOLING, "2026-06-02 09:00")):
        law = regulations[regulation]
        calendar = office_calendar_for(law, "portal", ZONE, DaysOff())
        begun = beginning(law, "portal", calendar, at("2026-06-01 19:00"))
        assert counts_from(law, "portal", "default", begun, calendar, {}) == at(expected)


def test_a_step_counted_from_the_submission(regulations: Regulations) -> None:
    """The regulation on fuel for rural specialists: eleven working days through the akim."""
    law = regulations[FUEL]
    calendar = office_calendar_for(law, "akim", ZONE, DaysOff())
    task = next(
        task
        for task in tasks_of(law, "akim", "akim")
        if task.duration is not None and task.duration.counted_from == "submission"
    )
    submitted, received = at("2026-06-06 12:00"), at("2026-06-08 09:00")
    term = term_of(task, at("2026-06-09 10:00"), Beginning(submitted, received), calendar, {})
    assert (term.started_at, term.due_at) == (submitted, at("2026-06-22 18:00"))
