"""The personal cabinet: notices and results."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse

from services.portal.endpoints.access import AskedLanguage, Current
from services.portal.schemas.applications import ApplicationRead, SubmissionCreate
from services.portal.schemas.cabinet import NoticeRead, QueuePlaceRead, ResultRead, signature_bytes
from services.portal.service.applications import Applications
from services.portal.service.queue_places import QueuePlaces
from services.portal.service.results import PrintLanguage, Results
from services.portal.service.supplements import Supplements
from shared.web.paging import Pages

_ID = r"^[0-9a-f-]+$"


def _content(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def cabinet_router(
    applications: Applications,
    results: Results,
    supplements: Supplements,
    places: QueuePlaces,
    access: Sequence[Any],
) -> APIRouter:
    """Only the caller's own."""
    router = APIRouter(tags=["cabinet"], dependencies=[Depends(rule) for rule in access])
    base = "/applications/{application_id}/result"

    @router.get("/notices", summary="My notices")
    async def list_notices(
        session: Current,
        language: AskedLanguage,
        pages: Pages,
        application: Annotated[str | None, Query(max_length=36, pattern=_ID)] = None,
        before: Annotated[str | None, Query(max_length=36, pattern=_ID, description="Last id seen")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[NoticeRead]:
        """Newest first."""
        found = await applications.notices(session.iin, application=application, before=before, limit=limit + 1)
        return [NoticeRead.of(notice, language) for notice in pages.page(found, limit, before=lambda n: n.id)]

    @router.get(
        "/notices/{notice_id}/document",
        summary="What a notice asks for: the bytes to sign",
        response_class=Response,
        responses=_content("application/json"),
    )
    async def get_supplement_document(notice_id: str, session: Current) -> Response:
        """Canonical JSON (RFC 8785). 409 while the document is not attached, or once nothing is waited for."""
        return Response(await supplements.document(session.iin, notice_id), media_type="application/json")

    @router.get(
        "/notices/{notice_id}/printable",
        summary="The printable form of what came with a notice, such as a voucher",
        response_class=FileResponse,
        responses=_content("application/pdf"),
    )
    async def get_printable_notice(notice_id: str, session: Current, lang: PrintLanguage = "kk") -> FileResponse:
        """Signed by the provider (PAdES) and verified here; 503 while the provider is silent or does not print it."""
        place = await results.printable_notice(session.iin, notice_id, lang)
        return FileResponse(place, media_type="application/pdf", filename=f"notice-{notice_id}-{lang}.pdf")

    @router.post("/notices/{notice_id}/submit", status_code=202, summary="Supply what a notice asks for")
    async def submit_supplement(
        notice_id: str, body: SubmissionCreate, session: Current, response: Response
    ) -> ApplicationRead:
        """202 also when it was supplied before. 403: the certificate did not pass; 422: the signature is not over these
        bytes; 409 once nothing is waited for. Nothing was sent then."""
        sent = await supplements.submit(session.iin, notice_id, signature=body.signature, certificate=body.certificate)
        response.headers["Location"] = f"/applications/{sent.id}"
        return ApplicationRead.of(sent)

    @router.get("/applications/{application_id}/queue-place", summary="My place on the queue now")
    async def get_queue_place(application_id: str, session: Current) -> QueuePlaceRead:
        """404 for what stands on no queue; 503 while the regional gateway is silent."""
        return QueuePlaceRead.model_validate(await places.place(session.iin, application_id))

    @router.get(base, summary="The result or the reasoned refusal, with its signature")
    async def get_result(application_id: str, session: Current) -> ResultRead:
        """404 while there is none; 409 with the reason if none will come, as the application was refused or rejected on
        the way."""
        return ResultRead.of(await results.act(session.iin, application_id))

    @router.get(
        f"{base}/document", summary="The signed bytes", response_class=Response, responses=_content("application/json")
    )
    async def get_result_document(application_id: str, session: Current) -> Response:
        """Exactly the bytes the provider's authorised person signed."""
        act = await results.act(session.iin, application_id)
        return Response(act.content.encode(), media_type="application/json", headers={"ETag": f'"{act.sha256}"'})

    @router.get(
        f"{base}/signature.p7s",
        summary="The signature",
        response_class=Response,
        responses=_content("application/pkcs7-signature"),
    )
    async def get_result_signature(application_id: str, session: Current) -> Response:
        """Detached CMS in DER, e.g. for ``openssl cms -verify``."""
        act = await results.act(session.iin, application_id)
        return Response(signature_bytes(act), media_type="application/pkcs7-signature")

    @router.get(
        f"{base}.pdf",
        summary="The printable form",
        response_class=FileResponse,
        responses=_content("application/pdf"),
    )
    async def get_printable(application_id: str, session: Current, lang: PrintLanguage = "kk") -> FileResponse:
        """Signed by the provider (PAdES) and verified here; 503 while the provider is silent."""
        place = await results.printable(session.iin, application_id, lang)
        return FileResponse(place, media_type="application/pdf", filename=f"result-{application_id}-{lang}.pdf")

    return router
