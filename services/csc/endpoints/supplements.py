"""What a notice of the provider asks the visitor for, and brings afterwards."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from services.csc.endpoints.access import AskedLanguage, CurrentOperator, MatterId, Text200
from services.csc.schemas.matters import MatterRead
from services.csc.service.matters import Matters
from services.csc.service.supplements import Supplements
from shared.web.uploads import UPLOAD, IncomingFile

NoticeId = Annotated[str, Path(pattern=Text200)]


def supplements_router(supplements: Supplements, matters: Matters, access: Sequence[Any], limit: int) -> APIRouter:
    """Of the operator's own centre; ``limit`` bytes a scan."""
    router = APIRouter(
        prefix="/matters/{matter_id}/notices/{notice}",
        tags=["supplements"],
        dependencies=[Depends(rule) for rule in access],
    )

    # The limiter of the framework is the second line; the use case stops at the limit itself.
    @router.put("/scan", summary="Attach the scan of what is asked for", openapi_extra=UPLOAD, max_body_size=2 * limit)
    async def scan_supplement(
        matter_id: MatterId,
        notice: NoticeId,
        incoming: IncomingFile,
        operator: CurrentOperator,
        language: AskedLanguage,
    ) -> MatterRead:
        """PDF, PNG or JPEG. 409 if the notice asks for nothing, it was supplied, or the time for it is over."""
        return MatterRead.of(
            await matters.view(await supplements.scan(operator, matter_id, notice, incoming)), language
        )

    @router.post("/supplement", status_code=202, summary="Certify and send it")
    async def send_supplement(
        matter_id: MatterId, notice: NoticeId, operator: CurrentOperator, language: AskedLanguage
    ) -> MatterRead:
        """To the provider, bound to the request. 202 also when it was sent before."""
        return MatterRead.of(await matters.view(await supplements.send(operator, matter_id, notice)), language)

    return router
