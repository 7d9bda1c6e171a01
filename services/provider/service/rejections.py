"""What becomes of a matter when another system does not take a message about it.

It is told at the matter, with reason and report, and as the mark ``rejected``. A decision stands, but it has not
reached anybody: its act is signed and sent again, once by the autopilot, else by an officer. So exactly one result
arrives.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from services.provider.domain.matter import AUTOPILOT, DECISION, Matter, Ruling
from services.provider.domain.tasks import Task, TaskState, task_key
from services.provider.errors import AlreadyDecided
from services.provider.repository import TASKS
from services.provider.service import acts, procedure
from services.provider.service.acts import Doing
from services.provider.service.context import Case
from services.provider.service.journal import mark
from shared.kit.clock import rfc3339
from shared.messages.control import MessageRejected
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.work import Work

REJECTED, SENT_AGAIN = "rejected", "sent_again"
"""The marks in the journal."""
_REDRIVABLE = frozenset({"handler-failed", "verification-broke"})
"""A defect of the receiver: whoever looks after it re-drives the same message. An officer may still send the decision
again."""


def which(matter: Matter, digest: str) -> str | None:
    """The type of the message about the matter that had this digest; ``None``: none that anybody waits for."""
    if digest == matter.decision_digest:
        return DECISION
    if digest == matter.placement_digest and matter.queue_number is None:
        return MessageType.QUEUE_PLACEMENT_REQUESTED.value
    if any(notice.get("digest") == digest for notice in matter.notices):
        return MessageType.NOTICE_ISSUED.value
    return None


def note(case: Case, received: Received, message: str) -> None:
    """Keep why it was not taken, and let it be sent again."""
    matter, rejection = case.matter, cast("MessageRejected", received.payload)
    if message == DECISION and rejection.reason == "already-decided":
        return  # the one before has arrived after all, e.g. re-driven
    known = matter.rejected is not None and matter.rejected["message"] == message
    by = str(rejection.report.get("rejected_by", received.message.source.value))
    rejected = {
        "message": message,
        "by": by,
        "reason": rejection.reason,
        "report": rejection.report,
        "at": rfc3339(case.work.now),
    }
    case.change(rejected=rejected, trouble=f"{by}: {rejection.reason}")
    mark(case.work, matter, REJECTED, detail=f"{message}: {by}: {rejection.reason}")
    redrivable = rejection.reason in _REDRIVABLE
    if message == DECISION:
        _show(case, TaskState.REJECTED)
        if not redrivable:
            case.matter = case.matter.undelivered(rejected)
            if matter.decided_by == AUTOPILOT and not known:
                send_again(case, AUTOPILOT)
                return
    elif message == MessageType.QUEUE_PLACEMENT_REQUESTED and not redrivable:
        case.matter = case.matter.unplaced(rejected)
        if not known:
            procedure.go_on(case)
            return
        case.change(driver=None)
    case.keep()


def decide_again(case: Case, ruling: Ruling) -> Matter:
    """An officer signs and sends a decision that was not taken, with other words if there are any.

    Raises ``AlreadyDecided`` for the opposite decision: what was decided, and journaled, stands.
    """
    matter = case.matter
    if matter.decision != ruling.decision:
        raise AlreadyDecided(f"decided at {matter.decided_at}", decision=matter.decision)
    grounds = [ground.model_dump() for ground in ruling.grounds] or matter.grounds
    case.change(grounds=grounds, note=ruling.note or matter.note, result=ruling.result or matter.result)
    return send_again(case, ruling.by)


def send_again(case: Case, by: str) -> Matter:
    """Sign the act anew and send the decision once more. The run has ended before: it takes no step."""
    if case.matter.closed:
        case.matter = case.matter.undelivered(case.matter.rejected or {})
    acts.sign(case, Doing(by))
    procedure.send_decision(case)
    rejected: Mapping[str, Any] = case.matter.rejected or {}
    case.change(rejected={**rejected, "sent_again": rfc3339(case.work.now), "sent_by": by}, trouble=None)
    mark(case.work, case.matter, SENT_AGAIN, detail=by)
    case.matter = case.matter.close(case.work.effects.sendings[-1].digest)
    _show(case, TaskState.DONE)
    return case.keep()


def _show(case: Case, state: TaskState) -> None:
    """In the list of tasks: the last one of the matter, with which the decision left."""
    task = _last(case.work, case)
    if task is not None:
        case.work.put(TASKS, replace(task, state=state.value))


def _last(work: Work, case: Case) -> Task | None:
    keys = [task_key(case.matter.application, plan.id) for plan in reversed(case.chain.plans)]
    return next((task for key in keys if (task := work.get(TASKS, key)) is not None), None)
