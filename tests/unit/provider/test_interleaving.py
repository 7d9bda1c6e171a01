"""Two officers at one matter: what one has read is no longer so when the work begins."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.db.states import StateKey
from shared.messaging.work import Work
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import MONDAY
from tests.unit.provider.counter import do, hand_in, journal, shown
from tests.unit.provider.test_visits import FAMILY, called, come, late

ASSISTANCE = "almaty-oblast/targeted-social-assistance"
Meanwhile = Callable[[], Awaitable[object]]


def between(bench: Bench, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile) -> None:
    """``meanwhile`` happens after the next command has read what it works on, before it works on it."""
    original, done = bench.runtime.work, False

    @asynccontextmanager
    async def late(loads: Iterable[StateKey]) -> AsyncIterator[Work]:
        nonlocal done
        if not done:
            done = True
            await meanwhile()
        async with original(loads) as work:
            yield work

    monkeypatch.setattr(bench.runtime, "work", late)


async def post(bench: Bench, path: str, **body: Any) -> httpx.Response:
    return await bench.http.post(path, json=body, headers=await bench.signed_in())


async def assistance(bench: Bench) -> str:
    answer = await hand_in(bench, ASSISTANCE, "employment_centre", "employment_centre")
    return str(answer.json()["summary"]["application"])


@pytest.fixture
async def application(busy_town: Bench) -> str:
    """An application whose open task may be extended."""
    found = await assistance(busy_town)
    await do(busy_town, found, "procedure-2")
    return found


async def test_a_term_is_not_extended_of_a_task_that_a_colleague_finishes(
    busy_town: Bench, application: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_task = (await shown(busy_town, application))["tasks"][-1]["task"]
    decide: dict[str, Any] = {"decision": "granted"}

    async def finish() -> None:
        done = await do(busy_town, application, open_task, **decide)
        assert done.status_code == httpx.codes.OK, done.text

    between(busy_town, monkeypatch, finish)
    answer = await post(busy_town, f"/matters/{application}/extension", reason="тексеру")
    assert answer.status_code == httpx.codes.CONFLICT, answer.text
    assert open_task in answer.json()["detail"]
    assert "extended" not in [event.step for event in await journal(busy_town, application)]


async def test_a_task_that_a_colleague_finishes_is_done_once(
    busy_town: Bench, application: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_task = (await shown(busy_town, application))["tasks"][-1]["task"]
    decide: dict[str, Any] = {"decision": "granted"}
    between(busy_town, monkeypatch, lambda: do(busy_town, application, open_task, **decide))
    answer = await do(busy_town, application, open_task, **decide)
    assert answer.status_code == httpx.codes.OK, answer.text  # the same officer: the same answer
    tasks = [event.step for event in await journal(busy_town, application) if event.kind == "task"]
    assert tasks.count(open_task) == 1


@pytest.mark.parametrize(("end", "status"), [("finish", 200), ("no-show", 409)])
async def test_a_visitor_who_hands_in_while_the_service_ends(
    town: Bench, monkeypatch: pytest.MonkeyPatch, end: str, status: int
) -> None:
    """The visit has a matter by then, which nobody had to load when it was read."""
    await come(town, FAMILY)
    visit = await called(town)
    town.turn_clock(MONDAY + timedelta(hours=1))
    taken: list[httpx.Response] = []

    async def hands_in() -> None:
        taken.append(await hand_in(town, FAMILY, visit=visit["id"]))

    between(town, monkeypatch, hands_in)
    answer = await post(town, f"/queue/visits/{visit['id']}/{end}")
    assert taken[0].status_code == httpx.codes.CREATED, taken[0].text
    assert answer.status_code == status, answer.text
    if end == "finish":
        assert [what for what, _ in await late(town, taken[0].json()["summary"]["application"])] == ["service"]
