"""Drafts and the cabinet: choose a service, fill the form, follow the matter (process 3 and what comes after)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import timedelta
from typing import Any

from services.portal.domain.application import Application, Attachment, State, files_of, new_draft
from services.portal.domain.documents import missing, request_document
from services.portal.domain.notices import Notice
from services.portal.domain.recipients import Session
from services.portal.errors import ApplicationIncomplete, NotADraft, WrongWay
from services.portal.repository import APPLICATIONS, FILE_USES, queries
from services.portal.repository.queries import Matter
from services.portal.service.catalogue import check_form
from services.portal.service.context import PROACTIVE, STARTED_HERE, Context, checked_id, owned
from services.portal.service.counts import count, loads
from services.portal.service.recipients import journal_sign_in
from shared.crypto.canonical import canonical_json
from shared.db.kept_files import use_key
from shared.kit.errors import Conflict, LimitReached, NotFound
from shared.kit.lockout import Lockout
from shared.kit.text import Language
from shared.web.sse import StreamEvent, follow
from shared.web.until import CHANGE, FINAL
from shared.web.wait import wait_until

_AT_ONCE = 100
"""Drafts that go in one turn."""
__all__ = ["Applications", "Matter", "request_bytes"]


def request_bytes(application: Application) -> bytes:
    """Exactly the bytes to sign: canonical JSON (RFC 8785) of the request."""
    return canonical_json(request_document(application))


class Applications:
    """Use cases of an application before and beside its submission."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._given_up = Lockout(context.settings.drafts_given_up_a_day, timedelta(days=1))

    async def choose_service(self, session: Session, service: str, channel: str) -> Application:
        """The recipient chooses a service and how to apply: an empty draft. Raises ``NotFound``,
        ``ChannelNotOffered``, ``WrongWay`` for a channel that begins elsewhere, ``LimitReached``."""
        regulation, found = self._context.regulations.find(service, channel)
        if channel not in STARTED_HERE:
            raise WrongWay(
                f"through {channel!r} (clause {found.clause}) one does not apply on the portal",
                channel=channel,
                clause=found.clause,
            )
        await self._require_room(session.iin, for_one_more=1)
        async with self._context.platform.runtime.work([]) as work:
            draft = new_draft(work.new_id(), iin=session.iin, service=regulation.id, channel=channel, at=work.now)
            work.put(APPLICATIONS, draft)
            journal_sign_in(work, regulation, session, draft)
        try:
            # Of many at once all may have found room.
            await self._require_room(session.iin, for_one_more=0)
        except LimitReached:
            await self._forget_draft(draft.id)
            raise
        return draft

    async def _require_room(self, iin: str, *, for_one_more: int) -> None:
        limit = self._context.settings.drafts_of_one
        async with self._context.platform.database.session() as session:
            if await queries.count_drafts(session, iin) + for_one_more > limit:
                raise LimitReached("send or delete one of your drafts first", limit=limit)

    async def fill_form(
        self, iin: str, application_id: str, form: Mapping[str, Any], language: Language
    ) -> Application:
        """The recipient fills the form; a faulty one changes nothing. Raises ``InvalidInput``, ``ChannelRestricted``,
        ``NotADraft``."""
        application = await self._context.own(iin, application_id)
        application.filled(form, self._context.clock.now())  # no faults of a form nobody may change any more
        regulation, _ = self._context.law_of(application)
        check_form(regulation, application.channel, form, iin, language)
        async with self._context.platform.runtime.work([(APPLICATIONS, application_id)]) as work:
            filled = owned(work.get(APPLICATIONS, application_id), iin).filled(form, work.now)
            work.put(APPLICATIONS, filled)
        return filled

    async def attach(self, iin: str, application_id: str, attachment: Attachment) -> set[str]:
        """A stored file becomes part of the draft; the digests of what was there before. Raises ``NotADraft``, and
        ``Conflict`` if the file was taken away since it was stored."""
        use = use_key(checked_id(application_id), attachment["sha256"])
        async with self._context.platform.runtime.work([(APPLICATIONS, application_id), (FILE_USES, use)]) as work:
            former = owned(work.get(APPLICATIONS, application_id), iin)
            if work.get(FILE_USES, use) is None:
                raise Conflict("the same file was replaced meanwhile: send it again")
            work.put(APPLICATIONS, former.with_attachment(attachment, work.now))
        return files_of(former)

    async def detach(self, iin: str, application_id: str, document: str) -> None:
        """A file is taken out of the draft. Raises ``NotFound``, ``NotADraft``."""
        async with (
            self._context.replacing_files(application_id) as files,
            self._context.platform.runtime.work([(APPLICATIONS, checked_id(application_id))]) as work,
        ):
            application = owned(work.get(APPLICATIONS, application_id), iin)
            if application.attached(document) is None:
                raise NotFound("nothing is attached for this document")
            work.put(APPLICATIONS, application.without_attachment(document, work.now))
            files.released.update(files_of(application))

    async def delete_draft(self, iin: str, application_id: str) -> None:
        """The recipient gives up a draft; its files go. Raises ``NotFound``, ``NotADraft``, ``TooManyAttempts``."""
        counts = [(f"drafts-given-up:{iin}", self._given_up)]
        loaded = [(APPLICATIONS, checked_id(application_id)), *loads(counts)]
        async with self._context.platform.runtime.work(loaded) as work:
            application = owned(work.get(APPLICATIONS, application_id), iin)
            if application.state is not State.DRAFT:
                raise NotADraft(f"the application is {application.state.value}")
            count(work, counts, self._context.clock.elapsed_s, "too many drafts were given up in a day")
        if not await self._forget_draft(application_id):
            raise NotADraft("the application was sent meanwhile")

    async def _forget_draft(self, application_id: str) -> bool:
        async with self._context.platform.database.transaction() as session:
            gone = await queries.delete_draft(session, application_id)
        if gone:
            await self._context.files.end_all([application_id])
            self._context.changes.notify(application_id)
        return gone

    async def forget_abandoned(self) -> None:
        """Drafts that nobody has changed for long go, with their files; and the files of drafts that are gone since
        somebody was about to take them away."""
        before = self._context.clock.now() - timedelta(days=self._context.settings.draft_days)
        async with self._context.platform.database.session() as session:
            abandoned = await queries.abandoned_drafts(session, before, _AT_ONCE)
        for application_id in abandoned:
            await self._forget_draft(application_id)
        async with self._context.platform.database.session() as session:
            gone = await queries.owners_gone(session, _AT_ONCE)
        await self._context.files.end_all(gone)

    async def document(self, iin: str, application_id: str) -> bytes:
        """The bytes to sign, or those that were signed. Raises ``ApplicationIncomplete`` naming all that is missing,
        ``WrongWay`` for an offer."""
        application = await self._context.own(iin, application_id)
        if application.channel == PROACTIVE:
            raise WrongWay("there is nothing to sign: the service is offered", channel=application.channel)
        self.check_complete(application)
        return request_bytes(application)

    def check_complete(self, application: Application) -> None:
        """Raise ``ApplicationIncomplete`` unless process 3 is finished."""
        lacking = missing(application, self._context.law_of(application)[1])
        if lacking:
            raise ApplicationIncomplete("the form or a document is missing", missing=lacking)

    async def find(self, iin: str, application_id: str) -> Application:
        """The recipient's application. Raises ``NotFound``."""
        return await self._context.own(iin, application_id)

    async def matters(
        self, iin: str, *, state: State | None, before: str | None, oldest: str | None, limit: int
    ) -> list[Matter]:
        """The recipient's matters, newest first: older than ``before``, and not older than ``oldest``."""
        async with self._context.platform.database.session() as session:
            return await queries.list_matters(session, iin, state=state, before=before, oldest=oldest, limit=limit)

    async def notices(self, iin: str, *, application: str | None, before: str | None, limit: int) -> list[Notice]:
        """The notices in the recipient's cabinet, newest first."""
        async with self._context.platform.database.session() as session:
            return await queries.list_notices(session, iin, application=application, before=before, limit=limit)

    async def follow_state(
        self, iin: str, application_id: str, *, wait: float, since: State | None, until: str = CHANGE
    ) -> Application:
        """The application; with ``wait`` once its state is not ``since`` (default: the one now), or can be no other, or
        once a notice has asked for something or changed when the result is due; with another ``until`` once that state
        or a later one is reached, or a final one."""
        first = await self._context.own(iin, application_id)
        if wait <= 0:
            return first
        known = since or first.state

        async def read() -> Application:
            return await self._context.own(iin, application_id)

        def done(application: Application) -> bool:
            if until != CHANGE:
                return application.state.terminal or (until != FINAL and application.state.reached(State(until)))
            asked, due_at = len(application.demands), application.due_at
            news = (asked, due_at) != (len(first.demands), first.due_at)
            return application.state is not known or application.state.terminal or news

        if done(first):
            return first
        return await wait_until(read, done, wait, self._context.changes, application_id, share=iin)

    async def timeline(
        self, iin: str, application_id: str, last_event_id: str | None
    ) -> AsyncIterator[StreamEvent] | None:
        """The marks after ``last_event_id`` and each new one until the matter is closed; ``None`` if none can come.

        Raises ``NotFound``, and ``NoRoom`` where too many wait, before anything is streamed.
        """
        application = await self._context.own(iin, application_id)
        if application.state.terminal and not _marks_after(application, last_event_id):
            return None
        self._context.changes.require_room(application_id)
        return self._stream(iin, application_id, last_event_id)

    async def _stream(self, iin: str, application_id: str, last_event_id: str | None) -> AsyncIterator[StreamEvent]:
        async def read() -> Application:
            return await self._context.own(iin, application_id)

        def finished(event: StreamEvent) -> bool:
            return State(event.data["state"]).terminal

        events = follow(read, _marks_after, finished, self._context.changes, application_id, last_event_id, share=iin)
        async with aclosing(events) as source:  # type: ignore[type-var]
            try:
                async for event in source:
                    yield event
            except NotFound:  # the draft was deleted while somebody watched
                return


def _marks_after(application: Application, last_event_id: str | None) -> list[StreamEvent]:
    seen = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdecimal() else 0
    marks = list(enumerate(application.timeline, start=1))[seen:]
    return [StreamEvent(str(number), mark["mark"], dict(mark)) for number, mark in marks]
