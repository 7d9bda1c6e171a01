"""The verdict on what is told and ended beside the steps: the notice of an extension, a course that follows."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.regulations.judgement import judge
from shared.regulations.loader import load_regulations
from tests.factories.counting import Counted
from tests.factories.journals import CALENDARS, Event, right_journal

ALL = load_regulations()
ASSISTANCE, COURSE = ALL["almaty-oblast/targeted-social-assistance"], ALL["almaty-city/rehabilitation"]
CHANNEL = "employment_centre"


def mark(after: Event, step: str, by: timedelta) -> Event:
    """A mark so long after an event."""
    return replace(after, kind="mark", step=step, at=after.at + by)


def right_run() -> list[Event]:
    """Assistance from the employment centre to its end."""
    path = tuple(step.id for step in ASSISTANCE.channel(CHANNEL).steps if not step.instead_of)
    return right_journal(ASSISTANCE, CHANNEL, path, CHANNEL)


def second(events: list[Event]) -> int:
    """Where its second task stands."""
    return [n for n, event in enumerate(events) if event.kind == "task"][1]


def found(*marks: Event, ended: timedelta = timedelta(days=9)) -> list[tuple[str, str | None]]:
    """The deviations of a run with these marks after its second task, whose third was done so much later."""
    events = right_run()
    place = second(events) + 1
    late = [replace(event, at=event.at + ended) for event in events[place:]]
    run = sorted([*events[:place], *marks, *late], key=lambda event: event.at)
    return [(deviation.name, deviation.step) for deviation in judge(ASSISTANCE, CHANNEL, run, CALENDARS).deviations]


@pytest.fixture
def task() -> Event:
    """After which the term is extended: on a Monday at ten."""
    events = right_run()
    return events[second(events)]


@pytest.mark.parametrize(
    ("days", "deviations"),
    [(0, []), (2, []), (3, [("notice-overdue", "extension_told")])],
    ids=["at once", "on the second working day", "on the third"],
)
def test_an_extension_is_told_within_two_working_days(
    task: Event, days: int, deviations: list[tuple[str, str | None]]
) -> None:
    told = mark(task, "extension_told", timedelta(days=days, hours=1))
    assert found(mark(task, "extended", timedelta(hours=1)), told) == deviations


def test_an_extension_that_nobody_is_told_of(task: Event) -> None:
    assert found(mark(task, "extended", timedelta(hours=1))) == [("missing-notice", "extended")]


def test_what_ends_within_the_term_of_the_notice_misses_none(task: Event) -> None:
    assert found(mark(task, "extended", timedelta(hours=1)), ended=timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("days", "deviations"), [(88, ["course-too-early"]), (90, []), (180, []), (181, ["course-overdue"])]
)
def test_a_course_lasts_as_long_as_the_text_has_it(days: int, deviations: list[str]) -> None:
    events = right_journal(COURSE, "office", ("intake", "procedure"))
    run = [*events, mark(events[-1], "course_ended", timedelta(days=days))]
    assert [deviation.name for deviation in judge(COURSE, "office", run, CALENDARS).deviations] == deviations


def test_a_course_under_way_is_no_deviation() -> None:
    events = right_journal(COURSE, "office", ("intake", "procedure"))
    assert judge(COURSE, "office", events, CALENDARS).verdict == "conformant"


def test_many_extensions_are_no_more_work_for_each() -> None:
    """None of them is told of, and none falls into the time of a task."""
    reads: Counter[str] = Counter()
    events = right_run()
    later, far = timedelta(days=400), events[second(events)]
    tasks = [replace(far, at=far.at + timedelta(seconds=n)) for n in range(500)]
    told = [mark(far, "extension_told", timedelta(days=1, seconds=n)) for n in range(500)]
    extended = [mark(far, "extended", later + timedelta(seconds=n)) for n in range(500)]
    run = [Counted(event, reads) for event in (*events, *tasks, *told, *extended)]
    assert judge(ASSISTANCE, CHANNEL, run, CALENDARS).verdict == "deviating"  # type: ignore[arg-type]
    assert reads.total() < 100 * len(run)
