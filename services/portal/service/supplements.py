"""What the recipient supplies after the request because a notice asks for it, such as the proof that a fee is paid."""

from pathlib import Path

from services.portal.domain.application import Application, Attachment, Demand
from services.portal.domain.documents import supplement_document
from services.portal.domain.notices import Notice
from services.portal.errors import ApplicationIncomplete, SupplementClosed
from services.portal.repository import APPLICATIONS, FILE_USES, queries
from services.portal.service.context import Context, checked_id, owned
from services.portal.service.sending import put_supplement, references
from services.portal.service.signatures import Certified, Signatures, read_signed
from shared.crypto.canonical import canonical_json
from shared.db.kept_files import use_key
from shared.kit.errors import Conflict, NotFound
from shared.messaging.work import Work
from shared.web.uploads import Incoming, keep_upload, kept_file


class Supplements:
    """Use cases around what a notice asks for. Whoever is not its addressee gets ``NotFound``."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._signatures = Signatures(context)

    async def attach(self, iin: str, notice_id: str, incoming: Incoming) -> Attachment:
        """Keep the file that the notice asks for, in place of an earlier one. Raises ``SupplementClosed``,
        ``UnsupportedMedia``, ``TooLarge``."""
        notice, application = await self._found(iin, notice_id)
        demand = application.open_demand(notice.id)  # nobody uploads what nobody waits for
        limit = self._context.settings.attachment_limit
        async with self._context.replacing_files(application.id) as files:
            kept = await keep_upload(self._context.attachments, incoming, limit, files.note_use)
            attachment = Attachment(
                document=demand["expects"],
                name=kept.name or demand["expects"],
                media_type=kept.media_type,
                size=kept.size,
                sha256=kept.sha256,
            )
            use = use_key(application.id, kept.sha256)
            async with self._context.platform.runtime.work([(APPLICATIONS, application.id), (FILE_USES, use)]) as work:
                current = owned(work.get(APPLICATIONS, application.id), iin)
                if work.get(FILE_USES, use) is None:
                    raise Conflict("the same file was replaced meanwhile: send it again")
                former = current.open_demand(notice.id)
                work.put(APPLICATIONS, current.with_supplement(notice.id, attachment, work.now))
            # What was signed and sent before stays, also if it was not taken.
            if former["attachment"] is not None and former["message_id"] is None:
                files.released.add(former["attachment"]["sha256"])
        return attachment

    async def own_file(self, iin: str, notice_id: str) -> tuple[Attachment, Path]:
        """What is attached for the notice, and where the file is. Raises ``NotFound``."""
        notice, application = await self._found(iin, notice_id)
        demand = application.demand(notice.id)
        if demand is None or demand["attachment"] is None:
            raise NotFound("nothing is attached for this notice")
        attachment = demand["attachment"]
        return attachment, kept_file(self._context.attachments, attachment["sha256"])[1]

    async def document(self, iin: str, notice_id: str) -> bytes:
        """The bytes to sign. Raises ``SupplementClosed``, and ``ApplicationIncomplete`` without the file."""
        notice, application = await self._found(iin, notice_id)
        return self._bytes(application, notice, application.open_demand(notice.id))

    async def submit(self, iin: str, notice_id: str, *, signature: str, certificate: str | None) -> Application:
        """The recipient certifies what is supplied and it is sent; asked again, the answer is the same.

        Raises ``SupplementClosed``, ``ApplicationIncomplete``; ``InvalidInput`` for what is no signature;
        ``SignatureMismatch``, ``SignatureNotConfirmed``, ``Unavailable``: nothing was sent then.
        """
        notice, application = await self._found(iin, notice_id)
        demand = application.demand(notice.id)
        if demand is not None and demand["answered_at"] is not None:
            return application
        demand = application.open_demand(notice.id)
        signed = read_signed(self._bytes(application, notice, demand), signature, certificate)
        certified = await self._signatures.certified(signed, iin)
        async with self._context.platform.runtime.work([(APPLICATIONS, application.id)]) as work:
            current = owned(work.get(APPLICATIONS, application.id), iin)
            now = current.demand(notice.id)
            if now is not None and now["answered_at"] is not None:
                return current
            if now != demand:
                raise Conflict("another file was attached while it was being submitted")
            return self._send(work, current, notice, certified)

    def _send(self, work: Work, application: Application, notice: Notice, certified: Certified) -> Application:
        demand = application.open_demand(notice.id)
        attachments = [demand["attachment"]] if demand["attachment"] else []
        message = put_supplement(work, application, notice.id, certified, references(attachments))
        sent = application.supplied(notice.id, (message.id, work.effects.sendings[-1].digest), work.now)
        work.put(APPLICATIONS, sent)
        work.touch(application.id)
        return sent

    def _bytes(self, application: Application, notice: Notice, demand: Demand) -> bytes:
        if demand["attachment"] is None:
            lacking = {"kind": "document", "document": demand["expects"]}
            raise ApplicationIncomplete("the document that the notice asks for is not attached", missing=[lacking])
        return canonical_json(supplement_document(application, notice, demand))

    async def _found(self, iin: str, notice_id: str) -> tuple[Notice, Application]:
        async with self._context.platform.database.session() as session:
            notice = await queries.find_notice(session, checked_id(notice_id, "notice"))
            if notice is None or notice.iin != iin:
                raise NotFound("there is no such notice")
            application = await queries.find_application(session, notice.application)
        if application is None:
            raise SupplementClosed("the application is gone")
        return notice, application
