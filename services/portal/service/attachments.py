"""Attachments: size, type and content are checked while they come in; what is kept is named by its digest."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

from services.portal.domain.application import Attachment
from services.portal.domain.documents import attachable
from services.portal.repository.content import Upload
from services.portal.service.applications import Applications
from services.portal.service.context import Context
from shared.kit.errors import InvalidInput, NotFound, TooLarge, UnsupportedMedia

SIGNATURES: dict[str, bytes] = {
    "application/pdf": b"%PDF-",  # ISO 32000-2 §7.5.2
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",  # PNG, third edition, §5.2 and §11.2.1
    "image/jpeg": b"\xff\xd8\xff",  # ISO/IEC 10918-1 annex B: start of image, then a marker
}
"""The media types that are taken, and how such a file begins."""
_UNFIT = re.compile(r"[\x00-\x1f\x7f\u2028\u2029/\\]")


class Attachments:
    """Use cases around the files of a draft."""

    def __init__(self, context: Context, applications: Applications) -> None:
        self._context = context
        self._applications = applications

    async def attach_document(
        self,
        iin: str,
        application_id: str,
        document: str,
        *,
        name: str,
        media_type: str,
        declared_size: int | None,
        chunks: AsyncIterator[bytes],
    ) -> Attachment:
        """Keep the file and attach it for ``document``.

        Raises ``NotFound``, ``NotADraft``, ``InvalidInput`` (no such document), ``UnsupportedMedia``, and ``TooLarge``
        as soon as the limit is passed.
        """
        application = await self._context.own(iin, application_id)
        application.without_attachment(document, self._context.clock.now())  # nobody uploads to what is no draft
        if attachable(self._context.law_of(application)[1], document) is None:
            message = "the regulation names no such document to attach"
            raise InvalidInput(message, faults=[{"in": "path", "path": "/document", "message": message}])
        if media_type not in SIGNATURES:
            raise UnsupportedMedia("only PDF, PNG and JPEG files are taken", accepted=sorted(SIGNATURES))
        self._check_size(declared_size or 0)
        upload = self._context.attachments.begin()
        try:
            async for chunk in chunks:
                self._check_size(upload.size + len(chunk))
                upload.write(chunk)
            _check_content(upload, media_type)
            sha256 = await asyncio.to_thread(upload.keep)
        finally:
            upload.discard()
        attachment = Attachment(
            document=document, name=_clean(name) or document, media_type=media_type, size=upload.size, sha256=sha256
        )
        await self._applications.attach(iin, application_id, attachment)
        return attachment

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
        path = self._context.attachments.path(sha256)
        if path is None:
            raise NotFound("no such attachment")
        with path.open("rb") as file:
            head = file.read(64)
        media_type = next((kind for kind, start in SIGNATURES.items() if head.startswith(start)), None)
        return media_type or "application/octet-stream", path

    def _check_size(self, size: int) -> None:
        limit = self._context.settings.attachment_limit
        if size > limit:
            raise TooLarge(f"an attachment has at most {limit} bytes", limit=limit)


def _check_content(upload: Upload, media_type: str) -> None:
    if not upload.head.startswith(SIGNATURES[media_type]):
        raise UnsupportedMedia(f"the content is not {media_type}", declared=media_type)


def _clean(name: str) -> str:
    """A file name fit to be shown, signed and sent back in a header: no folders, no control characters."""
    whole = name.encode("utf-8", "replace").decode()
    return _UNFIT.sub("_", whole).strip(" .")[:150]
