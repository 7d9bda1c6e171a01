"""The queue of the centres behind the portal: whatever is in its place, nothing was booked, and that is said."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.portal.service.bookings import Bookings
from shared.kit.clock import Clock
from shared.kit.errors import Conflict, InvalidInput, NotFound, StandError, Unavailable
from shared.kit.iin import make_iin

IIN = make_iin(date(1990, 1, 1), "female", 100)


def bookings(answer: httpx.Response | Exception) -> Bookings:
    """Before a system of the centres that answers with this."""

    def answered(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = httpx.AsyncClient(transport=httpx.MockTransport(answered))
    context: Any = SimpleNamespace(
        settings=SimpleNamespace(csc_url="http://csc"), platform=SimpleNamespace(http=http, signature=None)
    )
    return Bookings(context)


async def everything(found: Bookings, clock: Clock) -> list[type[Exception] | None]:
    """How each of the four calls ends."""
    calls = (
        found.centres(),
        found.slots("almaty", date(2026, 6, 2)),
        found.book_slot(IIN, "almaty", clock.now(), None),
        found.cancel_booking("1"),
    )
    ends: list[type[Exception] | None] = []
    for call in calls:
        try:
            await call
        except StandError as error:
            ends.append(type(error))
        else:
            ends.append(None)
    return ends


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.Response(200, content=b"<html>It works!</html>"),
        httpx.Response(200, json="text"),
        httpx.Response(200, json=7),
        httpx.Response(404, content=b"<html>"),
        httpx.Response(409, json=[]),
        httpx.Response(500, json={"detail": "broken"}),
        httpx.Response(302),
    ],
)
async def test_whatever_does_not_answer_as_it_should_is_unavailable(
    answer: httpx.Response | Exception, clock: Clock
) -> None:
    assert await everything(bookings(answer), clock) == [Unavailable] * 4


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (409, Conflict), (422, InvalidInput)])
async def test_what_it_refuses_is_passed_on(status: int, error: type[StandError], clock: Clock) -> None:
    with pytest.raises(error, match="because"):
        await bookings(httpx.Response(status, json={"detail": "because"})).cancel_booking("1")


async def test_what_it_does_is_passed_on() -> None:
    assert await bookings(httpx.Response(200, json=[{"code": "almaty"}])).centres() == [{"code": "almaty"}]
    await bookings(httpx.Response(204)).cancel_booking("1")
