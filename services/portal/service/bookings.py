"""Slots of a centre's electronic queue, booked through the portal.

As both regulations with diagram 1 have it (clause 10 of the queue's, clause 12 of the duplicate's). The queue is the
centre's; the portal asks it over HTTP and names the visitor by a masked IIN.
"""

from datetime import date, datetime
from typing import Any

import httpx

from services.portal.service.context import Context
from shared.kit.clock import rfc3339
from shared.kit.errors import Conflict, InvalidInput, NotFound, StandError, Unavailable
from shared.kit.iin import masked

_UNREADABLE = "the system of the centres gave an unreadable answer"
_SHAPES: dict[tuple[str, str], type] = {
    ("GET", "centres"): list,
    ("GET", "queue"): list,
    ("POST", "bookings"): dict,
    ("DELETE", "bookings"): type(None),
}
"""What it answers with, by method and first part of the path."""
_REFUSALS: dict[int, type[StandError]] = {404: NotFound, 409: Conflict, 422: InvalidInput}


class Bookings:
    """What a recipient may book."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def centres(self) -> list[dict[str, Any]]:
        """The centres. Raises ``Unavailable`` if theirs is silent, as every method does."""
        found: list[dict[str, Any]] = await self._ask("GET", "/centres")
        return found

    async def slots(self, centre: str, day: date) -> list[dict[str, Any]]:
        """The times of ``day`` that can be booked. Raises ``NotFound`` for an unknown centre."""
        params = {"centre": centre, "day": day.isoformat()}
        found: list[dict[str, Any]] = await self._ask("GET", "/queue/slots", params=params)
        return found

    async def book_slot(self, iin: str, centre: str, starts_at: datetime, service: str | None) -> dict[str, Any]:
        """Book a time. Raises ``Conflict`` if it is taken, ``NotFound`` or ``InvalidInput`` as the centre says."""
        body = {"centre": centre, "starts_at": rfc3339(starts_at), "visitor": masked(iin), "service": service}
        found: dict[str, Any] = await self._ask("POST", "/bookings", json=body)
        return found

    async def cancel_booking(self, booking: str) -> None:
        """Give a booking up. Raises ``NotFound``."""
        await self._ask("DELETE", f"/bookings/{booking}")

    async def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        platform, url = self._context.platform, self._context.settings.csc_url.rstrip("/") + path
        try:
            answer = await platform.http.request(method, url, auth=platform.signature, **arguments)
        except httpx.HTTPError as error:
            raise Unavailable("the system of the centres does not answer; nothing was booked") from error
        try:
            told = answer.json() if answer.content else None
        except ValueError:
            told = _UNREADABLE
        if answer.is_success and isinstance(told, _SHAPES[method, path.split("/")[1]]):
            return told
        kind = _REFUSALS.get(answer.status_code, Unavailable)
        if isinstance(told, dict) and not answer.is_success:
            raise kind(str(told.get("detail")))
        # Of whatever is in its place, e.g. another program on its port.
        raise Unavailable(_UNREADABLE)
