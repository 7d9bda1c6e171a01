"""The short form: accept the package, hand it to the provider, collect the result; and the couriers of the branches."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Response

from services.csc.endpoints.access import AskedLanguage, CurrentOperator, MatterId
from services.csc.schemas.matters import MatterRead, SubmissionCreate
from services.csc.service.matters import Matters
from services.csc.service.results import Results
from services.csc.service.submission import Submission


def short_form_router(submission: Submission, results: Results, matters: Matters, access: Sequence[Any]) -> APIRouter:
    """Each step of the operator. 409 where the regulation has no such step at a centre."""
    router = APIRouter(
        prefix="/matters/{matter_id}", tags=["short form"], dependencies=[Depends(rule) for rule in access]
    )

    @router.post("/accept", summary="Accept the complete package against the receipt")
    async def accept_package(
        matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage, body: SubmissionCreate | None = None
    ) -> MatterRead:
        """The operator certifies the package. 409 names what is missing: then acceptance may be refused."""
        accepted = await submission.accept(operator, matter_id, body.signature if body else None)
        return MatterRead.of(await matters.view(accepted), language)

    @router.post("/hand-over", status_code=202, summary="Hand the accepted package to the provider")
    async def hand_over(
        matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage, response: Response
    ) -> MatterRead:
        """It leaves through the gateway. Where couriers bring the papers, the courier has it first."""
        handed = await submission.hand_over(operator, matter_id)
        response.headers["Location"] = f"/matters/{handed.id}"
        return MatterRead.of(await matters.view(handed), language)

    @router.post("/courier-delivery", status_code=202, summary="The courier has brought the package to the provider")
    async def note_delivery(matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage) -> MatterRead:
        """Only while the package is with a courier."""
        return MatterRead.of(await matters.view(await submission.courier_delivered(operator, matter_id)), language)

    @router.post("/collect", summary="Receive the result from the provider")
    async def collect_result(matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage) -> MatterRead:
        """Once the provider has answered. Where couriers bring the papers, the courier has it first."""
        return MatterRead.of(await matters.view(await results.collect(operator, matter_id)), language)

    @router.post("/courier-arrival", summary="The courier has brought the result to the branch")
    async def note_arrival(matter_id: MatterId, operator: CurrentOperator, language: AskedLanguage) -> MatterRead:
        """Only while the result is with a courier."""
        return MatterRead.of(await matters.view(await results.courier_arrived(operator, matter_id)), language)

    return router
