"""The provider's procedure as a chain of tasks with their terms: what an application makes its people do, and by when.

Pure: no server, message or clock. The chain is linear; a task begins when the one before is done, the first one when
the application counts as received. The same functions serve whoever works, plans or judges.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal, NamedTuple

from shared.regulations.actions import Action
from shared.regulations.calendar import COUNTERS, WorkCalendar
from shared.regulations.checks import date_at
from shared.regulations.hours import Beginning
from shared.regulations.model import Regulation
from shared.regulations.parts import LawText
from shared.regulations.terms import DEFAULT, Act, Duration, ProcedureStep, Role, Term

PROVIDERS_STEPS = frozenset({Action.RUN_PROCEDURE, Action.CHECK_DOCUMENTS})
"""Steps of a channel's flow in which the provider's people are at work."""
_EARLY = frozenset({Act.SUBMIT, Act.REGISTER, Act.GIVE_RECEIPT, Act.RESOLVE, Act.EXAMINE})
"""Acts of the first stage, where a step runs in stages; the others belong to the last."""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """One task. ``role`` does it. ``duration`` is ``None`` where the text sets no term."""

    id: str
    """``procedure-N``, or ``procedure-N-S`` for stage S."""
    n: int
    stage: int | None
    role: Role
    acts: tuple[Act, ...]
    duration: Duration | None
    clause: str
    action: LawText

    @property
    def wait(self) -> Duration | None:
        """How long the task may wait for the recipient inside its term."""
        return self.duration.within if self.duration else None


class TaskTerm(NamedTuple):
    """When a task begins, by when it has to be done, and before when it cannot be (``None``: no such limit). UTC."""

    started_at: datetime
    due_at: datetime | None
    not_before: datetime | None


def tasks_of(regulation: Regulation, channel: str, variant: str = DEFAULT) -> tuple[TaskPlan, ...]:
    """The tasks of an application of ``channel`` that is the case ``variant``, in order.

    Empty for a channel in which the provider has no part. A step of the recipient is a task only where the recipient
    comes to the provider's own people; elsewhere the papers are handed in before the provider has anything to do.
    Raises ``KeyError`` for a channel the regulation has not.
    """
    steps = [step for step in regulation.channel(channel).steps if step.action in PROVIDERS_STEPS]
    if not steps:
        return ()
    numbers = {number for step in steps for number in step.procedure}
    taken = regulation.procedure_of(channel, tuple(numbers))
    return tuple(
        task
        for step in taken
        if step.role is not Role.RECIPIENT or step.acts_as or channel in COUNTERS
        for task in _of_step(step, variant)
    )


def role_of(step: ProcedureStep) -> Role:
    """Who does it here: ``acts_as``, else the role of the text, else the one of the first language that names any.

    Raises ``ValueError`` for a step that nobody does; loading has made sure that there is none among the provider's.
    """
    role = step.acts_as or step.role or next(iter(step.stated.values()), None)
    if role is None:
        raise ValueError(f"nobody does step {step.n} of the procedure")
    return role


def _of_step(step: ProcedureStep, variant: str) -> Iterator[TaskPlan]:
    durations: Sequence[Duration | None] = step.durations_of(variant) or (None,)
    for place, duration in enumerate(durations):
        stage = duration.stage if duration and len(durations) > 1 else None
        yield TaskPlan(
            id=f"procedure-{step.n}" if stage is None else f"procedure-{step.n}-{stage}",
            n=step.n,
            stage=stage,
            role=role_of(step),
            acts=_acts(step.acts, place, len(durations)),
            duration=duration,
            clause=step.clause,
            action=step.action,
        )


def _acts(acts: tuple[Act, ...], place: int, stages: int) -> tuple[Act, ...]:
    if stages == 1:
        return acts
    early = tuple(act for act in acts if act in _EARLY)
    late = tuple(act for act in acts if act not in _EARLY)
    return early if place == 0 else late if place == stages - 1 else ()


RENDERING = frozenset({Act.PLACE_ON_QUEUE, Act.CONCLUDE_CONTRACT, Act.ASSESS, Act.RENDER, Act.RECORD})
"""Acts that only a service that is rendered calls for."""


def examining_task(plans: Sequence[TaskPlan]) -> TaskPlan | None:
    """The task in which the decision falls: the first that examines; where none does, the one that formalises the
    result, else the last; ``None`` where the text has no procedure."""
    found = (plan for act in (Act.EXAMINE, Act.FORMALISE) for plan in plans if act in plan.acts)
    return next(found, plans[-1] if plans else None)


def left_out(plan: TaskPlan, plans: Sequence[TaskPlan]) -> bool:
    """Whether a refusal makes the task needless: it only renders the service, or it is a later stage of the step in
    which the decision falls (a first stage that refuses is the last)."""
    examining = examining_task(plans)
    if examining is None or plans.index(plan) <= plans.index(examining):
        return False
    later_stage = plan.n == examining.n and (plan.stage or 0) > (examining.stage or 0)
    return later_stage or (bool(plan.acts) and RENDERING.issuperset(plan.acts))


def term_of(
    task: TaskPlan, before: datetime | None, begun: Beginning, calendar: WorkCalendar, facts: Mapping[str, Any]
) -> TaskTerm:
    """The term of ``task``.

    ``before``: when the task before it was done (``None`` for the first); ``begun``: when the application was submitted
    and received, before which no term begins; ``calendar``: the provider's; ``facts``: the form, for terms that are
    counted from a date in it. A date that has passed does not make a term begin before there is an application.
    """
    duration = task.duration
    if duration is None or duration.counted_from in (None, "previous_step"):
        start = max(before or begun.received_at, begun.received_at)
    else:
        start = _start(duration, begun, calendar, facts)
    if duration is None:
        return TaskTerm(start, None, None)
    return TaskTerm(start, calendar.due(start, duration), calendar.not_before(start, duration))


def _start(duration: Duration, begun: Beginning, calendar: WorkCalendar, facts: Mapping[str, Any]) -> datetime:
    """When a term begins that does not follow a step."""
    if duration.counted_from == "submission":
        return begun.submitted_at
    day = date_at(facts, duration.field) if duration.field else None
    return max(begun.received_at, datetime.combine(day, time(0), calendar.zone)) if day else begun.received_at


def plan_terms(
    tasks: Sequence[TaskPlan], begun: Beginning, calendar: WorkCalendar, facts: Mapping[str, Any]
) -> list[TaskTerm]:
    """The latest terms of a chain of tasks: each begins when the one before is due; what has no end takes no time."""
    planned: list[TaskTerm] = []
    before = begun.received_at
    for task in tasks:
        term = term_of(task, before, begun, calendar, facts)
        planned.append(term)
        before = max(before, term.due_at or term.started_at)
    return planned


def overall_term(regulation: Regulation, channel: str, variant: str) -> Term | None:
    """The term of the service as a whole for that channel and case, or ``None`` if the text states none."""
    stated = [
        term for term in regulation.terms if term.kind == "overall" and (not term.channels or channel in term.channels)
    ]
    own = [term for term in stated if term.duration.variant == variant]
    return next(iter(own or [term for term in stated if term.duration.variant == DEFAULT]), None)


def application_due(
    regulation: Regulation,
    channel: str,
    variant: str,
    begun: Beginning,
    calendar: WorkCalendar,
    facts: Mapping[str, Any],
) -> datetime | None:
    """By when the application has to be dealt with: the overall term if there is one, else the planned end of the
    procedure; ``None`` if the text sets no term at all. ``begun`` as for ``term_of``."""
    term = overall_term(regulation, channel, variant)
    if term is not None:
        return calendar.due(_start(term.duration, begun, calendar, facts), term.duration)
    tasks = tasks_of(regulation, channel, variant)
    dues = [term.due_at for term in plan_terms(tasks, begun, calendar, facts) if term.due_at]
    return max(dues, default=None)


def counts_from(
    regulation: Regulation,
    channel: str,
    variant: str,
    begun: Beginning,
    calendar: WorkCalendar,
    facts: Mapping[str, Any],
) -> datetime:
    """From when the term of the service runs: its own beginning if the text states such a term, else when the provider
    has the application."""
    term = overall_term(regulation, channel, variant)
    return _start(term.duration, begun, calendar, facts) if term is not None else begun.received_at


def extension_term(regulation: Regulation, channel: str, variant: str = DEFAULT) -> Term | None:
    """The term by which the work may be extended in that channel and case, or ``None``."""
    return _term_of_kind("extension", regulation, channel, variant)


def notice_term(regulation: Regulation, channel: str, variant: str = DEFAULT) -> Term | None:
    """Within what the recipient has to be told in writing of an extension, or ``None`` if the text does not say."""
    return _term_of_kind("notice", regulation, channel, variant)


def course_term(regulation: Regulation, channel: str, variant: str = DEFAULT) -> Term | None:
    """How long the course lasts that begins when the result is given, or ``None`` if the text has no such course."""
    return _term_of_kind("course", regulation, channel, variant)


def _term_of_kind(
    kind: Literal["extension", "notice", "course"], regulation: Regulation, channel: str, variant: str
) -> Term | None:
    return next(
        (
            term
            for term in regulation.terms
            if term.kind == kind
            and (not term.channels or channel in term.channels)
            and term.duration.variant in (variant, DEFAULT)
        ),
        None,
    )


def extended_due(calendar: WorkCalendar, term: TaskTerm, extension: Duration) -> datetime | None:
    """The new end of a task's term. A stated extension (by a month) follows the old end; one that has a maximum (to
    thirty days) replaces the term from its beginning, and never makes it shorter. ``None``: the task has no end."""
    if term.due_at is None:
        return None
    if extension.bound == "max":
        longer = calendar.due(term.started_at, extension)
        return max(term.due_at, longer) if longer else term.due_at
    # The end of a day at 24:00 belongs to that day.
    return calendar.due(term.due_at - timedelta.resolution, extension)
