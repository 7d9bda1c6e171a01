"""HTTP of the counter: applications taken there, what is printed for the visitor, bookings; and offers."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from services.provider.endpoints.access import ApplicationId, signed_in
from services.provider.schemas.counter import ApplicationCreate, BookingCreate, BookingRead, OfferCreate
from services.provider.schemas.matters import MatterRead
from services.provider.service.bookings import Bookings
from services.provider.service.desk import Desk
from services.provider.service.intake import Intake
from services.provider.service.offers import Offers
from services.provider.service.officers import Officer, Officers
from services.provider.service.papers import Papers
from services.provider.service.printing import PrintLanguage
from shared.kit.clock import rfc3339
from shared.web.paging import Pages

_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}


@dataclass(frozen=True)
class Counter:
    """The use cases behind these endpoints."""

    officers: Officers
    desk: Desk
    intake: Intake
    papers: Papers
    bookings: Bookings
    offers: Offers


def counter_router(counter: Counter) -> APIRouter:
    """The work of whoever serves visitors."""
    router = APIRouter(tags=["counter"])

    CurrentOfficer = Annotated[Officer, Depends(signed_in(counter.officers))]  # noqa: N806 — a type

    @router.post("/applications", status_code=201, summary="Take an application over the counter")
    async def accept(officer: CurrentOfficer, body: ApplicationCreate) -> MatterRead:
        """Entered with its papers, compared with the originals, signed by the officer and registered. After hours the
        terms begin with the next working day."""
        matter = await counter.intake.accept(officer, body.submission())
        return MatterRead.of(await counter.desk.view(officer, matter.application))

    @router.get("/matters/{application}/receipt", summary="The receipt for the documents")
    async def get_receipt(officer: CurrentOfficer, application: ApplicationId) -> dict[str, Any]:
        """Group by group, as the text lists them."""
        return await counter.papers.receipt(officer, application)

    @router.get(
        "/matters/{application}/receipt/printable",
        summary="The receipt, printed",
        response_class=Response,
        responses=_PDF,
    )
    async def print_receipt(
        officer: CurrentOfficer, application: ApplicationId, lang: PrintLanguage = "kk"
    ) -> Response:
        """In Kazakh or Russian."""
        return _pdf(await counter.papers.printed_receipt(officer, application, lang), f"TEST-receipt-{lang}.pdf", lang)

    @router.get(
        "/matters/{application}/contract/printable",
        summary="The contract with the recipient, printed",
        response_class=Response,
        responses=_PDF,
    )
    async def print_contract(
        officer: CurrentOfficer, application: ApplicationId, lang: PrintLanguage = "kk"
    ) -> Response:
        """With the signature of the organisation's authorised person."""
        return _pdf(
            await counter.papers.printed_contract(officer, application, lang), f"TEST-contract-{lang}.pdf", lang
        )

    @router.post("/bookings", status_code=201, summary="Book a time at the office")
    async def book(officer: CurrentOfficer, body: BookingCreate) -> BookingRead:
        """Where the text has advance booking; elsewhere refused with the clause that says so."""
        return BookingRead.of(await counter.bookings.book(officer, body.booking()))

    @router.get("/bookings", summary="The times that are booked")
    async def list_bookings(
        officer: CurrentOfficer,
        pages: Pages,
        since: Annotated[AwareDatetime | None, Query(description="Default: now")] = None,
        after: Annotated[AwareDatetime | None, Query(description="Last time of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[BookingRead]:
        """At the officer's organisation, in their order."""
        found = await counter.bookings.listed(officer, since=since, after=after, limit=limit + 1)
        shown = pages.page(found, limit, after=lambda booking: rfc3339(booking.at))
        return [BookingRead.of(booking) for booking in shown]

    @router.post("/offers", status_code=201, tags=["offers"], summary="Offer a service to somebody entitled to it")
    async def offer(officer: CurrentOfficer, body: OfferCreate) -> MatterRead:
        """The offer goes to the recipient's cabinet; the procedure begins with the consent."""
        matter = await counter.offers.make(officer, body.regulation, body.form)
        return MatterRead.of(await counter.desk.view(officer, matter.application))

    return router


def _pdf(content: bytes, name: str, language: PrintLanguage) -> Response:
    headers = {
        "Content-Language": language,
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)
