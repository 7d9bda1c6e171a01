"""What becomes due without anybody doing anything: terms that have passed, least times and waits that are over."""

from dataclasses import replace
from datetime import datetime

from services.provider import repository
from services.provider.domain.tasks import task_key
from services.provider.repository import MATTERS, TASKS
from services.provider.service import courses, procedure
from services.provider.service.context import Case
from services.provider.service.enquiries import Enquiries, loads_for
from services.provider.service.journal import OVERDUE, mark
from services.provider.service.matters import Matters
from shared.kit.clock import rfc3339
from shared.messaging.platform import Platform
from shared.regulations.procedure import notice_term

_AT_ONCE = 100


class DueWatch:
    """Looks after the terms of every matter. What is due stands in the database, so a restart goes on where it was."""

    def __init__(self, matters: Matters, enquiries: Enquiries) -> None:
        self._matters = matters
        self._enquiries = enquiries
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def turn(self) -> int:
        """Do what is due now; how many matters that were."""
        platform = self._platform
        if platform is None:
            return 0
        async with platform.database.session() as session:
            due = await repository.watched(session, platform.clock.now(), _AT_ONCE)
            silent = await repository.due_enquiries(session, platform.clock.now(), _AT_ONCE)
        for application in silent:
            async with platform.database.session() as session:
                seen = await repository.find_matter(session, application)
            known = self._matters.context.loads(seen, platform.clock.now()) if seen else []
            async with platform.runtime.work([*known, *loads_for(application)]) as work:
                self._enquiries.ask_again(work, application)
        for application in due:
            await self._look_at(platform, application)
        return len(due) + len(silent)

    async def _look_at(self, platform: Platform, application: str) -> None:
        async with platform.database.session() as session:
            seen = await repository.find_matter(session, application)
        if seen is None:
            return
        loads = self._matters.context.loads(seen, platform.clock.now())
        if seen.task is not None:
            loads.append((TASKS, task_key(application, seen.task)))
        async with platform.runtime.work(loads) as work:
            matter = work.get(MATTERS, application)
            if matter is None or matter.watch_at is None or matter.watch_at > work.now or matter.task != seen.task:
                return  # somebody was quicker; what is due then is found in the next turn
            case = self._matters.case(work, matter)
            note_overdue(case)
            awaits = case.matter.awaits
            if case.matter.owes and awaits and awaits["until"] and _passed(awaits["until"], work.now):
                procedure.lapse(case)
            if case.matter.resume_at is not None and case.matter.resume_at <= work.now:
                case.change(resume_at=None)
            if not case.matter.closed:
                procedure.go_on(case)
            else:
                courses.look(case)
                case.keep()


def note_overdue(case: Case) -> None:
    """Mark and journal what should have been done by now: the open task, and the application itself."""
    matter, now = case.matter, case.work.now
    if matter.task and matter.task_due_at and matter.task_due_at <= now and matter.task_overdue_at is None:
        plan = case.chain.plan(matter.task)
        _note(case, plan.clause, plan.id, matter.task_since, matter.task_due_at)
        case.change(task_overdue_at=now)
        task = case.work.get(TASKS, task_key(matter.application, plan.id))
        if task is not None:
            case.work.put(TASKS, replace(task, overdue_at=now))
    if matter.due_at and matter.due_at <= now and matter.overdue_at is None and not matter.closed:
        _note(case, "", "application", matter.started_at, matter.due_at)
        case.change(overdue_at=now)
    _note_marks(case)


def _note_marks(case: Case) -> None:
    """The notice of an extension that nobody gave, the course that nobody ended."""
    matter, now = case.matter, case.work.now
    if matter.tell_by is not None and matter.tell_by <= now and matter.extended is not None:
        term = notice_term(case.regulation, matter.channel, matter.variant)
        since = datetime.fromisoformat(matter.extended["at"])
        _note(case, term.clause if term else "", "notice", since, matter.tell_by)
        case.change(extended={**matter.extended, "overdue_at": rfc3339(now)})
    course = matter.course
    if course is None or course.get("ended_at") or course.get("overdue_at") or not course["due_at"]:
        return
    if course["due_at"] <= rfc3339(now):
        since, due = datetime.fromisoformat(course["since"]), datetime.fromisoformat(course["due_at"])
        _note(case, course["clause"], "course", since, due)
        case.change(course={**course, "overdue_at": rfc3339(now)})


def _note(case: Case, clause: str, what: str, started_at: datetime | None, due_at: datetime) -> None:
    mark(case.work, case.matter, OVERDUE, clause=clause, detail=what, started_at=started_at, due_at=due_at)


def _passed(moment: str, now: datetime) -> bool:
    return moment <= rfc3339(now)
