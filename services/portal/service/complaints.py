"""A recipient complains electronically, signs it, and follows in the cabinet what becomes of it (004, 21–26)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from services.portal.domain.complaints import SentComplaint, complaint_document
from services.portal.repository import APPLICATIONS
from services.portal.repository.complaints import COMPLAINTS, count_about, count_open, list_complaints
from services.portal.service.context import Context
from services.portal.service.counts import count, loads
from services.portal.service.signatures import Certified, Signatures, read_signed
from shared.crypto.canonical import canonical_json
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput, LimitReached, NotFound, RejectedMessage
from shared.kit.ids import sha256_hex
from shared.kit.lockout import Lockout
from shared.messages.complaints import ComplaintSubmitted, ComplaintUpdated
from shared.messages.control import MessageRejected
from shared.messages.types import MessageType
from shared.messaging.complaints import stated_complaints, stated_level
from shared.messaging.records import Received
from shared.messaging.requests import require_request
from shared.messaging.work import Work
from shared.regulations.complaints import AddresseeKind, Complaints, Way
from shared.regulations.errors import ComplaintNotProvided
from shared.regulations.hearing import ENDS

_NAMED = frozenset({AddresseeKind.AUTHORISED_BODY, AddresseeKind.CENTRE})
"""Of these there are many: the complainant says which."""
SUBMITTED, ANSWERED = "complaint_submitted", "complaint_answered"
"""The marks in the journal of the application that is complained about."""


@dataclass(frozen=True)
class Drafted:
    """A complaint as the complainant has written it."""

    service: str
    level: str
    addressee: AddresseeKind
    organisation: str | None
    application: str | None
    content: Mapping[str, Any]


class RecipientComplaints:
    """Use cases of the complainant, and of what the addressee tells."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._signatures = Signatures(context)
        self._in_a_day = Lockout(context.settings.complaints_a_day, timedelta(days=1))

    def levels(self, service: str) -> Complaints:
        """What the text of a service has on complaints. Raises ``NotFound``, ``ComplaintNotProvided``."""
        return stated_complaints(self._context.regulations, service)

    async def document(self, iin: str, drafted: Drafted) -> bytes:
        """The bytes to sign, the same for the same complaint. Raises ``NotFound``, ``ComplaintNotProvided``,
        ``InvalidInput``."""
        level = stated_level(self.levels(drafted.service), drafted.service, drafted.level, Way.PORTAL)
        if drafted.addressee not in level.addressees:
            at = [{"addressee": kind.value} for kind in level.addressees]
            raise ComplaintNotProvided("such a complaint is not made to this addressee", addressees=at)
        if drafted.addressee in _NAMED and drafted.organisation is None:
            message = "say whose head: the addressee's system lists them at /complaints/addressees"
            raise InvalidInput(faults=[{"in": "body", "path": "/organisation", "message": message}])
        if drafted.application is not None:
            application = await self._context.own(iin, drafted.application)
            if application.service != drafted.service:
                message = "this application is for another service"
                raise InvalidInput(faults=[{"in": "body", "path": "/application", "message": message}])
        return canonical_json(
            complaint_document(
                iin,
                drafted.service,
                drafted.level,
                drafted.addressee.value,
                drafted.organisation,
                drafted.application,
                drafted.content,
            )
        )

    async def submit(self, iin: str, drafted: Drafted, *, signature: str, certificate: str | None) -> SentComplaint:
        """The complainant signs and it is sent, once: the same complaint again is the one that was sent.

        Raises as ``document`` does; ``SignatureMismatch``, ``SignatureNotConfirmed``, ``Unavailable``;
        ``LimitReached``, ``TooManyAttempts`` for more complaints than one person may have.
        """
        content = await self.document(iin, drafted)
        known = sha256_hex(content)
        async with self._context.platform.database.session() as session:
            found = await COMPLAINTS.find(session, known)
        if found is not None:
            return found
        await self._require_room(iin, drafted.application)
        certified = await self._signatures.certified(read_signed(content, signature, certificate), iin)
        counts = [(f"complaints:{iin}", self._in_a_day)]
        applications: list[StateKey] = [(APPLICATIONS, drafted.application)] if drafted.application else []
        async with self._context.platform.runtime.work([*loads(counts), *applications, (COMPLAINTS, known)]) as work:
            sent = work.get(COMPLAINTS, known)
            if sent is not None:
                return sent
            count(work, counts, self._context.clock.elapsed_s, "too many complaints in a day")
            return self._send(work, iin, known, drafted, certified)

    async def listed(self, iin: str, *, before: str | None, limit: int) -> list[SentComplaint]:
        """The complaints of a person, newest first."""
        async with self._context.platform.database.session() as session:
            return await list_complaints(session, iin, before=before, limit=limit)

    async def find(self, iin: str, complaint_id: str) -> SentComplaint:
        """One complaint of theirs. Raises ``NotFound``, also for somebody else's."""
        async with self._context.platform.database.session() as session:
            found = await COMPLAINTS.find(session, complaint_id)
        if found is None or found.iin != iin:
            raise NotFound("there is no such complaint")
        return found

    # -- what its addressee tells ----------------------------------------------------------------------------

    def loads(self, received: Received) -> list[StateKey]:
        """The complaint the message is about."""
        return [(COMPLAINTS, received.message.subject)]

    def accept_update(self, work: Work, received: Received) -> None:
        """The cabinet shows where the complaint stands. Raises ``RejectedMessage`` (``unknown-complaint``,
        ``request-digest``)."""
        before = work.get(COMPLAINTS, received.message.subject)
        if before is None or AddresseeKind(before.addressee).system is not received.message.source:
            raise RejectedMessage("unknown-complaint", "no such complaint was sent there")
        require_request(received, before.message_digest)
        after = before.told(cast("ComplaintUpdated", received.payload), work.now)
        if after is before:
            return
        work.put(COMPLAINTS, after)
        work.touch(after.id)
        application = work.get(APPLICATIONS, after.application) if after.application and after.state in ENDS else None
        if application is not None:
            detail, variant = f"{after.level}: {after.state}", application.variant
            work.journal(
                application.id,
                application.service,
                application.channel,
                ANSWERED,
                detail=detail,
                mark=True,
                variant=variant,
            )

    def note_rejection(self, work: Work, received: Received) -> bool:
        """A system does not take a complaint: technical, no refusal. Whether it was one."""
        before = work.get(COMPLAINTS, received.message.subject)
        if before is None:
            return False
        rejection = cast("MessageRejected", received.payload)
        trouble = f"{received.message.source}: {rejection.reason}"
        after = before.rejected(rejection.message_id, rejection.digest, trouble, work.now)
        if after is not before:
            work.put(COMPLAINTS, after)
            work.touch(after.id)
        return True

    async def _require_room(self, iin: str, application: str | None) -> None:
        settings = self._context.settings
        async with self._context.platform.database.session() as session:
            if await count_open(session, iin) >= settings.complaints_of_one:
                limit = settings.complaints_of_one
                raise LimitReached("wait for the answer to one of your complaints", limit=limit)
            if application and await count_about(session, iin, application) >= settings.complaints_about_one:
                limit = settings.complaints_about_one
                raise LimitReached("you have complained about this application as often as may be", limit=limit)

    def _send(self, work: Work, iin: str, known: str, drafted: Drafted, certified: Certified) -> SentComplaint:
        document = certified.document
        message = work.send(
            MessageType.COMPLAINT_SUBMITTED,
            drafted.addressee.system,
            known,
            ComplaintSubmitted(document=document),
            regulation=drafted.service,
        )
        sent = SentComplaint(
            id=known,
            position=work.new_id(),
            iin=iin,
            service=drafted.service,
            level=drafted.level,
            addressee=drafted.addressee.value,
            organisation=drafted.organisation,
            application=drafted.application,
            document=document.content,
            signature=document.signature,
            message_id=message.id,
            message_digest=work.effects.sendings[-1].digest,
            submitted_at=work.now,
            timeline=[{"state": "sent", "organisation": drafted.organisation, "at": rfc3339(work.now)}],
        )
        work.put(COMPLAINTS, sent)
        application = work.get(APPLICATIONS, drafted.application) if drafted.application else None
        if application is not None:
            name, variant = application.channel, application.variant
            work.journal(
                application.id, application.service, name, SUBMITTED, detail=sent.level, mark=True, variant=variant
            )
        return sent
