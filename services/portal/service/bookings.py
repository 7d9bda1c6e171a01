"""Slots of a centre's electronic queue, booked through the portal.

As both regulations with diagram 1 have it (clause 10 of the queue's, clause 12 of the duplicate's). The queue is the
centre's; the portal asks it over HTTP and names the visitor by a masked IIN.
"""

import hashlib
import hmac
from datetime import date, datetime
from typing import Any

import httpx

from services.portal.repository import ATTEMPTS
from services.portal.service.context import Context
from shared.kit.clock import rfc3339
from shared.kit.errors import Conflict, InvalidInput, NotFound, StandError, Unavailable
from shared.kit.iin import masked
from shared.kit.lockout import Attempts

_KEY = b"portal: bookings"
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
        """Book a time for the recipient. Raises ``Conflict`` if it is taken, or if so many are booked for them already;
        ``NotFound`` or ``InvalidInput`` as the centre says."""
        body = {"centre": centre, "starts_at": rfc3339(starts_at), "visitor": masked(iin), "service": service}
        moment = starts_at.timestamp()
        await self._count(iin, add=moment)
        try:
            found: dict[str, Any] = await self._ask("POST", "/bookings", json=body)
        except StandError:
            await self._count(iin, remove=moment)
            raise
        return {**found, "id": self._name(iin, str(found.get("id")), int(moment))}

    async def cancel_booking(self, iin: str, booking: str) -> None:
        """Give a booking of the recipient up. Raises ``NotFound``, also for somebody else's."""
        visit, _, rest = booking.partition(".")
        moment = rest.partition(".")[0]
        if not moment.isdecimal() or not hmac.compare_digest(booking, self._name(iin, visit, int(moment))):
            raise NotFound("there is no such booking")
        await self._ask("DELETE", f"/bookings/{visit}")
        await self._count(iin, remove=float(moment))

    async def _count(self, iin: str, *, add: float | None = None, remove: float | None = None) -> None:
        """Note which times are booked for the recipient. Raises ``Conflict`` if one more would be too many."""
        subject = f"bookings:{iin}"
        async with self._context.platform.runtime.work([(ATTEMPTS, subject)]) as work:
            known = (work.get(ATTEMPTS, subject) or Attempts(subject)).failures
            ahead = [moment for moment in known if moment > work.now.timestamp()]
            if add is not None and int(add) in map(int, ahead):
                raise Conflict("you have booked this time already")
            if add is not None and len(ahead) >= self._context.settings.bookings_of_one:
                raise Conflict("so many times are booked for you already; give one up, or come to it")
            if remove is not None and int(remove) in map(int, ahead):
                ahead.pop([int(moment) for moment in ahead].index(int(remove)))
            booked = [*ahead, *([] if add is None else [add])]
            # It says nothing any more once the last of these times has come.
            ends_s = max(booked, default=0.0) + self._context.clock.set_back_s
            work.put(ATTEMPTS, Attempts(subject, booked, ends_s))

    def _name(self, iin: str, visit: str, moment: int) -> str:
        """By what the recipient knows a booking: only they can give it up, and the portal has nothing to keep."""
        key = self._context.platform.identity.derived_key(_KEY)
        code = hmac.new(key, f"{iin} {visit} {moment}".encode(), hashlib.sha256).hexdigest()[:32]
        return f"{visit}.{moment}.{code}"

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
