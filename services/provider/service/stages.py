"""Waits for the recipient inside the procedure, and terms that are extended: each with a notice."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.provider.domain.grounds import ground_of_category
from services.provider.domain.tasks import TaskState, task_key
from services.provider.errors import IllegalMove, NoExtension, NothingAwaited
from services.provider.repository import TASKS
from services.provider.service import notices
from services.provider.service.context import Case
from services.provider.service.journal import mark
from shared.kit.clock import rfc3339
from shared.kit.text import Text
from shared.regulations.grounds import FoundGround
from shared.regulations.marks import EXTENDED, EXTENSION_TOLD
from shared.regulations.procedure import TaskPlan, TaskTerm, extended_due, extension_term, notice_term

PROOF_OF_PAYMENT = "proof_of_payment"
_PROOF = Text(
    kk="алымның төленгенін растайтын құжат", ru="документ об уплате сбора", en="the proof that the fee is paid"
)
FIRST_STAGE = "first_stage_done"
EXTENSION = "term_extended"


def await_recipient(case: Case, plan: TaskPlan) -> None:
    """If the stage that begins waits for the recipient: give notice of the first one, and say what is awaited by
    when."""
    matter = case.matter
    if plan.wait is None or matter.decision != "granted" or matter.awaits is not None:
        return
    document, name = PROOF_OF_PAYMENT, plan.wait.what or _PROOF
    until = case.calendar.due(matter.task_since or case.work.now, plan.wait)
    case.change(awaits={"document": document, "until": rfc3339(until) if until else None, "clause": plan.clause})
    when = case.context.local(until).strftime("%d.%m.%Y %H:%M") if until else ""
    text = Text(
        kk=f"Бірінші кезең аяқталды. Күтіледі: {name.kk}. Мерзімі: {when}.",
        ru=f"Первый этап завершён. Ожидается: {name.ru}. Срок: {when}.",
        en=f"The first stage is done. Awaited: {name.en}. By: {when}.",
    )
    notices.notify(case, FIRST_STAGE, text, expects=document, until=until)


def supply(case: Case, document: str, proof: dict[str, Any]) -> None:
    """The recipient has supplied what was awaited; what it was stands in the matter."""
    awaits = case.matter.awaits or {}
    case.change(awaits={**awaits, "received": rfc3339(case.work.now), "supplied": {"document": document, **proof}})


def extend(case: Case, reason: str, by: str, *, tell: bool = True) -> datetime:
    """Extend the term of the open task, once, and tell the recipient in writing, at once or (not ``tell``) later,
    within the term that the text sets for the notice.

    Returns its new end. Raises ``NoExtension`` where the text has none, ``IllegalMove`` without an open task.
    """
    matter = case.matter
    term = extension_term(case.regulation, matter.channel, matter.variant)
    if term is None:
        raise NoExtension(f"{matter.regulation} has no extension of the term")
    if matter.extended is not None:
        raise NoExtension("the term was extended", clause=term.clause)
    if matter.task is None or matter.task_since is None:
        raise IllegalMove(f"no task is open, the matter is {matter.state}", state=matter.state)
    until = extended_due(case.calendar, TaskTerm(matter.task_since, matter.task_due_at, None), term.duration)
    if until is None:
        raise NoExtension("the task that is due has no end", clause=term.clause)
    gained = until - (matter.task_due_at or until)
    case.change(
        extended={
            "until": rfc3339(until),
            "reason": reason,
            "by": by,
            "at": rfc3339(case.work.now),
            "tell_by": _tell_by(case),
        },
        task_due_at=until,
        task_overdue_at=None,
        due_at=max(matter.due_at + gained, until) if matter.due_at else None,
        overdue_at=None,
    )
    plan = case.chain.plan(matter.task)
    task = case.work.get(TASKS, task_key(matter.application, plan.id))
    if task is not None:
        case.work.put(TASKS, replace(task, due_at=until, overdue_at=None, state=TaskState.OPEN.value))
    mark(case.work, matter, EXTENDED, clause=term.clause, detail=plan.id, started_at=matter.task_since, due_at=until)
    if tell:
        tell_extension(case)
    return until


def _tell_by(case: Case) -> str | None:
    term = notice_term(case.regulation, case.matter.channel, case.matter.variant)
    due = case.calendar.due(case.work.now, term.duration) if term else None
    return rfc3339(due) if due else None


def tell_extension(case: Case) -> None:
    """Give the recipient the written notice of the extension, once. Raises ``IllegalMove`` if nothing was extended."""
    matter, extended = case.matter, case.matter.extended
    if extended is None:
        raise IllegalMove("no term was extended", state=matter.state)
    if extended.get("told_at"):
        return
    until, reason = datetime.fromisoformat(extended["until"]), extended["reason"]
    # The end of a day at 24:00 belongs to that day.
    when = case.context.local(until - timedelta.resolution).strftime("%d.%m.%Y")
    text = Text(
        kk=f"Өтінішті қарау мерзімі {when} дейін ұзартылды: {reason}",
        ru=f"Срок рассмотрения заявления продлён до {when}: {reason}",
        en=f"The term of the application is extended to {when}: {reason}",
    )
    case.change(extended={**extended, "told_at": rfc3339(case.work.now)})
    term = notice_term(case.regulation, matter.channel, matter.variant)
    mark(
        case.work,
        matter,
        EXTENSION_TOLD,
        clause=term.clause if term else "",
        started_at=datetime.fromisoformat(extended["at"]),
        due_at=datetime.fromisoformat(extended["tell_by"]) if extended.get("tell_by") else None,
    )
    notices.notify(case, EXTENSION, text, due_at=matter.due_at)


def require_awaited(case: Case, document: str) -> None:
    """Raises ``NothingAwaited`` unless this document is awaited now."""
    awaits = case.matter.awaits
    if not case.matter.owes or awaits is None or awaits["document"] != document:
        raise NothingAwaited(f"{document} is not awaited", awaited=awaits["document"] if awaits else None)


def withheld(case: Case, reason: str | None) -> FoundGround | None:
    """The ground under which an offer without consent is refused, or ``None`` if the text has none."""
    ground = ground_of_category(case.regulation, case.matter.channel, "consent")
    if ground is None:
        return None
    lapsed = reason == "lapsed"
    detail = Text(
        kk="ұсыныс мерзімінде жауап берілмеді" if lapsed else "көрсетілетін қызметті алушы келіспеді",
        ru="на предложение не ответили в срок" if lapsed else "услугополучатель не согласился",
        en="the offer was not answered in time" if lapsed else "the recipient did not consent",
    )
    return FoundGround(code=ground.code, text=ground.text, clause=ground.clause, detail=detail)
