"""The verdict on a whole journal: the steps of the channel, the tasks of the provider's procedure, and every term.

Time is the stand's, whose clock may have been set back meanwhile, which not every system hears at the same moment. Then
nothing is late that was not late by the clock on which its end was seen, nor by the one on which it began, and nothing
too early that came after its beginning.

Steps are judged by ``conformance``. The tasks are set against the chain that the regulation gives for this channel and
case: none left out, none twice, in order, by the role of the text. Terms are reckoned anew from the times of the events
and the calendar of the office, never taken from what the provider journals of them; only a term that the text counts
from a date of the form is taken as journaled, since the form is not the judge's to read.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from shared.regulations.actions import Action
from shared.regulations.calendar import Calendars, WorkCalendar
from shared.regulations.conformance import (
    Deviation,
    DeviationName,
    Journaled,
    StepEvent,
    Verdict,
    conformance,
    step_events,
)
from shared.regulations.hours import Beginning, beginning, counter_closed, gives_by_hand, next_working_day
from shared.regulations.marks import EXTENDED, judge_marks
from shared.regulations.model import Regulation
from shared.regulations.procedure import (
    PROVIDERS_STEPS,
    TaskPlan,
    counts_from,
    extended_due,
    extension_term,
    left_out,
    overall_term,
    tasks_of,
    term_of,
)
from shared.regulations.step_terms import step_due
from shared.regulations.terms import DEFAULT

HANDED_OUT = "handed_out"
"""The mark of a result given to somebody at a counter."""
RETURNED = "returned"
"""The mark of a result, or a refusal, that nobody collected and that went back to the provider."""
OUTSIDE: DeviationName = "outside-hours"
_STARTS = frozenset(
    {
        Action.REGISTER_DOCUMENT,
        Action.ACCEPT_APPLICATION,
        Action.HAND_TO_PROVIDER,
        Action.SEND_REQUEST,
        Action.SIGN_AND_SEND,
        Action.SUBMIT_REQUEST,
        Action.SUBMIT_FROM_DEVICE,
        Action.GIVE_CONSENT,
    }
)
"""Steps with which an application comes to the provider; the clock starts at the last one before the first task."""
_APPLIES = _STARTS - {Action.REGISTER_DOCUMENT, Action.HAND_TO_PROVIDER} | {Action.ACCEPT_PACKAGE}
"""Steps with which the recipient has applied: from the last one run the terms that the text counts from there."""


class Timed(Journaled, Protocol):
    """A journal event with the term it had."""

    @property
    def started_at(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime | None: ...


def judge(regulation: Regulation, channel: str, events: Sequence[Timed], calendars: Calendars) -> Verdict:
    """The verdict on the journal of one application, its events in the order of the journal.

    Raises ``KeyError`` for a channel the regulation has not, ``ValueError`` for one without steps and for events of
    several applications.
    """
    steps = step_events(events)
    walked = conformance(regulation, channel, steps)
    found = _Procedure(regulation, channel, calendars, steps, events).deviations(walked)
    found += _late_steps(regulation, channel, calendars.of(regulation, channel), events, _variant(events))
    found += _handed_out_closed(regulation, channel, calendars.of(regulation, channel), events)
    found += judge_marks(regulation, channel, _variant(events), calendars.office_of(regulation, channel), events)
    if not found:
        return walked
    return walked.model_copy(update={"verdict": "deviating", "deviations": (*walked.deviations, *found)})


def _variant(events: Iterable[Timed]) -> str:
    """The case as the provider knows it, or whoever else says one."""
    said = [event.variant for kind in ("task", "step") for event in events if event.kind == kind and event.variant]
    return said[0] if said else DEFAULT


def _late_steps(
    regulation: Regulation, channel: str, calendar: WorkCalendar, events: Sequence[Timed], variant: str
) -> list[Deviation]:
    """Steps of the channel that took longer than the text lets them, with all their stages.

    A step begins when the one before is taken; handing the result out when the visitor is called for it, which only the
    centre knows.
    """
    late = []
    for before, event in pairwise(event for event in events if event.kind == "step"):
        step = regulation.channel(channel).step(event.step)
        if step is None:
            continue
        start = before.at
        if step.action is Action.HAND_OUT_RESULT:
            start = event.started_at or event.at
        due = step_due(step, variant, calendar.received_at(start), calendar)
        if due is not None and _earliest(event, before) > due:
            late.append(_deviation("step-overdue", event.step, f"{event.step} was due at {due.isoformat()}"))
    return late


def _handed_out_closed(
    regulation: Regulation, channel: str, calendar: WorkCalendar, events: Sequence[Timed]
) -> list[Deviation]:
    """Papers given out at a counter outside the hours that the text states for it."""
    steps = {step.id for step in regulation.channel(channel).steps if step.action is Action.HAND_OUT_RESULT}
    handed = [event for event in events if event.kind == "step" and event.step in steps]
    handed = handed or [event for event in events if event.kind == "mark" and event.step == HANDED_OUT]
    return [
        _deviation(OUTSIDE, event.step, f"nothing is given out before {closed.opens_at.isoformat()} ({closed.clause})")
        for event in handed
        if (closed := counter_closed(regulation, channel, calendar, event.at)) is not None
    ]


class _Procedure:
    """The tasks of one application against the chain of the regulation."""

    def __init__(
        self,
        regulation: Regulation,
        channel: str,
        calendars: Calendars,
        steps: Sequence[StepEvent],
        events: Sequence[Timed],
    ) -> None:
        self._regulation, self._channel, self._steps = regulation, channel, steps
        self._calendar = calendars.office_of(regulation, channel)
        self._tasks = [event for event in events if event.kind == "task"]
        self._extensions = sorted(
            _steady(event.at, event) for event in events if event.kind == "mark" and event.step == EXTENDED
        )
        self._variant = _variant(events)
        self._plans = tasks_of(regulation, channel, self._variant)
        self._found: list[Deviation] = []

    def deviations(self, walked: Verdict) -> list[Deviation]:
        """What does not fit, in the order of the tasks."""
        if not self._tasks and not (walked.outcome and self._provider_was_asked()):
            return []
        refused = walked.outcome == "refused"
        needed = [plan for plan in self._plans if not (refused and left_out(plan, self._plans))]
        self._order(needed, ended=walked.outcome is not None)
        self._terms()
        return self._found

    def _provider_was_asked(self) -> bool:
        taken = {event.step for event in self._steps}
        actions = {step.action for step in self._regulation.channel(self._channel).steps if step.id in taken}
        return bool(actions & PROVIDERS_STEPS) or Action.REFUSE_SERVICE in actions

    def _order(self, needed: Sequence[TaskPlan], *, ended: bool) -> None:
        places = {plan.id: place for place, plan in enumerate(self._plans)}
        furthest, seen = -1, set[str]()
        for event in self._tasks:
            place = places.get(event.step)
            if place is None:
                self._deviate("unknown-task", event.step, f"the procedure of this case has no task {event.step}")
                continue
            if event.step in seen:
                self._deviate("repeated-task", event.step, f"{event.step} was done before")
                continue
            seen.add(event.step)
            if place < furthest:
                behind = self._plans[furthest].id
                self._deviate("task-out-of-order", event.step, f"{event.step} was done after {behind}")
            furthest = max(furthest, place)
            self._by_whom(event, self._plans[place])
        due = needed if ended else [plan for plan in needed if places[plan.id] < furthest]
        for plan in due:
            if plan.id not in seen:
                self._deviate("missing-task", plan.id, f"{plan.id} (clause {plan.clause}) was not done")

    def _by_whom(self, event: Timed, plan: TaskPlan) -> None:
        if event.actor != "provider":
            self._deviate("wrong-actor", event.step, f"{event.step} is the provider's, journaled by {event.actor}")
        if event.role != plan.role:
            self._deviate("wrong-role", event.step, f"{event.step} is done by the {plan.role}, not by {event.role}")

    def _terms(self) -> None:
        first = _steady(self._tasks[0].at, self._tasks[0]) if self._tasks else None
        actions = {step.id: step.action for step in self._regulation.channel(self._channel).steps}
        came = [event for event in self._steps if first is None or _steady(event.time, event) <= first]
        starts = [event for event in came if actions.get(event.step) in _STARTS]
        if first is None or not starts:
            return
        start = starts[-1]
        applied = next((event for event in reversed(came) if actions.get(event.step) in _APPLIES), start)
        begun = beginning(self._regulation, self._channel, self._calendar, applied.time, start.time)
        plans = {plan.id: plan for plan in self._plans}
        before: Timed | None = None
        for event in self._tasks:
            if event.step in plans:
                self._term(event, plans[event.step], before, start, begun)
                self._hours(event, plans[event.step], start)
                before = event
        self._overall(begun, applied)

    def _term(self, event: Timed, plan: TaskPlan, before: Timed | None, start: StepEvent, begun: Beginning) -> None:
        term = term_of(plan, before.at if before else None, begun, self._calendar, {})
        due = term.due_at
        if plan.duration is not None and plan.duration.counted_from == "field":
            due = event.due_at
        extension = extension_term(self._regulation, self._channel, self._variant)
        began = _steady(before.at, before) if before else _steady(begun.received_at, start)
        by = _steady(event.at, event)
        since = bisect_left(self._extensions, began)
        if extension is not None and since < len(self._extensions) and self._extensions[since] <= by:
            due = extended_due(self._calendar, term, extension.duration)
        if due is not None and _earliest(event, before or start, start) > due:
            self._deviate("task-overdue", event.step, f"{event.step} was due at {due.isoformat()}")
        if term.not_before is not None and _latest(event, before or start, start) < term.not_before:
            text = f"{event.step} cannot be done before {term.not_before.isoformat()}"
            self._deviate("task-too-early", event.step, text)

    def _hours(self, event: Timed, plan: TaskPlan, start: StepEvent) -> None:
        """What came after hours is for the next working day, and a counter gives nothing while it is closed."""
        set_back = timedelta(seconds=event.set_back_s - start.set_back_s)
        closed = next_working_day(self._regulation, self._channel, self._calendar, start.time)
        if closed is not None and event.at + set_back >= closed.opens_at:
            closed = None
        if closed is None and gives_by_hand(self._channel, plan.acts):
            closed = counter_closed(self._regulation, self._channel, self._calendar, event.at)
        if closed is not None:
            text = f"{event.step} is not done before {closed.opens_at.isoformat()} (clause {closed.clause})"
            self._deviate(OUTSIDE, event.step, text)

    def _overall(self, begun: Beginning, start: StepEvent) -> None:
        term = overall_term(self._regulation, self._channel, self._variant)
        if term is None or term.duration.counted_from == "field" or self._extensions:
            return
        begins = counts_from(self._regulation, self._channel, self._variant, begun, self._calendar, {})
        due = self._calendar.due(begins, term.duration)
        if due is not None and _earliest(self._tasks[-1], start) > due:
            self._deviate("overdue", None, f"the service was due at {due.isoformat()} (clause {term.clause})")

    def _deviate(self, name: DeviationName, step: str | None, text: str) -> None:
        self._found.append(_deviation(name, step, text))


def _earliest(event: Timed, *since: Timed | StepEvent) -> datetime:
    """When ``event`` was by its own clock, or by that of what it is reckoned ``since`` if that one was set back
    first."""
    return event.at + timedelta(seconds=min(0.0, *(event.set_back_s - origin.set_back_s for origin in since)))


def _latest(event: Timed, *since: Timed | StepEvent) -> datetime:
    """When ``event`` was by its own clock, or by that of what it is reckoned ``since`` if its own was set back
    first."""
    return event.at + timedelta(seconds=max(0.0, *(event.set_back_s - origin.set_back_s for origin in since)))


def _steady(at: datetime, event: Timed | StepEvent) -> datetime:
    """The time of ``event`` on a line that never goes back."""
    return at + timedelta(seconds=event.set_back_s)


def _deviation(name: DeviationName, step: str | None, text: str) -> Deviation:
    return Deviation(name=name, step=step, text=text)
