"""The procedure of a matter: tasks one after the other, the decision in one of them, the result at the end.

Nothing here does I/O. A message, an officer, the attachment fetcher and the watcher all go on with a matter this way.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from services.provider.domain.attachments import Attachment
from services.provider.domain.grounds import find_grounds, ground_of_category
from services.provider.domain.matter import AUTOPILOT, Matter, MatterState, Ruling
from services.provider.domain.tasks import Task, TaskState, task_key
from services.provider.errors import (
    DecisionNeeded,
    IllegalMove,
    RecipientOwes,
    RegistriesAwaited,
    TooEarly,
    WrongOrder,
)
from services.provider.repository import TASKS
from services.provider.service import acts, courses, hours, notices, stages
from services.provider.service.acts import ACTS, Doing
from services.provider.service.context import Case
from services.provider.service.judging import judged
from shared.kit.clock import rfc3339
from shared.kit.text import Text
from shared.messages import application as payloads
from shared.messages.payload import SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.steps import find_step, take_step
from shared.regulations.actions import Action
from shared.regulations.grounds import FoundGround
from shared.regulations.procedure import TaskPlan, application_due, term_of
from shared.regulations.terms import Act

LAPSED = "lapsed"


def receive(case: Case) -> None:
    """Put the application under control of the term: when it counts as received, and by when it has to be done."""
    matter = case.matter
    begun = case.begun
    due_at = application_due(case.regulation, matter.channel, matter.variant, begun, case.calendar, case.form)
    case.change(started_at=begun.received_at, due_at=due_at)


def begin(
    case: Case,
    attachments: Sequence[Attachment],
    papers: frozenset[str] = frozenset(),
    *,
    found: Sequence[FoundGround] | None = None,
) -> None:
    """The documents are all there: find by rule what stands against the application (unless it is known, ``found``),
    and open the first task."""
    matter = case.matter
    if found is None:
        at = case.context.local(matter.registered_at)
        found = judged(case, find_grounds(case.regulation, matter.channel, case.form, attachments, at, papers))
    case.matter = matter.start_review(case.work.now, found)
    if case.context.autopilot.drives(case.work):
        case.change(driver=AUTOPILOT)
    if not any(Act.REGISTER in plan.acts for plan in case.chain.plans):
        acts.register(case, Doing(AUTOPILOT))
    if case.chain.first is not None:
        open_task(case, case.chain.first)


def go_on(case: Case) -> Matter:
    """Do all tasks as far as they go, if somebody drives the matter; keep the matter, and tell who waits for it."""
    before = case.matter.state
    if case.matter.driver is not None:
        drive(case)
    matter = case.matter
    # What only waits for a registry that has hardly been asked goes on by itself in a moment.
    if matter.driver == AUTOPILOT and matter.undecidable:
        return case.keep()
    if matter.state == MatterState.IN_REVIEW and before == MatterState.IN_REVIEW and not matter.announced:
        announce(case)
    return case.keep()


def announce(case: Case) -> None:
    """Tell the regional gateway, once, that the application is in work."""
    case.change(announced=True)
    if not case.over_the_counter:
        case.work.send(
            MessageType.REVIEW_STARTED,
            System.REGIONAL_GATEWAY,
            case.matter.application,
            payloads.ReviewStarted(started_at=case.matter.review_started_at or case.work.now),
            regulation=case.matter.regulation,
            request_digest=case.matter.assignment_digest,
        )


def drive(case: Case, ruling: Ruling | None = None) -> None:
    """Do one task after the other until one has to wait or the matter is closed. ``ruling``: the decision to take;
    without one it is taken by the grounds that were found by rule."""
    doing = Doing(case.matter.driver or AUTOPILOT)
    if not case.chain.plans and not case.matter.closed:
        if _awaits_answers(case, ruling):
            return
        rule(case, ruling or by_rule(case))
        finish(case)
        return
    while case.matter.task is not None:
        plan = case.chain.plan(case.matter.task)
        opens_at = hours.resumes_at(case, plan)
        if opens_at is not None:
            case.change(resume_at=max(opens_at, case.matter.resume_at or opens_at))
        needs = plan == case.chain.examining and case.matter.decision is None
        if case.matter.owes or _too_early(case) or (needs and _awaits_answers(case, ruling)):
            wait(case, plan)
            return
        if not do(case, plan, replace(doing, ruling=(ruling or by_rule(case)) if needs else None)):
            wait(case, plan)
            return


def by_rule(case: Case) -> Ruling:
    """The decision of the autopilot: refused on every ground that was found, else granted."""
    found = tuple(FoundGround.model_validate(finding) for finding in case.matter.findings)
    return Ruling("refused" if found else "granted", case.work.now, AUTOPILOT, found)


def complete(case: Case, task: str, doing: Doing) -> None:
    """An officer does the open task. Raises ``WrongOrder``, ``TooEarly``, ``RecipientOwes``, ``OutsideHours``,
    ``DecisionNeeded``."""
    matter = case.matter
    if matter.state not in (MatterState.IN_REVIEW, MatterState.PLACING):
        raise IllegalMove(f"the matter is {matter.state}", state=matter.state)
    if matter.task != task:
        due = matter.task
        raise WrongOrder(f"the task that is due is {due}", due=due, clause=case.chain.plan(due).clause if due else None)
    if matter.owes and matter.awaits:
        raise RecipientOwes(document=matter.awaits["document"], until=matter.awaits["until"])
    if _too_early(case) and matter.resume_at is not None:
        raise TooEarly(not_before=rfc3339(matter.resume_at), clause=case.chain.plan(task).clause)
    plan = case.chain.plan(task)
    hours.require_open(hours.closed(case, plan))
    if not do(case, plan, doing):
        case.change(asker=doing.by)
        wait(case, plan)


def do(case: Case, plan: TaskPlan, doing: Doing) -> bool:
    """Do a task and open the next one; false if something has to come first."""
    if plan == case.chain.examining and case.matter.decision is None:
        require_answers(case.matter)
        if doing.ruling is None:
            raise DecisionNeeded(f"the decision falls in {plan.id}", clause=plan.clause)
        rule(case, doing.ruling)
    for act in plan.acts:
        if not ACTS[act](case, doing):
            return False
    _done(case, plan, doing)
    _onward(case, plan)
    return True


def rule(case: Case, ruling: Ruling) -> None:
    """Take the decision, once, and journal the condition it answers. Raises ``AlreadyDecided`` or ``IllegalMove``."""
    case.matter = case.matter.rule(ruling)
    matter = case.matter
    if find_step(case.regulation, matter.channel, Action.CHECK_DOCUMENTS) is not None:
        take_step(
            case.work,
            case.regulation,
            matter.channel,
            Action.CHECK_DOCUMENTS,
            matter.application,
            passed=ruling.decision == "granted",
            detail=", ".join(ground.code for ground in ruling.grounds) or None,
            message_id=matter.assignment_id or None,
            variant=matter.variant,
        )


def require_answers(matter: Matter) -> None:
    """Raises ``RegistriesAwaited`` while nobody may decide, because a registry has not answered yet."""
    if matter.undecidable:
        about = (matter.registries or {})["awaited"]
        raise RegistriesAwaited(f"not answered: {', '.join(about)}", about=about)


def open_task(case: Case, plan: TaskPlan) -> None:
    """A task begins: with its term, for whoever has the role."""
    before = None if plan == case.chain.first else case.work.now
    term = term_of(plan, before, case.begun, case.calendar, case.form)
    case.change(
        task=plan.id,
        task_since=term.started_at,
        task_due_at=term.due_at,
        task_overdue_at=None,
        resume_at=term.not_before,
    )
    _put_task(case, plan, TaskState.OPEN)


def wait(case: Case, plan: TaskPlan) -> None:
    """The open task cannot be done yet."""
    _put_task(case, plan, TaskState.WAITING)


def send_decision(case: Case) -> str:
    """The signed act goes to the regional gateway, bound to what was assigned; the id of the message."""
    matter = case.matter
    sent = case.work.send(
        MessageType.DECISION_MADE,
        System.REGIONAL_GATEWAY,
        matter.application,
        payloads.DecisionMade(
            decision=cast("payloads.Decision", matter.decision),
            document=SignedDocument(content=matter.act or "", signature=matter.act_signature or ""),
            review_started_at=matter.review_started_at or matter.registered_at,
            decided_at=matter.decided_at or case.work.now,
        ),
        regulation=matter.regulation,
        request_digest=matter.assignment_digest,
    )
    return sent.id


def finish(case: Case) -> None:
    """The last task is done: the act leaves, and the run ends with the step the text has for that."""
    acts.sign(case, Doing(AUTOPILOT))
    matter, granted = case.matter, case.matter.decision == "granted"
    message_id = None if case.over_the_counter else send_decision(case)
    action = Action.RUN_PROCEDURE if granted else Action.REFUSE_SERVICE
    if find_step(case.regulation, matter.channel, action) is not None:
        take_step(
            case.work,
            case.regulation,
            matter.channel,
            action,
            matter.application,
            message_id=message_id,
            variant=matter.variant,
            started_at=matter.started_at,
            due_at=matter.due_at,
        )
    case.context.settle(case)
    case.matter = matter.close(case.work.effects.sendings[-1].digest if message_id else None)
    courses.begin(case, matter.driver)


def lapse(case: Case) -> None:
    """The recipient did not do their part in time: refused, if the text has a ground for that."""
    matter, now = case.matter, case.work.now
    ground = ground_of_category(case.regulation, matter.channel, "unstated")
    if ground is None or matter.awaits is None:
        case.change(awaits={**(matter.awaits or {}), "lapsed": rfc3339(now)})
        return
    detail = Text(
        kk=f"{matter.awaits['until'][:10]} дейін ұсынылған жоқ",
        ru=f"не представлено до {matter.awaits['until'][:10]}",
        en=f"not supplied by {matter.awaits['until'][:10]}",
    )
    found = FoundGround(code=ground.code, text=ground.text, clause=ground.clause, detail=detail)
    case.matter = matter.lapse(Ruling("refused", now, AUTOPILOT, (found,)))
    notices.notify(case, LAPSED, ground.text)
    if case.matter.task is None:
        finish(case)
        return
    # The stage that waited is left out, as after any refusal.
    plan = case.chain.plan(case.matter.task)
    _put_task(case, plan, TaskState.DONE, Doing(AUTOPILOT, note=LAPSED))
    _onward(case, plan)


def _onward(case: Case, plan: TaskPlan) -> None:
    following = case.chain.after(plan.id, refused=case.matter.decision == "refused")
    if following is None:
        case.change(task=None)
        finish(case)
    else:
        open_task(case, following)
        stages.await_recipient(case, following)


def _awaits_answers(case: Case, ruling: Ruling | None) -> bool:
    """Whether the decision waits for a registry: the rule's until it answers, an officer's (``ruling``) until enough
    was asked in vain."""
    return case.matter.awaits_registries if ruling is None else case.matter.undecidable


def _too_early(case: Case) -> bool:
    resume_at = case.matter.resume_at
    return resume_at is not None and resume_at > case.work.now


def _done(case: Case, plan: TaskPlan, doing: Doing) -> None:
    matter = case.matter
    _put_task(case, plan, TaskState.DONE, doing)
    case.work.journal(
        matter.application,
        matter.regulation,
        matter.channel,
        plan.id,
        clause=plan.clause,
        detail=doing.note,
        variant=matter.variant,
        role=plan.role.value,
        started_at=matter.task_since,
        due_at=matter.task_due_at,
    )
    case.change(task=None, task_since=None, task_due_at=None, task_overdue_at=None, resume_at=None)


def _put_task(case: Case, plan: TaskPlan, state: TaskState, doing: Doing | None = None) -> None:
    matter = case.matter
    case.work.put(
        TASKS,
        Task(
            key=task_key(matter.application, plan.id),
            application=matter.application,
            task=plan.id,
            position=case.chain.position(plan.id),
            provider_bin=matter.provider_bin,
            regulation=matter.regulation,
            channel=matter.channel,
            variant=matter.variant,
            role=plan.role.value,
            clause=plan.clause,
            started_at=matter.task_since or case.work.now,
            due_at=matter.task_due_at,
            state=state.value,
            done_at=case.work.now if doing else None,
            done_by=doing.by if doing else None,
            note=doing.note if doing else None,
            overdue_at=matter.task_overdue_at,
            acts=[act.value for act in plan.acts],
        ),
    )
