"""HTTP of whoever takes and answers complaints."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from shared.hosting.complaint_schemas import (
    AddresseeRead,
    AnswerCreate,
    ComplaintCreate,
    ComplaintRead,
    ComplaintRefusal,
    RegistrationCreate,
)
from shared.kit.text import NO_NUL
from shared.messaging.complaints import ComplaintDesk
from shared.printing.page import PrintLanguage
from shared.regulations.hearing import StaffMember
from shared.web.access import PUBLIC
from shared.web.paging import Pages

_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
ComplaintId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


def complaints_router(desk: ComplaintDesk, signed_in: Callable[..., Awaitable[StaffMember]]) -> APIRouter:
    """Complaints of one system. ``signed_in``: a dependency that gives who calls."""
    router = APIRouter(prefix="/complaints", tags=["complaints"])

    CurrentMember = Annotated[StaffMember, Depends(signed_in)]  # noqa: N806 — a type

    @router.get("/addressees", summary="To whom what may be complained of here", dependencies=[PUBLIC])
    async def list_addressees(
        regulation: Annotated[str, Query(max_length=120, pattern=NO_NUL)],
    ) -> list[AddresseeRead]:
        """With hours, ways and addresses, as far as the text has them; 409 where it says nothing of complaints."""
        return [AddresseeRead.of(desk, regulation, row) for row in desk.addressees(regulation)]

    @router.post("", status_code=201, summary="Take a complaint")
    async def take_complaint(member: CurrentMember, body: ComplaintCreate) -> ComplaintRead:
        """Against a slip with date, time and who took it. 409 outside the hours of the text."""
        return ComplaintRead.of(await desk.take(member, body.brought()), desk)

    @router.get("", summary="The complaints of the caller's organisation")
    async def list_complaints(
        member: CurrentMember,
        pages: Pages,
        before: Annotated[str | None, Query(pattern=NO_NUL, description="Last id of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[ComplaintRead]:
        """Newest first; those that came electronically among them."""
        found = await desk.listed(member, before=before, limit=limit + 1)
        return [ComplaintRead.of(one, desk) for one in pages.page(found, limit, before=lambda one: one.id)]

    @router.post("/{complaint}/registration", summary="Register a complaint that came electronically")
    async def register_complaint(
        member: CurrentMember, complaint: ComplaintId, body: RegistrationCreate
    ) -> ComplaintRead:
        """The cabinet shows number and slip then. 403 for whoever is complained of."""
        return ComplaintRead.of(await desk.register(member, complaint, tuple(body.accused)), desk)

    @router.post("/{complaint}/consideration", summary="Begin to consider a complaint")
    async def consider_complaint(member: CurrentMember, complaint: ComplaintId) -> ComplaintRead:
        """By the head, who is not complained of."""
        return ComplaintRead.of(await desk.take_up(member, complaint), desk)

    @router.post("/{complaint}/answer", summary="Answer a complaint")
    async def answer_complaint(member: CurrentMember, complaint: ComplaintId, body: AnswerCreate) -> ComplaintRead:
        """By the head, who is not complained of, once, in writing; it goes by post, and to the cabinet."""
        found = await desk.answer(member, complaint, body.text, justified=body.justified)
        return ComplaintRead.of(found, desk)

    @router.post("/{complaint}/refusal", summary="Refuse to consider a complaint")
    async def refuse_complaint(member: CurrentMember, complaint: ComplaintId, body: ComplaintRefusal) -> ComplaintRead:
        """By the head, who is not complained of, with the reason."""
        return ComplaintRead.of(await desk.refuse(member, complaint, body.reason), desk)

    @router.post("/{complaint}/passing-on", summary="Pass a complaint on that nobody here may answer")
    async def pass_complaint_on(member: CurrentMember, complaint: ComplaintId) -> ComplaintRead:
        """To whoever answers in their place; 409 if the head here may answer."""
        return ComplaintRead.of(await desk.pass_on(member, complaint), desk)

    _print(router, desk, signed_in)
    return router


def _print(router: APIRouter, desk: ComplaintDesk, signed_in: Callable[..., Awaitable[StaffMember]]) -> None:
    CurrentMember = Annotated[StaffMember, Depends(signed_in)]  # noqa: N806 — a type

    @router.get("/{complaint}/slip/printable", summary="The slip", response_class=Response, responses=_PDF)
    async def print_slip(member: CurrentMember, complaint: ComplaintId, lang: PrintLanguage = "kk") -> Response:
        """In Kazakh or Russian."""
        return _pdf(await desk.printed(member, complaint, lang, answer=False), lang)

    @router.get("/{complaint}/answer/printable", summary="The written answer", response_class=Response, responses=_PDF)
    async def print_answer(member: CurrentMember, complaint: ComplaintId, lang: PrintLanguage = "kk") -> Response:
        """For the post; names the right to go to court."""
        return _pdf(await desk.printed(member, complaint, lang, answer=True), lang)


def _pdf(content: bytes, language: PrintLanguage) -> Response:
    return Response(
        content, media_type="application/pdf", headers={"Content-Language": language, "Cache-Control": "no-store"}
    )
