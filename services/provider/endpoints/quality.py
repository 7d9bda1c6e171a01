"""HTTP of officers: the quality of a service."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.provider.endpoints.access import signed_in
from services.provider.service.officers import Officer, Officers
from services.provider.service.quality import Indicator, Quality
from shared.kit.text import Text


class IndicatorRead(BaseModel):
    """A row of the table; norm and target are approved by order every year."""

    code: str
    name: Text
    norm: float | None = None
    target: float | None = None
    value: float | None
    counted: int
    of: int

    @classmethod
    def of_indicator(cls, indicator: Indicator) -> Self:
        """With what was measured."""
        return cls(
            code=indicator.code,
            name=indicator.name,
            value=indicator.value,
            counted=indicator.counted,
            of=indicator.of,
        )


def quality_router(quality: Quality, officers: Officers) -> APIRouter:
    """The table of annex 7."""
    router = APIRouter(tags=["quality"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.get("/quality", summary="Quality and efficiency of a service")
    async def get_quality(
        officer: CurrentOfficer,
        regulation: Annotated[str, Query(max_length=120)],
        year: Annotated[int, Query(ge=2000, le=9998)],
    ) -> list[IndicatorRead]:
        """Of the officer's organisation in one year, measured from what is journaled."""
        return [IndicatorRead.of_indicator(row) for row in await quality.table(officer, regulation, year)]

    return router
