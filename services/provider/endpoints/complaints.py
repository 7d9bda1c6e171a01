"""HTTP of officers: complaints with slip and written answer, and the quality of a service."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.provider.domain.complaints import Complaint
from services.provider.endpoints.access import signed_in
from services.provider.service.complaints import Complaints
from services.provider.service.officers import Officer, Officers
from services.provider.service.printing import PrintLanguage
from services.provider.service.quality import Indicator, Quality
from shared.kit.text import NO_NUL, Text
from shared.web.paging import Pages

_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_Line = Field(min_length=1, max_length=300, pattern=NO_NUL)
_Words = Field(min_length=1, max_length=5000, pattern=NO_NUL)
ComplaintId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


class ComplaintCreate(BaseModel):
    """What a complaint has to contain: who complains and where they live, the date, the signature; about whom, why, and
    what is demanded."""

    model_config = ConfigDict(extra="forbid")

    regulation: str = Field(max_length=120, pattern=NO_NUL)
    level: str = Field(max_length=100, pattern=NO_NUL)
    application: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    surname: str = _Line
    given_name: str = _Line
    patronymic: str | None = Field(default=None, max_length=300, pattern=NO_NUL)
    postal_address: str = _Line
    written_on: date
    signed: bool = Field(description="The complaint has to carry the complainant's signature")
    about: str = _Line
    position: str | None = Field(default=None, max_length=300, pattern=NO_NUL)
    reasons: str = _Words
    demands: str = _Words
    enclosures: list[Annotated[str, _Line]] = Field(default=[], max_length=50)

    def content(self) -> dict[str, Any]:
        """As it is kept."""
        names = " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)
        kept = {"postal_address", "about", "position", "reasons", "demands", "enclosures"}
        return {"names": names, "written_on": self.written_on.isoformat(), **self.model_dump(include=kept)}


class AnswerCreate(BaseModel):
    """The written answer."""

    model_config = ConfigDict(extra="forbid")

    text: str = _Words
    justified: bool


class ComplaintRead(BaseModel):
    """A complaint with its slip and its answer."""

    id: str
    number: str
    regulation: str
    level: str
    application: str | None
    content: dict[str, Any]
    slip: dict[str, Any]
    answer: dict[str, Any] | None
    answered_at: datetime | None

    @classmethod
    def of(cls, complaint: Complaint, complaints: Complaints) -> Self:
        """As it stands."""
        names = [name for name in cls.model_fields if name != "slip"]
        kept = {name: getattr(complaint, name) for name in names}
        return cls.model_validate({**kept, "slip": complaints.slip(complaint)})


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


def complaints_router(complaints: Complaints, quality: Quality, officers: Officers) -> APIRouter:
    """Complaints and quality."""
    router = APIRouter(tags=["complaints"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(officers))]  # noqa: N806 — a type

    @router.post("/complaints", status_code=201, summary="Take a complaint")
    async def take(officer: CurrentOfficer, body: ComplaintCreate) -> ComplaintRead:
        """Against a slip with date, time and who took it."""
        taken = await complaints.take(
            officer, body.regulation, body.level, body.content(), body.application, signed=body.signed
        )
        return ComplaintRead.of(taken, complaints)

    @router.get("/complaints", summary="The complaints of the officer's organisation")
    async def list_complaints(
        officer: CurrentOfficer,
        pages: Pages,
        before: Annotated[str | None, Query(pattern=NO_NUL, description="Last id of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[ComplaintRead]:
        """Newest first."""
        found = await complaints.listed(officer, before=before, limit=limit + 1)
        return [ComplaintRead.of(one, complaints) for one in pages.page(found, limit, before=lambda one: one.id)]

    @router.post("/complaints/{complaint}/answer", summary="Answer a complaint")
    async def answer(officer: CurrentOfficer, complaint: ComplaintId, body: AnswerCreate) -> ComplaintRead:
        """By the head, once, in writing; it goes by post."""
        found = await complaints.answer(officer, complaint, body.text, justified=body.justified)
        return ComplaintRead.of(found, complaints)

    @router.get("/complaints/{complaint}/slip/printable", summary="The slip", response_class=Response, responses=_PDF)
    async def print_slip(officer: CurrentOfficer, complaint: ComplaintId, lang: PrintLanguage = "kk") -> Response:
        """In Kazakh or Russian."""
        return _pdf(await complaints.printed(officer, complaint, lang, answer=False), lang)

    @router.get(
        "/complaints/{complaint}/answer/printable",
        summary="The written answer",
        response_class=Response,
        responses=_PDF,
    )
    async def print_answer(officer: CurrentOfficer, complaint: ComplaintId, lang: PrintLanguage = "kk") -> Response:
        """For the post; names the right to go to court."""
        return _pdf(await complaints.printed(officer, complaint, lang, answer=True), lang)

    @router.get("/quality", tags=["quality"], summary="Quality and efficiency of a service")
    async def get_quality(
        officer: CurrentOfficer,
        regulation: Annotated[str, Query(max_length=120)],
        year: Annotated[int, Query(ge=2000, le=9998)],
    ) -> list[IndicatorRead]:
        """Of the officer's organisation in one year, measured from what is journaled."""
        return [IndicatorRead.of_indicator(row) for row in await quality.table(officer, regulation, year)]

    return router


def _pdf(content: bytes, language: PrintLanguage) -> Response:
    return Response(
        content, media_type="application/pdf", headers={"Content-Language": language, "Cache-Control": "no-store"}
    )
