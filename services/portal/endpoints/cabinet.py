"""The personal cabinet: notices and results."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse

from services.portal.endpoints.access import AskedLanguage, Current
from services.portal.schemas import NoticeRead, ResultRead, signature_bytes
from services.portal.service.applications import Applications
from services.portal.service.results import PrintLanguage, Results

_ID = r"^[0-9a-f-]+$"


def _content(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def cabinet_router(applications: Applications, results: Results, access: Sequence[Any]) -> APIRouter:
    """Only the caller's own."""
    router = APIRouter(tags=["cabinet"], dependencies=[Depends(rule) for rule in access])
    base = "/applications/{application_id}/result"

    @router.get("/notices", summary="My notices")
    async def list_notices(
        session: Current,
        language: AskedLanguage,
        application: Annotated[str | None, Query(max_length=36, pattern=_ID)] = None,
        before: Annotated[str | None, Query(max_length=36, pattern=_ID, description="Last id seen")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[NoticeRead]:
        """Newest first."""
        found = await applications.notices(session.iin, application=application, before=before, limit=limit)
        return [NoticeRead.of(notice, language) for notice in found]

    @router.get(base, summary="The result or the reasoned refusal, with its signature")
    async def get_result(application_id: str, session: Current) -> ResultRead:
        """404 while there is none."""
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
