"""A message that a system could not handle on the way of a real application is re-driven by whoever looks after the
stand, by several at once and again and again: it has one effect, and the application goes its way to its end."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from services.stand.embedded import EmbeddedStand
from services.stand.report import remarks
from shared.messages.types import MessageType as T
from shared.messaging.handlers import Handler, Handlers
from shared.messaging.records import Received
from shared.messaging.testing import eventually
from shared.messaging.work import Work
from tests.topology.conftest import Applicant

HOPS = [
    ("provider", T.APPLICATION_ASSIGNED),
    ("regional-gateway", T.QUEUE_PLACEMENT_REQUESTED),
    ("regional-gateway", T.DECISION_MADE),
    ("portal", T.RESULT_DELIVERED),
]


@contextmanager
def broken(stand: EmbeddedStand, code: str, message_type: T) -> Iterator[None]:
    """Within the block the handler of that type has a defect."""
    app = stand.services[code].app
    assert app is not None
    handlers: Handlers = app.state.platform.runtime._unit._handlers
    right = handlers._by_type[message_type]

    def fail(_work: Work, _received: Received) -> None:
        raise ZeroDivisionError

    handlers._by_type[message_type] = Handler(fail, right.loads)
    try:
        yield
    finally:
        handlers._by_type[message_type] = right


async def letters(http: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    """What the system has set aside."""
    answer = await http.get(f"{url}/operations/dead-letters")
    found: list[dict[str, Any]] = answer.raise_for_status().json()
    return found


def one_there(http: httpx.AsyncClient, url: str) -> Callable[[], Any]:
    """Whether a record was set aside."""

    async def there() -> bool:
        return bool(await letters(http, url))

    return there


@pytest.mark.parametrize(("code", "message_type"), HOPS)
async def test_what_is_redriven_on_the_way_has_one_effect(
    stand: EmbeddedStand, applicant: Applicant, code: str, message_type: T
) -> None:
    url, http = stand.addresses.of(code), applicant.http
    application = await applicant.draft()
    with broken(stand, code, message_type):
        await applicant.submit(application)
        await eventually(one_there(http, url), seconds=60, what="the dead letter")
    (letter,) = await letters(http, url)
    assert (letter["reason"], letter["type"], letter["subject"]) == ("handler-failed", message_type.value, application)

    address = f"{url}/operations/dead-letters/{letter['id']}/redrive"
    answers = await asyncio.gather(*(http.post(address) for _ in range(5)))
    results = sorted(answer.raise_for_status().json()["result"] for answer in answers)
    assert results == [*["re-driven before"] * 4, "taken"]
    journal = await applicant.journal(application)
    assert (journal["verdict"], journal["outcome"]) == ("conformant", "granted"), remarks(journal)
    assert (await http.post(address)).json()["result"] == "re-driven before"

    state = await applicant.citizen.outcome(application)
    assert state["state"] == "granted"
    assert [place["application"] for place in await applicant.queue()] == [application]
    again = await applicant.journal(application)
    assert [step["step"] for step in again["steps"]] == [step["step"] for step in journal["steps"]]
    assert (await letters(http, url))[0]["redriven_at"] is not None
