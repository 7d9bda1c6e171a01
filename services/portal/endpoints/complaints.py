"""A recipient's complaints: written, signed, sent, followed."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from services.portal.endpoints.access import Current
from services.portal.schemas.complaints import (
    ComplaintDraft,
    ComplaintLevelRead,
    ComplaintSubmission,
    SentComplaintRead,
)
from services.portal.service.complaints import RecipientComplaints
from shared.kit.ids import sha256_hex
from shared.kit.text import NO_NUL
from shared.web.access import PUBLIC
from shared.web.openapi import then
from shared.web.paging import Pages

_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {}}}}
ComplaintDigest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def complaints_router(complaints: RecipientComplaints, access: Sequence[Any]) -> APIRouter:
    """Whoever is signed in sees what is theirs; what may be complained of is open to everybody."""
    rules = [Depends(rule) for rule in access]
    router = APIRouter(prefix="/complaints", tags=["complaints"])

    @router.get("/levels", summary="What may be complained of, to whom", dependencies=[PUBLIC])
    async def list_levels(service: Annotated[str, Query(max_length=120, pattern=NO_NUL)]) -> list[ComplaintLevelRead]:
        """With ways, hours and addresses; 409 where the text says nothing of complaints."""
        return ComplaintLevelRead.all_of(complaints.levels(service))

    @router.post(
        "/document",
        summary="The bytes to sign",
        response_class=Response,
        responses=_BYTES,
        dependencies=rules,
    )
    async def get_complaint_document(body: ComplaintDraft, session: Current) -> Response:
        """Canonical JSON (RFC 8785), the same bytes for the same complaint. Nothing is kept."""
        content = await complaints.document(session.iin, body.drafted())
        return Response(content, media_type="application/json", headers={"ETag": f'"{sha256_hex(content)}"'})

    @router.post(
        "",
        status_code=202,
        summary="Submit the signed complaint",
        dependencies=rules,
        openapi_extra=then("get_complaint"),
    )
    async def submit_complaint(body: ComplaintSubmission, session: Current, response: Response) -> SentComplaintRead:
        """202 also when the same was submitted before. 422: the signature is not over these bytes. 409, 429: there are
        as many as one person may have."""
        sent = await complaints.submit(
            session.iin, body.drafted(), signature=body.signature, certificate=body.certificate
        )
        response.headers["Location"] = f"/complaints/{sent.id}"
        return SentComplaintRead.of(sent)

    @router.get("", summary="My complaints", dependencies=rules)
    async def list_complaints(
        session: Current,
        pages: Pages,
        before: Annotated[str | None, Query(max_length=200, pattern=NO_NUL, description="Where to go on")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[SentComplaintRead]:
        """Newest first."""
        found = await complaints.listed(session.iin, before=before, limit=limit + 1)
        return [SentComplaintRead.of(one) for one in pages.page(found, limit, before=lambda one: one.position)]

    @router.get("/{complaint_id}", summary="One complaint, and what becomes of it", dependencies=rules)
    async def get_complaint(complaint_id: ComplaintDigest, session: Current) -> SentComplaintRead:
        """Delivered, registered, in consideration; considered, or refused consideration, with the answer."""
        return SentComplaintRead.of(await complaints.find(session.iin, complaint_id))

    return router
