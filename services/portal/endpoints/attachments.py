"""Files of a draft, and the same files for the systems that read the signed request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from services.portal.domain.application import Attachment
from services.portal.endpoints.access import Current
from services.portal.service.attachments import Attachments
from services.portal.service.supplements import Supplements
from shared.web.access import Rule
from shared.web.uploads import FILES, UPLOAD, IncomingFile, file_answer


class AttachmentRead(BaseModel):
    """An attached file."""

    document: str
    name: str
    media_type: str
    size: int
    sha256: str


def attachments_router(
    attachments: Attachments, supplements: Supplements, access: Sequence[Any], readers: Rule, limit: int
) -> APIRouter:
    """``readers`` lets in the systems that read the files; ``limit`` bytes a file."""
    router = APIRouter(tags=["attachments"])
    rules = [Depends(rule) for rule in access]
    path = "/applications/{application_id}/attachments/{document}"

    # The limiter of the framework is the second line; the use case stops at the limit itself.
    @router.put(path, summary="Attach a file", dependencies=rules, openapi_extra=UPLOAD, max_body_size=2 * limit)
    async def attach_document(
        application_id: str,
        document: str,
        incoming: IncomingFile,
        session: Current,
    ) -> AttachmentRead:
        """PDF, PNG or JPEG; 413 over the limit, 415 for other types or content that is not what it says."""
        attached = await attachments.attach_document(session.iin, application_id, document, incoming)
        return AttachmentRead(**attached)

    @router.get(
        path,
        summary="Read an attached file",
        dependencies=rules,
        response_class=FileResponse,
        responses={200: {"content": FILES}},
    )
    async def get_attachment(application_id: str, document: str, session: Current) -> FileResponse:
        """The file as it was attached."""
        return _own_file(*await attachments.own_file(session.iin, application_id, document))

    @router.delete(path, status_code=204, summary="Take a file out of the draft", dependencies=rules)
    async def detach_document(application_id: str, document: str, session: Current) -> Response:
        """Drafts only."""
        await attachments.detach_document(session.iin, application_id, document)
        return Response(status_code=204)

    notice_path = "/notices/{notice_id}/attachment"

    @router.put(
        notice_path,
        summary="Attach what a notice asks for",
        dependencies=rules,
        openapi_extra=UPLOAD,
        max_body_size=2 * limit,
    )
    async def attach_supplement(
        notice_id: str,
        incoming: IncomingFile,
        session: Current,
    ) -> AttachmentRead:
        """As for a draft; 409 if nothing is waited for, or not any more."""
        return AttachmentRead(**await supplements.attach(session.iin, notice_id, incoming))

    @router.get(
        notice_path,
        summary="Read what is attached for a notice",
        dependencies=rules,
        response_class=FileResponse,
        responses={200: {"content": FILES}},
    )
    async def get_supplement(notice_id: str, session: Current) -> FileResponse:
        """The file as it was attached."""
        return _own_file(*await supplements.own_file(session.iin, notice_id))

    @router.get(
        "/attachments/{sha256}",
        summary="A file by its digest, for systems that hold the signed request",
        dependencies=[Depends(readers)],
        response_class=FileResponse,
        responses={200: {"content": FILES}},
    )
    async def get_content(sha256: str) -> FileResponse:
        """Whoever knows the digest holds the request that names it; the content under a digest never changes."""
        media_type, place = attachments.file(sha256)
        return file_answer(place, media_type, sha256, None, "private, max-age=31536000, immutable")

    return router


def _own_file(attachment: Attachment, place: Path) -> FileResponse:
    return file_answer(place, attachment["media_type"], attachment["sha256"], attachment["name"], "private, no-cache")
