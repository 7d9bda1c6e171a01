"""What follows a task or a result in a term of its own: the notice of an extension, the course of rehabilitation."""

from datetime import timedelta
from typing import Any

import httpx

from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import MONDAY
from tests.unit.provider.counter import do, hand_in, journal, shown, verdict

COURSE, ASSISTANCE = "almaty-city/rehabilitation", "almaty-oblast/targeted-social-assistance"


async def post(bench: Bench, address: str, login: str = "aliya", **body: Any) -> httpx.Response:
    answer = await bench.http.post(address, json=body, headers=await bench.signed_in(login))
    bench.tick()
    return answer


async def listed(bench: Bench, *, overdue: bool) -> list[str]:
    """The applications with a term that has passed, or without."""
    address = f"/matters?overdue={str(overdue).lower()}"
    found = (await bench.http.get(address, headers=await bench.signed_in("aliya"))).json()
    return [matter["application"] for matter in found]


async def marks(bench: Bench, application: str) -> list[tuple[str, str | None, str]]:
    """The marks of the journal with detail and clause."""
    return [(e.step, e.detail, e.clause) for e in await journal(bench, application) if e.kind == "mark"]


class TestCourse:
    async def begun(self, bench: Bench) -> str:
        return str((await hand_in(bench, COURSE)).json()["summary"]["application"])

    async def test_ends_by_the_clock_in_autopilot_not_before_its_least_time(self, town: Bench) -> None:
        application = await self.begun(town)
        course = (await shown(town, application))["course"]
        # From the 90th to the end of the 180th calendar day after the conclusion of 1 June.
        assert (course["not_before"], course["due_at"]) == ("2026-08-29T19:00:00.000Z", "2026-11-28T19:00:00.000Z")
        town.turn_clock(MONDAY + timedelta(days=89))
        await town.look()
        assert "ended_at" not in (await shown(town, application))["course"]
        town.turn_clock(MONDAY + timedelta(days=90))
        await town.look()
        await town.look()
        assert (await shown(town, application))["course"]["ended_by"] == "autopilot"
        assert await marks(town, application) == [("course_ended", None, "9(1)")]
        assert (await verdict(town, application)).verdict == "conformant"
        assert (await shown(town, application))["summary"]["overdue_at"] is None

    async def test_is_ended_by_who_renders_it_neither_too_early_nor_unnoticed_too_late(self, busy_town: Bench) -> None:
        application = await self.begun(busy_town)
        address = f"/matters/{application}/course/end"
        assert (await post(busy_town, address)).json()["type"].endswith("illegal-move")
        decided = await post(busy_town, f"/matters/{application}/decision", decision="granted")
        assert decided.json()["state"] == "granted"
        early = (await post(busy_town, address)).json()
        assert (early["type"], early["clause"]) == ("urn:egov:problem:too-early", "9(1)")
        assert early["not_before"] == "2026-08-29T19:00:00.000Z"
        assert (await post(busy_town, address, "idle")).json()["type"].endswith("wrong-role")
        busy_town.turn_clock(MONDAY + timedelta(days=181))
        await busy_town.look()
        await busy_town.look()
        assert (await shown(busy_town, application))["course"]["overdue_at"] is not None
        assert await listed(busy_town, overdue=True) == [application]
        ended = await post(busy_town, address, note="бала 181 күн оңалтудан өтті")
        again = await post(busy_town, address, note="тағы")
        assert ended.json()["course"] == again.json()["course"]
        found = {(step, detail) for step, detail, _ in await marks(busy_town, application)}
        assert found == {("overdue", "course"), ("course_ended", "бала 181 күн оңалтудан өтті")}
        assert [d.name for d in (await verdict(busy_town, application)).deviations] == ["course-overdue"]

    async def test_there_is_none_elsewhere(self, town: Bench) -> None:
        application = (await hand_in(town, "almaty-city/family-consultation")).json()["summary"]["application"]
        assert (await shown(town, application))["course"] is None
        assert (await post(town, f"/matters/{application}/course/end")).status_code == 409


class TestNotice:
    async def extended(self, bench: Bench, notice: str) -> tuple[str, dict[str, Any]]:
        answer = await hand_in(bench, ASSISTANCE, "employment_centre", "employment_centre")
        application = str(answer.json()["summary"]["application"])
        await do(bench, application, "procedure-2")
        answer = await post(bench, f"/matters/{application}/extension", reason="тексеру", notice=notice)
        return application, answer.json()

    async def test_may_be_given_later_within_its_term(self, busy_town: Bench) -> None:
        application, matter = await self.extended(busy_town, "later")
        assert (matter["notices"], matter["extended"]["tell_by"]) == ([], "2026-06-03T13:00:00.000Z")
        busy_town.turn_clock(MONDAY + timedelta(days=2))
        address = f"/matters/{application}/extension/notice"
        (notice,) = (await post(busy_town, address)).json()["notices"]
        assert notice["kind"] == "term_extended"
        assert len((await post(busy_town, address)).json()["notices"]) == 1
        await busy_town.look()
        found = sorted(step for step, _, _ in await marks(busy_town, application))
        assert found == ["extended", "extension_told"]
        assert [d.name for d in (await verdict(busy_town, application)).deviations] == ["no-terminal"]

    async def test_that_is_late_is_seen_and_judged(self, busy_town: Bench) -> None:
        application, _ = await self.extended(busy_town, "later")
        assert await listed(busy_town, overdue=True) == []
        assert await listed(busy_town, overdue=False) == [application]
        busy_town.turn_clock(MONDAY + timedelta(days=3))
        await busy_town.look()
        await busy_town.look()
        assert (await shown(busy_town, application))["extended"]["overdue_at"] is not None
        assert await listed(busy_town, overdue=True) == [application]
        assert await listed(busy_town, overdue=False) == []
        assert ("overdue", "notice", "5(3)") in await marks(busy_town, application)
        await post(busy_town, f"/matters/{application}/extension/notice")
        assert "notice-overdue" in [d.name for d in (await verdict(busy_town, application)).deviations]

    async def test_there_is_none_without_an_extension(self, busy_town: Bench) -> None:
        application = (await hand_in(busy_town, COURSE)).json()["summary"]["application"]
        assert (await post(busy_town, f"/matters/{application}/extension/notice")).status_code == 409
