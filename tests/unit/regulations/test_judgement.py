"""The verdict on a whole journal: right runs of all regulations conform, and each way to go wrong has its name."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.regulations.actions import Action
from shared.regulations.conformance import Verdict
from shared.regulations.flow import paths
from shared.regulations.judgement import judge
from shared.regulations.loader import load_regulations
from shared.regulations.model import Regulation
from shared.regulations.procedure import tasks_of
from shared.regulations.terms import DEFAULT, Duration, Term
from tests.factories.journals import CALENDARS, MONDAY, Event, changed, later, right_journal

ALL = load_regulations()
ORALMAN = ALL["almaty-oblast/oralman-status"]
EXTERNAT = ALL["almaty-city/externat-permission"]
OFFICE = ("intake", "procedure")
PAIRS = [
    pytest.param(regulation, channel, id=f"{regulation.id}:{channel}")
    for regulation in ALL.values()
    for channel, part in regulation.channels.items()
    if part.steps
]
TASKS = [plan.id for plan in tasks_of(EXTERNAT, "office")]


def named(verdict: Verdict) -> list[tuple[str, str | None]]:
    """The deviations as pairs of name and step."""
    return [(d.name, d.step) for d in verdict.deviations]


def judged(events: Sequence[Event], regulation: Regulation = EXTERNAT, channel: str = "office") -> Verdict:
    """The verdict on a journal."""
    return judge(regulation, channel, events, CALENDARS)


@pytest.fixture
def granted() -> list[Event]:
    """The journal of a permission granted over the counter."""
    return right_journal(EXTERNAT, "office", OFFICE)


@pytest.mark.parametrize(("regulation", "channel"), PAIRS)
def test_every_right_run_of_every_case_conforms(regulation: Regulation, channel: str) -> None:
    codes = [known.code for known in regulation.variants if not known.channels or channel in known.channels]
    for path in paths(regulation.channel(channel)):
        for variant in (*codes, DEFAULT):
            events = right_journal(regulation, channel, path, variant)
            verdict = judged(events, regulation, channel)
            assert (verdict.verdict, named(verdict)) == ("conformant", []), (path, variant)


@pytest.mark.parametrize("dropped", TASKS)
def test_a_dropped_task_is_missing(granted: list[Event], dropped: str) -> None:
    verdict = judged([event for event in granted if event.step != dropped])
    assert (verdict.verdict, named(verdict)) == ("deviating", [("missing-task", dropped)])


def test_without_any_task_all_are_missing(granted: list[Event]) -> None:
    verdict = judged([event for event in granted if event.kind != "task"])
    assert named(verdict) == [("missing-task", task) for task in TASKS]


def test_a_task_left_out_is_missing_before_the_run_has_ended(granted: list[Event]) -> None:
    under_way = [event for event in granted if event.step not in (TASKS[0], "procedure")]
    assert ("missing-task", TASKS[0]) in named(judged(under_way))


def test_what_is_still_to_come_is_not_missing(granted: list[Event]) -> None:
    under_way = [event for event in granted if event.step not in (TASKS[-1], "procedure")]
    verdict = judged(under_way)
    assert (verdict.verdict, named(verdict)) == ("incomplete", [("no-terminal", None)])


@pytest.mark.parametrize("repeated", TASKS)
def test_a_task_done_twice(granted: list[Event], repeated: str) -> None:
    place = next(n for n, event in enumerate(granted) if event.step == repeated)
    assert named(judged([*granted[: place + 1], *granted[place:]])) == [("repeated-task", repeated)]


@pytest.mark.parametrize(("early", "late"), list(pairwise(TASKS)))
def test_tasks_in_the_wrong_order(granted: list[Event], early: str, late: str) -> None:
    order = {early: late, late: early}
    by_step = {event.step: event for event in granted}
    mixed = [replace(by_step[order.get(event.step, event.step)], at=event.at) for event in granted]
    assert named(judged(mixed)) == [("task-out-of-order", early)]


@pytest.mark.parametrize("task", TASKS)
def test_somebody_else_does_it(granted: list[Event], task: str) -> None:
    assert named(judged(changed(granted, task, role="specialists"))) == [("wrong-role", task)]


@pytest.mark.parametrize("task", TASKS)
def test_another_system_journals_it(granted: list[Event], task: str) -> None:
    assert named(judged(changed(granted, task, actor="gateway"))) == [("wrong-actor", task)]


def test_a_task_the_procedure_has_not(granted: list[Event]) -> None:
    verdict = judged(changed(granted, TASKS[1], step="procedure-9"))
    assert named(verdict) == [("unknown-task", "procedure-9"), ("missing-task", TASKS[1])]


@pytest.mark.parametrize(("task", "minutes"), [("procedure-2", 11), ("procedure-3", 16)])
def test_a_task_past_its_term(granted: list[Event], task: str, minutes: int) -> None:
    assert named(judged(later(granted, task, timedelta(minutes=minutes)))) == [("task-overdue", task)]


def test_a_task_within_its_term(granted: list[Event]) -> None:
    assert judged(later(granted, "procedure-3", timedelta(minutes=14))).verdict == "conformant"


def test_the_provider_cannot_give_itself_a_longer_term(granted: list[Event]) -> None:
    late = later(granted, "procedure-3", timedelta(hours=2))
    assert named(judged(changed(late, "procedure-3", due_at=late[-1].at))) == [("task-overdue", "procedure-3")]


def test_the_service_past_its_overall_term(granted: list[Event]) -> None:
    # The last task has no term of its own, the service has fifteen working days.
    assert named(judged(later(granted, TASKS[-1], timedelta(days=30)))) == [("overdue", None)]


def with_duration(n: int, duration: Duration, *terms: Term) -> Regulation:
    """The permission with another duration of step ``n`` of its procedure, and more terms."""
    procedure = tuple(
        step.model_copy(update={"durations": (duration,)}) if step.n == n else step for step in EXTERNAT.procedure
    )
    return EXTERNAT.model_copy(update={"procedure": procedure, "terms": terms})


def test_a_task_before_its_least_time_is_over() -> None:
    course = with_duration(3, Duration(bound="range", minimum=3, maximum=5, unit="calendar_days"))
    events = right_journal(course, "office", OFFICE)
    assert judged(events, course).verdict == "conformant"
    hurried = [
        replace(event, at=events[0].at + timedelta(hours=1)) if n > 2 else event for n, event in enumerate(events)
    ]
    assert named(judged(hurried, course)) == [("task-too-early", "procedure-3")]


EXTENSION = Term(
    kind="extension", duration=Duration(value=30, unit="calendar_days", bound="max"), clause="5(3)", text=None
)


def extended(events: list[Event], at: timedelta) -> list[Event]:
    """``events`` with the mark of an extension so long after the intake."""
    mark = replace(events[0], kind="mark", step="extended", at=events[0].at + at)
    return sorted([*events, mark], key=lambda event: event.at)


@pytest.mark.parametrize(
    ("days", "found"), [(2, []), (25, []), (42, [("task-overdue", "procedure-3")])], ids=["early", "extended", "late"]
)
def test_an_extended_term(days: int, found: list[tuple[str, str | None]]) -> None:
    slow = with_duration(3, Duration(value=5, unit="working_days"), EXTENSION)
    events = later(right_journal(slow, "office", OFFICE), "procedure-3", timedelta(days=days))
    assert named(judged(extended(events, timedelta(days=1)), slow)) == found


def test_an_extension_that_the_text_does_not_give_changes_nothing() -> None:
    slow = with_duration(3, Duration(value=5, unit="working_days"))
    events = later(right_journal(slow, "office", OFFICE), "procedure-3", timedelta(days=25))
    assert named(judged(extended(events, timedelta(days=1)), slow)) == [("task-overdue", "procedure-3")]


@pytest.mark.parametrize(
    ("moved", "found"),
    [
        (timedelta(hours=7, minutes=59), []),
        (timedelta(hours=8, minutes=1), [("outside-hours", TASKS[-1])]),
        (timedelta(hours=3, minutes=30), [("outside-hours", TASKS[-1])]),
        (timedelta(days=5), [("outside-hours", TASKS[-1])]),
    ],
    ids=["before closing", "after it", "at lunch", "on Saturday"],
)
def test_a_counter_gives_nothing_while_it_is_closed(
    granted: list[Event], moved: timedelta, found: list[tuple[str, str | None]]
) -> None:
    assert named(judged(later(granted, TASKS[-1], moved))) == found


@pytest.mark.parametrize(("hours", "found"), [(9.9, []), (10.1, ["outside-hours"]), (-1.1, ["outside-hours"])])
def test_a_centre_hands_out_while_it_is_open(hours: float, found: list[str]) -> None:
    queue = ALL["almaty-city/preschool-queue"]
    path = next(path for path in paths(queue.channel("csc")) if path[-1] == "process-9")
    events = right_journal(queue, "csc", path)
    evening = events[-1].at.replace(hour=5, minute=0) + timedelta(hours=hours)
    late = [*events[:-1], replace(events[-1], at=evening)] if hours > 0 else events
    if hours < 0:
        late = [*events[:-1], replace(events[-1], at=evening + timedelta(days=1))]
    assert [name for name, _ in named(judged(late, queue, "csc"))] == found


def test_what_is_told_of_a_result_given_at_night_is_a_deviation(granted: list[Event]) -> None:
    mark = replace(granted[-1], kind="mark", step="handed_out", at=granted[-1].at + timedelta(hours=1))
    assert named(judged([*granted, mark])) == []
    night = replace(mark, at=granted[-1].at + timedelta(hours=12))
    assert named(judged([*granted, night])) == [("outside-hours", "handed_out")]


HOME = ALL["national/home-schooling"]


@pytest.mark.parametrize("arrived", [timedelta(hours=9), timedelta(days=5), timedelta(days=-1, hours=20)])
def test_what_came_after_hours_is_for_the_next_working_day(arrived: timedelta) -> None:
    path = next(path for path in paths(HOME.channel("portal")) if path[-1] == "delivery")
    events = right_journal(HOME, "portal", path, start=MONDAY + arrived)
    assert judged(events, HOME, "portal").verdict == "conformant"
    at_once = [replace(event, at=events[0].at + timedelta(minutes=n)) for n, event in enumerate(events)]
    tasks = [event.step for event in events if event.kind == "task"]
    assert named(judged(at_once, HOME, "portal")) == [("outside-hours", task) for task in tasks]


def test_what_came_at_lunch_is_for_the_same_day() -> None:
    path = next(path for path in paths(HOME.channel("portal")) if path[-1] == "delivery")
    events = right_journal(HOME, "portal", path, start=MONDAY + timedelta(hours=3, minutes=10))
    at_once = [replace(event, at=events[0].at + timedelta(minutes=n)) for n, event in enumerate(events)]
    assert named(judged(at_once, HOME, "portal")) == []


@pytest.mark.parametrize(("days", "found"), [(2, []), (3, [("overdue", None)])])
def test_a_term_from_the_application_is_judged_by_it(days: int, found: list[tuple[str, str | None]]) -> None:
    """Clause 7 of 2012: what was sent on Monday evening is due on Thursday, though nobody worked on it before
    Tuesday."""
    standard = ALL["national/preschool-queue-2012"]
    path = next(iter(paths(standard.channel("portal"))))
    events = right_journal(standard, "portal", path, start=MONDAY.replace(hour=14))  # 19:00 in Almaty
    last = next(event for event in reversed(events) if event.kind == "task")
    verdict = judged(later(events, last.step, timedelta(days=days)), standard, "portal")
    assert [item for item in named(verdict) if item[0] == "overdue"] == found


def test_a_term_from_the_application_runs_while_the_centre_keeps_the_package() -> None:
    """Clause 7 of 2012 at a centre: accepted on Monday, brought to the provider on Tuesday, due on Friday, for the days
    of acceptance and issue do not count."""
    standard = ALL["national/preschool-queue-2012"]
    path = next(iter(paths(standard.channel("csc"))))
    events = right_journal(standard, "csc", path)
    brought = next(step.id for step in standard.channel("csc").steps if step.action is Action.HAND_TO_PROVIDER)
    last = next(event for event in reversed(events) if event.kind == "task")
    for days, late in ((4, False), (5, True)):
        told = later(later(events, brought, timedelta(days=1)), last.step, timedelta(days=days - 1))
        assert ("overdue" in [name for name, _ in named(judged(told, standard, "csc"))]) == late, days


def test_a_step_of_the_channel_past_its_term() -> None:
    steps = tuple(
        step.model_copy(update={"durations": (Duration(value=15, unit="minutes"),)}) if step.id == "procedure" else step
        for step in EXTERNAT.channels["office"].steps
    )
    office = EXTERNAT.channels["office"].model_copy(update={"steps": steps})
    timed = EXTERNAT.model_copy(update={"channels": {"office": office}})
    events = right_journal(timed, "office", OFFICE)
    assert judged(events, timed).verdict == "conformant"
    assert named(judged(later(events, "procedure", timedelta(minutes=16)), timed)) == [("step-overdue", "procedure")]


def test_terms_stand_still_outside_office_hours() -> None:
    # Friday 17:55 in Almaty: five minutes are left; the ten of the first task end on Monday at 09:05.
    start = right_journal(EXTERNAT, "office", OFFICE)[0].at + timedelta(days=11, hours=7, minutes=55)
    events = right_journal(EXTERNAT, "office", OFFICE, start=start)
    first = events[1].step
    weekend = timedelta(days=2, hours=15)
    assert judged(later(events, first, weekend + timedelta(minutes=9))).verdict == "conformant"
    assert named(judged(later(events, first, weekend + timedelta(minutes=11)))) == [("task-overdue", first)]


ORALMAN_PATH = ("step-0", "step-1", "step-2", "step-3", "step-4", "step-5")


@pytest.mark.parametrize(
    ("variant", "after", "verdict"),
    [
        ("default", timedelta(hours=2), "conformant"),
        ("default", timedelta(hours=5), "deviating"),
        ("csc-district-branch", timedelta(days=2), "conformant"),  # three hours, and two working days of the courier
        ("csc-district-branch", timedelta(days=3), "deviating"),
    ],
)
def test_the_stages_of_a_step_follow_each_other(variant: str, after: timedelta, verdict: str) -> None:
    events = right_journal(ORALMAN, "csc", ORALMAN_PATH, variant)
    assert judged(later(events, "step-2", after), ORALMAN, "csc").verdict == verdict


def test_handing_out_begins_when_the_visitor_is_called() -> None:
    events = later(right_journal(ORALMAN, "csc", ORALMAN_PATH), "step-5", timedelta(days=42))
    assert judged(events, ORALMAN, "csc").verdict == "conformant"
    called = events[-1].at - timedelta(minutes=21)
    assert named(judged(changed(events, "step-5", started_at=called), ORALMAN, "csc")) == [("step-overdue", "step-5")]


def test_the_run_is_judged_as_well(granted: list[Event]) -> None:
    assert ("missing-step", "intake") in named(judged([event for event in granted if event.step != "intake"]))


def set_back(events: Sequence[Event], place: int, by: timedelta) -> list[Event]:
    """``events`` as they would be if the clock had been set back before the one at ``place``."""
    after = (replace(event, at=event.at - by, set_back_s=by.total_seconds()) for event in events[place:])
    return [*events[:place], *after]


@pytest.mark.parametrize(("regulation", "channel"), PAIRS)
def test_every_right_run_conforms_wherever_the_clock_was_set_back(regulation: Regulation, channel: str) -> None:
    path = next(iter(paths(regulation.channel(channel))))
    events = right_journal(regulation, channel, path)
    for place in range(1, len(events)):
        for by in (timedelta(minutes=10), timedelta(days=40)):
            verdict = judged(set_back(events, place, by), regulation, channel)
            assert named(verdict) == [], (path, place, by)


@pytest.mark.parametrize(("regulation", "channel"), PAIRS)
def test_every_right_run_conforms_when_one_system_hears_later_that_the_clock_was_set_back(
    regulation: Regulation, channel: str
) -> None:
    path = next(iter(paths(regulation.channel(channel))))
    events = right_journal(regulation, channel, path)
    by = timedelta(days=40)
    for place in range(1, len(events)):
        told = set_back(events, 0, by)
        told[place] = events[place]
        assert named(judged(told, regulation, channel)) == [], (path, place)


def test_a_clock_that_was_set_back_hides_no_lateness(granted: list[Event]) -> None:
    late = later(granted, "procedure-3", timedelta(minutes=16))
    assert named(judged(set_back(late, 0, timedelta(days=14)))) == [("task-overdue", "procedure-3")]


def test_time_that_goes_back_without_a_clock_that_was_set_back(granted: list[Event]) -> None:
    told = [replace(event, set_back_s=0.0) for event in set_back(granted, len(granted) - 1, timedelta(minutes=10))]
    assert "time-goes-back" in [name for name, _ in named(judged(told))]


def test_time_that_goes_back_further_than_the_clock_was_set_back(granted: list[Event]) -> None:
    told = [replace(event, set_back_s=event.set_back_s / 2) for event in set_back(granted, 1, timedelta(minutes=10))]
    assert "time-goes-back" in [name for name, _ in named(judged(told))]
