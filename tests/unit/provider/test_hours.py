"""Office hours: what the texts forbid outside them, and an autopilot that is told to keep them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from shared.messages.types import MessageType
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import ANYBODY, EVERYTHING, KINDERGARTENS, MONDAY, settings
from tests.unit.provider.counter import do, hand_in, shown, verdict
from tests.unit.provider.test_stages import APP, from_portal

HOME, FAMILY, OBLAST = (
    "national/home-schooling",
    "almaty-city/family-consultation",
    "almaty-oblast/personal-assistant-sign-language",
)
MIDNIGHT = MONDAY - timedelta(hours=10)


async def give(bench: Bench, application: str, language: str = "en") -> tuple[int, dict[str, str]]:
    """Hand the result out over the counter: status and answer."""
    headers = {**await bench.signed_in(), "accept-language": language}
    answer = await bench.http.post(f"/matters/{application}/handing-out", json={"receiver": "ТЕСТОВА"}, headers=headers)
    bench.tick()
    return answer.status_code, answer.json()


class TestHandingOut:
    async def test_not_after_the_hour_to_which_results_are_given(self, town: Bench) -> None:
        application = (await hand_in(town, HOME)).json()["summary"]["application"]
        assert (await shown(town, application))["summary"]["state"] == "granted"
        # The office works to 18:30 and gives results to 17:30.
        town.turn_clock(MIDNIGHT + timedelta(hours=17, minutes=30))
        status, problem = await give(town, application)
        assert (status, problem["type"]) == (409, "urn:egov:problem:outside-hours")
        assert (problem["clause"], problem["opens_at"]) == ("schedule", "2026-06-02T04:00:00.000Z")
        titles = {problem["title"], *[(await give(town, application, other))[1]["title"] for other in ("kk", "ru")]}
        assert len(titles) == 3
        assert (await shown(town, application))["handed_out"] is None
        town.turn_clock(MIDNIGHT + timedelta(days=1, hours=9))
        assert (await give(town, application))[0] == 200
        assert (await verdict(town, application)).verdict == "conformant"

    @pytest.mark.parametrize("hours", [13.5, 18, 22, 5 * 24 + 11], ids=["lunch", "closing", "night", "Saturday"])
    async def test_not_while_the_office_is_closed(self, town: Bench, hours: float) -> None:
        application = (await hand_in(town, FAMILY)).json()["summary"]["application"]
        town.turn_clock(MIDNIGHT + timedelta(hours=hours))
        status, problem = await give(town, application)
        assert (status, problem["clause"]) == (409, "10")

    async def test_at_any_time_where_the_text_states_no_hours(self, town: Bench) -> None:
        application = (await hand_in(town, OBLAST, "office")).json()["summary"]["application"]
        await town.look()
        town.turn_clock(MIDNIGHT + timedelta(days=30, hours=22))
        await town.look()
        assert (await give(town, application))[0] == 200

    async def test_an_officer_does_not_give_it_in_the_procedure_either(self, busy_town: Bench) -> None:
        busy_town.turn_clock(MIDNIGHT + timedelta(hours=17, minutes=50))
        application = (await hand_in(busy_town, FAMILY)).json()["summary"]["application"]
        busy_town.turn_clock(MIDNIGHT + timedelta(hours=18, minutes=5))
        early = await do(busy_town, application, "procedure-3", decision="granted")
        assert (early.status_code, early.json()["type"]) == (409, "urn:egov:problem:outside-hours")
        assert early.json()["opens_at"] == "2026-06-02T04:00:00.000Z"
        busy_town.turn_clock(MIDNIGHT + timedelta(days=1, hours=9))
        done = await do(busy_town, application, "procedure-3", decision="granted")
        assert done.json()["summary"]["state"] == "granted"


class TestAfterHours:
    async def test_what_came_at_night_is_taken_and_answered_on_the_next_working_day(self, town: Bench) -> None:
        town.turn_clock(MIDNIGHT + timedelta(hours=20))
        await from_portal(town, HOME, "default")
        matter = await shown(town, APP)
        assert (matter["summary"]["state"], matter["summary"]["task"]) == ("in_review", "procedure-1")
        town.turn_clock(MIDNIGHT + timedelta(days=1, hours=8, minutes=59))
        await town.look()
        assert await town.sent(MessageType.DECISION_MADE) == []
        town.turn_clock(MIDNIGHT + timedelta(days=1, hours=9))
        await town.look()
        # Refused, because nothing was attached; what matters here is when.
        assert (await shown(town, APP))["summary"]["state"] == "refused"
        assert len(await town.sent(MessageType.DECISION_MADE)) == 1

    async def test_an_officer_waits_for_it_too(self, busy_town: Bench) -> None:
        busy_town.turn_clock(MIDNIGHT + timedelta(hours=20))
        await from_portal(busy_town, HOME, "default")
        early = await do(busy_town, APP, "procedure-1")
        assert (early.json()["type"], early.json()["clause"]) == ("urn:egov:problem:outside-hours", "schedule")
        # The decision for all tasks is kept, and takes effect when the office opens.
        address, headers = f"/matters/{APP}/decision", await busy_town.signed_in()
        decided = await busy_town.http.post(address, json={"decision": "granted"}, headers=headers)
        assert decided.status_code == 200
        assert (await shown(busy_town, APP))["summary"]["state"] == "in_review"
        busy_town.turn_clock(MIDNIGHT + timedelta(days=1, hours=9))
        await busy_town.look()
        assert (await shown(busy_town, APP))["summary"]["state"] == "granted"

    async def test_what_came_in_working_time_may_be_answered_in_the_evening(self, busy_town: Bench) -> None:
        await from_portal(busy_town, HOME, "default")
        busy_town.turn_clock(MIDNIGHT + timedelta(hours=23))
        assert (await do(busy_town, APP, "procedure-1")).status_code == 200

    async def test_at_once_where_the_text_says_nothing_of_it(self, town: Bench) -> None:
        town.turn_clock(MIDNIGHT + timedelta(hours=23))
        await from_portal(town, "almaty-oblast/housing-assistance", "default")
        assert (await shown(town, APP))["summary"]["state"] == "granted"


@pytest.fixture
async def orderly_town(tmp_path: Path, clock: Clock) -> AsyncIterator[Bench]:
    """A town whose autopilot keeps office hours."""
    for name, content in (
        ("organisations", EVERYTHING),
        ("kindergartens", KINDERGARTENS),
        ("officers", ANYBODY),
    ):
        (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
    made = Bench(tmp_path, MemoryPKI(clock), settings(tmp_path).model_copy(update={"autopilot_hours": "office"}))
    await made.open()
    try:
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize("hours", [13.5, 22, 5 * 24 + 11], ids=["lunch", "night", "Saturday"])
async def test_an_autopilot_that_keeps_office_hours_rests_outside_them(orderly_town: Bench, hours: float) -> None:
    orderly_town.turn_clock(MIDNIGHT + timedelta(hours=hours))
    await from_portal(orderly_town, "almaty-oblast/housing-assistance", "default")
    assert (await shown(orderly_town, APP))["summary"]["state"] == "in_review"
    orderly_town.turn_clock(MIDNIGHT + timedelta(days=7 if hours > 24 else hours // 22, hours=14.5))
    await orderly_town.look()
    assert (await shown(orderly_town, APP))["summary"]["state"] == "granted"
