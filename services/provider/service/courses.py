"""A course that begins when the result is given, such as one of rehabilitation: it has a least and a longest time."""

from services.provider.domain.matter import AUTOPILOT
from services.provider.errors import IllegalMove, TooEarly
from services.provider.service.context import Case
from services.provider.service.journal import mark
from shared.kit.clock import rfc3339
from shared.regulations.marks import COURSE_ENDED
from shared.regulations.procedure import TaskPlan, course_term
from shared.regulations.terms import Act

BY = frozenset({Act.RENDER, Act.ASSESS})
"""Whoever does this renders the course too."""


def begin(case: Case, driver: str | None) -> None:
    """With the result on its way the course begins, where the text has one. ``driver``: who drove the matter; the
    autopilot ends the course as well."""
    matter, now = case.matter, case.work.now
    term = course_term(case.regulation, matter.channel, matter.variant)
    if term is None or matter.decision != "granted":
        return
    earliest, due = case.calendar.not_before(now, term.duration), case.calendar.due(now, term.duration)
    case.change(
        course={
            "since": rfc3339(now),
            "not_before": rfc3339(earliest) if earliest else None,
            "due_at": rfc3339(due) if due else None,
            "clause": term.clause,
            "driver": AUTOPILOT if driver == AUTOPILOT else None,
        }
    )


def renders(case: Case) -> TaskPlan | None:
    """The task whose role renders the course; ``None``: any of the organisation."""
    return next((plan for plan in case.chain.plans if BY & set(plan.acts)), None)


def end(case: Case, by: str, note: str | None = None) -> None:
    """The course is over; once, the second time changes nothing.

    Raises ``IllegalMove`` where there is none, ``TooEarly`` before its least time is over.
    """
    matter, now = case.matter, case.work.now
    course = matter.course
    if course is None:
        raise IllegalMove("there is no course to end", state=matter.state)
    if course.get("ended_at"):
        return
    if course["not_before"] and rfc3339(now) < course["not_before"]:
        raise TooEarly(not_before=course["not_before"], clause=course["clause"])
    case.change(course={**course, "ended_at": rfc3339(now), "ended_by": by, "note": note})
    mark(case.work, matter, COURSE_ENDED, clause=course["clause"], detail=note)


def look(case: Case) -> None:
    """What the clock does about it: the autopilot ends it as soon as it may."""
    course = case.matter.course
    if course is None or course.get("ended_at") or course["driver"] is None:
        return
    if course["not_before"] is None or course["not_before"] <= rfc3339(case.work.now):
        end(case, AUTOPILOT)
