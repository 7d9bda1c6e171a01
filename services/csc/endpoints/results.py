"""The result at the centre, handed out to the visitor."""

import base64
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse

from services.csc.endpoints.access import AskedLanguage, CurrentOperator, MatterId
from services.csc.schemas.matters import HandOutCreate, MatterRead, ResultRead
from services.csc.service.matters import Matters
from services.csc.service.results import Results
from shared.messaging.printables import PrintLanguage


def _content(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def results_router(results: Results, matters: Matters, access: Sequence[Any]) -> APIRouter:
    """Of the operator's own centre."""
    router = APIRouter(prefix="/matters/{matter_id}", tags=["results"], dependencies=[Depends(rule) for rule in access])

    @router.get("/result", summary="The result or the reasoned refusal, with its signature")
    async def get_result(matter_id: MatterId, operator: CurrentOperator) -> ResultRead:
        """404 while there is none; 409 with the reason if none will come, as the package was refused on the way."""
        return ResultRead.of(await results.act(operator, matter_id))

    @router.get(
        "/result/document", summary="The signed bytes", response_class=Response, responses=_content("application/json")
    )
    async def get_result_document(matter_id: MatterId, operator: CurrentOperator) -> Response:
        """Exactly the bytes the provider's authorised person signed."""
        act = await results.act(operator, matter_id)
        return Response(act.content.encode(), media_type="application/json", headers={"ETag": f'"{act.sha256}"'})

    @router.get(
        "/result/signature.p7s",
        summary="The signature",
        response_class=Response,
        responses=_content("application/pkcs7-signature"),
    )
    async def get_result_signature(matter_id: MatterId, operator: CurrentOperator) -> Response:
        """Detached CMS in DER, e.g. for ``openssl cms -verify``."""
        act = await results.act(operator, matter_id)
        return Response(base64.b64decode(act.signature), media_type="application/pkcs7-signature")

    @router.get(
        "/result.pdf", summary="The printable form", response_class=FileResponse, responses=_content("application/pdf")
    )
    async def get_printable(matter_id: MatterId, operator: CurrentOperator, lang: PrintLanguage = "kk") -> FileResponse:
        """Signed by the provider (PAdES) and verified here; 503 while the provider is silent."""
        place = await results.printed(operator, matter_id, lang)
        return FileResponse(place, media_type="application/pdf", filename=f"result-{matter_id}-{lang}.pdf")

    @router.post("/hand-out", summary="Hand the result out (process 9)")
    async def hand_out(
        matter_id: MatterId, body: HandOutCreate, operator: CurrentOperator, language: AskedLanguage
    ) -> MatterRead:
        """To the applicant, or to the representative if the power of attorney covers it; with time, operator and
        identity document. A refusal is handed out in the same way."""
        given = await results.hand_out(operator, matter_id, body.who, body.identity_document, body.visit)
        return MatterRead.of(await matters.view(given), language)

    return router
