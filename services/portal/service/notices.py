"""The provider's notices: while a matter goes on they go into the cabinet, and the first of all may be an offer.

Synchronous, without I/O.
"""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from services.portal.domain.application import Application, new_draft, new_offer
from services.portal.domain.notices import OFFER, Notice
from services.portal.repository import APPLICATIONS, NOTICES
from services.portal.service.context import PROACTIVE, Context
from shared.kit import iin as iins
from shared.kit.clock import rfc3339
from shared.kit.errors import NotFound, RejectedMessage
from shared.kit.text import Text
from shared.messages.application import NoticeIssued
from shared.messaging.documents import OpenedDocument, open_act
from shared.messaging.records import Received
from shared.messaging.requests import require_request
from shared.messaging.work import Work
from shared.regulations.errors import ChannelNotOffered


class IncomingNotices:
    """Use cases of a received notice."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def accept_notice(self, work: Work, received: Received) -> None:
        """A notice about an application of this portal, or an offer to somebody who has not applied.

        Raises ``RejectedMessage``: ``unknown-application``, ``request-digest`` for one about another request,
        ``document`` and ``document-signature`` for a document that does not prove itself, ``no-offer`` for one that
        offers nothing here.
        """
        payload = cast("NoticeIssued", received.payload)
        application = work.get(APPLICATIONS, received.message.subject)
        if application is None and payload.kind == OFFER:
            self._accept_offer(work, received, payload)
            return
        if application is None or application.message_id is None:
            raise RejectedMessage("unknown-application", "no such application was sent from here")
        require_request(received, application.message_digest)
        opened = self._opened(work, payload, application.id, application.service)
        notice = _notice(work, application, payload, opened)
        work.put(NOTICES, notice)
        changed = application
        if payload.expects is not None:
            changed = changed.demanded(notice.id, payload.expects, payload.until)
        if payload.due_at is not None:
            changed = changed.prolonged(payload.due_at, work.now)
        if changed is not application:
            work.put(APPLICATIONS, changed)
        work.touch(application.id)

    def _accept_offer(self, work: Work, received: Received, payload: NoticeIssued) -> None:
        """The offer opens a matter in the cabinet of whoever it is made to, registered here or not."""
        subject = received.message.subject
        try:
            regulation, _ = self._context.regulations.find(received.message.regulation or "", PROACTIVE)
        except (NotFound, ChannelNotOffered) as error:
            raise RejectedMessage("no-offer", f"no service that can be offered: {error}") from error
        opened = self._opened(work, payload, subject, regulation.id)
        named = opened.fields.get("recipient") if opened else None
        iin = named.get("iin") if isinstance(named, Mapping) else None
        if opened is None or not isinstance(iin, str) or not iins.is_valid(iin):
            raise RejectedMessage("document", "the offer has no signed document that names its recipient")
        draft = new_draft(subject, iin=iin, service=regulation.id, channel=PROACTIVE, at=work.now)
        notice = _notice(work, draft, payload, opened)
        offer: dict[str, Any] = {
            "notice": notice.id,
            "sha256": opened.sha256,
            "issued_at": (notice.document or {})["issued_at"],
        }
        form = opened.fields.get("form")
        if isinstance(form, Mapping):
            draft = draft.filled(form, work.now)
        made = new_offer(draft, (received.message.id, received.digest), offer, payload.until)
        work.put(APPLICATIONS, made)
        work.put(NOTICES, notice)
        work.touch(made.id)

    def _opened(self, work: Work, payload: NoticeIssued, application: str, regulation: str) -> OpenedDocument | None:
        if payload.document is None:
            return None
        context = self._context
        directory, issuers = context.platform.directory, context.issuers
        return open_act(payload.document, application, regulation, issuers=issuers, directory=directory, at=work.now)


def _notice(work: Work, application: Application, payload: NoticeIssued, opened: OpenedDocument | None) -> Notice:
    document = None
    if payload.document is not None and opened is not None:
        document = {
            "content": payload.document.content,
            "signature": payload.document.signature,
            "sha256": opened.sha256,
            "provider_bin": opened.signer_bin,
            "report": opened.report.as_dict(),
            "issued_at": rfc3339(payload.issued_at),
        }
    try:
        words = Text.model_validate(payload.text)
    except ValidationError as error:
        raise RejectedMessage("notice", "the notice is not in the three languages") from error
    return Notice(
        id=work.new_id(),
        iin=application.iin,
        application=application.id,
        kind=payload.kind,
        text=words.model_dump(),
        created_at=work.now,
        document=document,
        expects=payload.expects,
        until=payload.until,
        document_sha256=opened.sha256 if opened else None,
    )
