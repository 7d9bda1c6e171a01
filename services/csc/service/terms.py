"""When what ends: the steps of the centre, the result as a whole, and what the visitor is told of it."""

from dataclasses import replace
from datetime import datetime

from services.csc.domain import terms as domain
from services.csc.domain.hours import kept_until, ready_by
from services.csc.domain.matter import Matter
from services.csc.repository import MATTERS
from services.csc.service.context import Context
from services.csc.service.journal import journal_overdue, put
from shared.messaging.steps import find_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.calendar import WorkCalendar
from shared.regulations.hours import beginning
from shared.regulations.model import Regulation, Step
from shared.regulations.procedure import application_due, overall_term
from shared.regulations.step_terms import stages_of, step_due
from shared.regulations.terms import DEFAULT


class Terms:
    """The terms of matters at the centre."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def opened(self, matter: Matter, action: Action, at: datetime) -> Matter:
        """From ``at`` on it is the centre's turn with the step that ``action`` is; nothing is due if there is none."""
        step, calendar, variant = self._step(matter, action)
        if step is None:
            return domain.closed(matter)
        stages = stages_of(step, variant)
        first = calendar.due(at, stages[0]) if stages else None
        return domain.opened(matter, step.id, step_due(step, variant, at, calendar), first, at)

    def has_courier(self, matter: Matter, action: Action) -> bool:
        """Whether the step runs in two stages in this case: the worker does the one, a courier the other."""
        step, _, variant = self._step(matter, action)
        return step is not None and len(stages_of(step, variant)) > 1

    def with_courier(self, matter: Matter, action: Action, at: datetime) -> Matter:
        """The courier's stage of the step begins."""
        step, calendar, variant = self._step(matter, action)
        return domain.next_stage(matter, calendar.due(at, stages_of(step, variant)[1]) if step else None)

    def plan(self, matter: Matter, at: datetime) -> tuple[datetime, datetime | None]:
        """Of a package accepted at ``at``: when the visitor may come for the result, and by when it has to be there.

        The overall term, if the text states one; else what handing over, the procedure of the provider and collecting
        take, one after the other. ``None``: the text sets no term at all.
        """
        regulation, _ = self._context.law_of(matter)
        centre = self._context.centre_of(matter)
        due = self._due(regulation, matter, at, self._context.working(centre, regulation))
        return ready_by(due or at, self._context.opening(centre, regulation)), due

    def prolonged(self, matter: Matter, decided_by: datetime) -> Matter:
        """The provider has until ``decided_by`` now: the result is due so much later. What the receipt has told the
        visitor stays as it was given; the notice tells the rest."""
        if matter.received_at is not None:
            return matter
        regulation, _ = self._context.law_of(matter)
        calendar = self._context.working(self._context.centre_of(matter), regulation)
        due = self._after(matter, Action.COLLECT_RESULT, decided_by, calendar) or decided_by
        return replace(matter, due_at=due, overdue_at=None)

    def kept_until(self, matter: Matter, at: datetime) -> datetime | None:
        """Until when the centre keeps a result that is there from ``at`` on; ``None``: the text sets no time."""
        storage = self._context.law_of(matter)[1].storage
        # The visitor was told when to come, by the receipt or a notice; before that day nobody can be late.
        told = [matter.ready_by, matter.due_at if any(notice["due_at"] for notice in matter.notices) else None]
        return kept_until(storage, max([at, *(day for day in told if day is not None)]), self._context.zone)

    def note_overdue(self, work: Work, matter_id: str) -> None:
        """Journal what has passed without being noticed."""
        matter = work.get(MATTERS, matter_id)
        if matter is None:
            return
        noted, found = domain.overran(matter, work.now)
        for what, due in found:
            journal_overdue(work, noted, what, due)
        put(work, noted)

    def due(self, matter: Matter, action: Action, at: datetime) -> datetime | None:
        """By when the step that ``action`` is has to be taken if it begins at ``at``."""
        _, calendar, _ = self._step(matter, action)
        return self._after(matter, action, at, calendar)

    def _due(self, regulation: Regulation, matter: Matter, at: datetime, calendar: WorkCalendar) -> datetime | None:
        channel, variant = matter.channel, matter.variant or DEFAULT
        office = self._context.calendars.office_of(regulation, channel)
        facts = self._context.facts(matter)
        handed = self._after(matter, Action.HAND_TO_PROVIDER, at, calendar)
        begun = beginning(regulation, channel, office, at, handed)
        decided = application_due(regulation, channel, variant, begun, office, facts)
        if overall_term(regulation, channel, variant) is not None:
            return decided
        collected = self._after(matter, Action.COLLECT_RESULT, decided or begun.received_at, calendar)
        return collected or decided or handed

    def _after(self, matter: Matter, action: Action, at: datetime, calendar: WorkCalendar) -> datetime | None:
        step, _, variant = self._step(matter, action)
        return step_due(step, variant, at, calendar) if step else None

    def _step(self, matter: Matter, action: Action) -> tuple[Step | None, WorkCalendar, str]:
        regulation, _ = self._context.law_of(matter)
        calendar = self._context.working(self._context.centre_of(matter), regulation)
        return find_step(regulation, matter.channel, action), calendar, matter.variant or DEFAULT
