"""Attachments of a draft: what may be attached, and the files that were."""

from pathlib import Path

from services.portal.domain.application import Attachment
from services.portal.domain.documents import attachable
from services.portal.repository import queries
from services.portal.service.applications import Applications
from services.portal.service.context import Context
from shared.kit.errors import InvalidInput, LimitReached, NotFound
from shared.web.uploads import Incoming, keep_upload, kept_file


class Attachments:
    """Use cases around the files of a draft."""

    def __init__(self, context: Context, applications: Applications) -> None:
        self._context = context
        self._applications = applications

    async def attach_document(self, iin: str, application_id: str, document: str, incoming: Incoming) -> Attachment:
        """Keep the file and attach it for ``document``.

        Raises ``NotFound``, ``NotADraft``, ``InvalidInput`` (no such document), ``UnsupportedMedia``, ``TooLarge`` as
        soon as the limit is passed, and ``LimitReached`` if the drafts of the recipient hold too much.
        """
        application = await self._context.own(iin, application_id)
        application.without_attachment(document, self._context.clock.now())  # nobody uploads to what is no draft
        if attachable(self._context.law_of(application)[1], document) is None:
            message = "the regulation names no such document to attach"
            raise InvalidInput(message, faults=[{"in": "path", "path": "/document", "message": message}])
        settings = self._context.settings
        room = settings.files_of_one - await self._used(iin, application_id, document)
        if (incoming.declared_size or 1) > room:
            raise _full(settings.files_of_one)
        async with self._context.replacing_files(application_id) as files:
            kept = await keep_upload(self._context.attachments, incoming, settings.attachment_limit, files.note_use)
            attachment = Attachment(
                document=document,
                name=kept.name or document,
                media_type=kept.media_type,
                size=kept.size,
                sha256=kept.sha256,
            )
            # Looked at again: other files came meanwhile.
            if await self._used(iin, application_id, document) + kept.size > settings.files_of_one:
                raise _full(settings.files_of_one)
            files.released.update(await self._applications.attach(iin, application_id, attachment))
        return attachment

    async def _used(self, iin: str, application_id: str, document: str) -> int:
        async with self._context.platform.database.session() as session:
            return await queries.draft_bytes(session, iin, (application_id, document))

    async def own_file(self, iin: str, application_id: str, document: str) -> tuple[Attachment, Path]:
        """What is attached for ``document`` and where the file is. Raises ``NotFound``."""
        application = await self._context.own(iin, application_id)
        attachment = application.attached(document)
        if attachment is None:
            raise NotFound("nothing is attached for this document")
        return attachment, self.file(attachment["sha256"])[1]

    async def detach_document(self, iin: str, application_id: str, document: str) -> None:
        """Take the file for ``document`` out of the draft. Raises ``NotFound``, ``NotADraft``."""
        await self._applications.detach(iin, application_id, document)

    def file(self, sha256: str) -> tuple[str, Path]:
        """Media type and place of a kept file. Knowing the digest is the permission."""
        return kept_file(self._context.attachments, sha256)


def _full(limit: int) -> LimitReached:
    return LimitReached(f"the files in your drafts have at most {limit} bytes together", limit=limit)
