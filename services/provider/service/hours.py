"""Office hours at work: what the texts forbid outside them, and when the autopilot rests."""

from datetime import datetime

from services.provider.domain.matter import AUTOPILOT
from services.provider.service.context import Case
from shared.kit.clock import rfc3339
from shared.regulations.errors import OutsideHours
from shared.regulations.hours import Closed, counter_closed, gives_by_hand, next_working_day
from shared.regulations.procedure import TaskPlan


def closed(case: Case, plan: TaskPlan) -> Closed | None:
    """Whether the text forbids doing this task now: the application came after hours and is for the next working day,
    or the task gives the result over the counter while none is given."""
    matter, now = case.matter, case.work.now
    waits = next_working_day(case.regulation, matter.channel, case.calendar, matter.registered_at)
    if waits is not None and waits.opens_at > now:
        return waits
    if gives_by_hand(matter.channel, plan.acts):
        return counter_closed(case.regulation, matter.channel, case.calendar, now)
    return None


def resumes_at(case: Case, plan: TaskPlan) -> datetime | None:
    """When whoever drives the matter may go on with it; ``None``: now. The autopilot may be told to keep office hours
    beyond what the text demands."""
    now, found = case.work.now, closed(case, plan)
    if found is not None:
        return found.opens_at
    if case.context.keeps_hours and case.matter.driver == AUTOPILOT and not case.calendar.is_open(now):
        return case.calendar.opens_at(now)
    return None


def require_open(found: Closed | None) -> None:
    """Raises ``OutsideHours`` with the clause and the next opening."""
    if found is not None:
        raise OutsideHours(opens_at=rfc3339(found.opens_at), clause=found.clause)


def require_counter_open(case: Case) -> None:
    """Raises ``OutsideHours`` while the text lets no paper be given out at the counter."""
    require_open(counter_closed(case.regulation, case.matter.channel, case.calendar, case.work.now))
