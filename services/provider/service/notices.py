"""Notices to the recipient while a matter goes on: by message to the system that applied, and kept in the matter."""

from datetime import datetime

from services.provider.service.context import Case
from shared.kit.clock import rfc3339
from shared.kit.text import Text
from shared.messages import application as payloads
from shared.messages.payload import SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType


def notify(
    case: Case,
    kind: str,
    text: Text,
    *,
    document: SignedDocument | None = None,
    expects: str | None = None,
    until: datetime | None = None,
    due_at: datetime | None = None,
) -> None:
    """Give notice of ``kind``. What came over the counter gets its notices there: they stand in the matter."""
    work, matter = case.work, case.matter
    notice = {
        "kind": kind,
        "text": text.model_dump(),
        "issued_at": rfc3339(work.now),
        "expects": expects,
        "until": rfc3339(until) if until else None,
        "due_at": rfc3339(due_at) if due_at else None,
    }
    if case.over_the_counter:
        case.change(notices=[*matter.notices, notice])
        return
    work.send(
        MessageType.NOTICE_ISSUED,
        System.REGIONAL_GATEWAY,
        matter.application,
        payloads.NoticeIssued(
            kind=kind,
            text=text.model_dump(),
            issued_at=work.now,
            document=document,
            expects=expects,
            until=until,
            due_at=due_at,
        ),
        regulation=matter.regulation,
        request_digest=matter.assignment_digest or None,
    )
    case.change(notices=[*matter.notices, {**notice, "digest": work.effects.sendings[-1].digest}])
