"""HTTP of officers: the quality of a service, and the norms it is held to."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.provider.domain.quality import QualityNorm
from services.provider.endpoints.access import signed_in
from services.provider.service.norms import Approved, Norms
from services.provider.service.officers import Officer, Officers
from services.provider.service.quality import Indicator, Quality
from shared.kit.text import NO_NUL, Text

_PerCent = Annotated[float, Field(ge=0, le=100)]
AskedRegulation = Annotated[str, Query(max_length=120, pattern=NO_NUL)]
AskedYear = Annotated[int, Query(ge=2000, le=9998)]
IndicatorCode = Literal["timeliness", "tasks_in_time", "granted", "electronic", "complaints", "justified_complaints"]


class NormUpdate(BaseModel):
    """What the order approves for an indicator: the norm of the year and the target of the next one, in per cent; the
    number and the day of the order."""

    model_config = ConfigDict(extra="forbid")

    norm: _PerCent | None
    target: _PerCent | None
    order_number: str = Field(min_length=1, max_length=100, pattern=NO_NUL)
    order_date: date

    def approved(self) -> Approved:
        """For the register of norms."""
        return Approved(self.norm, self.target, self.order_number, self.order_date)


class NormRead(BaseModel):
    """A norm as it is kept, and who entered it."""

    indicator: str
    regulation: str
    year: int
    norm: float | None
    target: float | None
    order_number: str
    order_date: date
    entered_by: str

    @classmethod
    def of(cls, norm: QualityNorm) -> Self:
        """As it is kept."""
        return cls(**{name: getattr(norm, name) for name in cls.model_fields})


class IndicatorRead(BaseModel):
    """A row of the table of annex 7, in per cent: norm and target are approved by order every year, the value was
    measured. ``target``: of the next year; ``order_number`` and ``order_date``: of the order."""

    code: str
    name: Text
    norm: float | None
    target: float | None
    order_number: str | None
    order_date: date | None
    value: float | None
    counted: int
    of: int

    @classmethod
    def of_indicator(cls, indicator: Indicator, norm: QualityNorm | None) -> Self:
        """What was measured, beside what is approved."""
        return cls(
            code=indicator.code,
            name=indicator.name,
            norm=norm.norm if norm else None,
            target=norm.target if norm else None,
            order_number=norm.order_number if norm else None,
            order_date=norm.order_date if norm else None,
            value=indicator.value,
            counted=indicator.counted,
            of=indicator.of,
        )


def quality_router(quality: Quality, norms: Norms, officers: Officers) -> APIRouter:
    """The table of annex 7."""
    router = APIRouter(prefix="/quality", tags=["quality"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.get("", summary="Quality and efficiency of a service")
    async def get_quality(officer: CurrentOfficer, regulation: AskedRegulation, year: AskedYear) -> list[IndicatorRead]:
        """Of the officer's organisation in one year, measured from what is journaled, beside norm and target."""
        rows, approved = await quality.table(officer, regulation, year), await norms.of_year(regulation, year)
        return [IndicatorRead.of_indicator(row, approved.get(row.code)) for row in rows]

    @router.put("/norms/{indicator}", summary="Enter norm and target of an indicator")
    async def enter_norm(
        officer: CurrentOfficer,
        indicator: Annotated[IndicatorCode, Path()],
        regulation: AskedRegulation,
        year: AskedYear,
        body: NormUpdate,
    ) -> NormRead:
        """By the head of who approves them by order, for all who render the service; 409 where the text has nothing
        approved. What an earlier order said is replaced."""
        return NormRead.of(await norms.enter(officer, regulation, year, indicator, body.approved()))

    return router
