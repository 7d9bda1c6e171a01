"""The stand's controls: the clock moves for everyone, reset forgets, faults are armed by name."""

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.clock import Clock, rfc3339
from shared.kit.errors import Conflict, InvalidInput
from shared.kit.faults import Faults
from shared.web.stand import ClockChange, apply_clock_change


class TestClock:
    async def test_reads_stand_time(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/__stand/clock")).json() == {
            "now": "2026-06-02T09:00:00.000Z",
            "frozen": True,
            "settled": True,
            "busy": [],
        }

    @pytest.mark.parametrize(
        ("change", "now"),
        [
            ({"advance": "3d"}, "2026-06-05T09:00:00.000Z"),
            ({"advance": "PT5M"}, "2026-06-02T09:05:00.000Z"),
            ({"advance": "90s"}, "2026-06-02T09:01:30.000Z"),
            ({"advance": "-1h"}, "2026-06-02T08:00:00.000Z"),
            ({"set": "2027-01-31T14:00:00+05:00", "freeze": True}, "2027-01-31T09:00:00.000Z"),
        ],
    )
    async def test_moves(self, client: httpx.AsyncClient, clock: Clock, change: dict[str, object], now: str) -> None:
        answer = await client.post("/__stand/clock", json=change)
        assert answer.json() == {"now": now, "frozen": True, "settled": True, "busy": []}
        assert rfc3339(clock.now()) == now

    async def test_what_is_under_way_arrives_before_the_time_is_moved(
        self, client: httpx.AsyncClient, clock: Clock
    ) -> None:
        asked: list[int] = []

        async def probe(_changes: int) -> str | None:
            asked.append(clock.changes)
            return "a message on its way" if len(asked) < 3 else None

        clock.participants.join("test", probe)
        before = clock.changes
        await client.post("/__stand/clock", json={"advance": "3d"})
        assert asked[:3] == [before] * 3
        assert clock.changes == before + 1

    async def test_set_lets_time_run_on_unless_frozen(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/__stand/clock", json={"set": "2027-01-31T14:00:00Z"})
        assert answer.json()["frozen"] is False
        assert answer.json()["now"].startswith("2027-01-31T14:00:0")

    async def test_resume_returns_to_real_time(self, client: httpx.AsyncClient, clock: Clock) -> None:
        assert (await client.post("/__stand/clock", json={"resume": True})).json()["frozen"] is False
        assert abs((Clock().now() - clock.now()).total_seconds()) < 60

    async def test_resume_can_freeze_the_present(self, client: httpx.AsyncClient, clock: Clock) -> None:
        await client.post("/__stand/clock", json={"resume": True, "freeze": True})
        assert clock.frozen
        assert abs((Clock().now() - clock.now()).total_seconds()) < 60

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({}, ""),
            ({"set": "2027-01-31T09:00:00Z", "advance": "3d"}, ""),
            ({"freeze": True}, ""),
            ({"resume": False}, "/resume"),
            ({"resume": 1}, "/resume"),
            ({"set": "tomorrow"}, "/set"),
            ({"set": "2027-02-31T09:00:00Z"}, "/set"),
            ({"set": "2027-01-31T09:00:00"}, "/set"),
            ({"set": None}, "/set"),
            ({"set": 0}, "/set"),
            ({"advance": "3 months"}, "/advance"),
            ({"advance": ""}, "/advance"),
            ({"later": "3d"}, "/later"),
        ],
    )
    async def test_nonsense_is_refused_and_changes_nothing(
        self, client: httpx.AsyncClient, clock: Clock, change: dict[str, object], path: str
    ) -> None:
        before = clock.now()
        answer = await client.post("/__stand/clock", json=change)
        assert answer.status_code == 422
        assert path in {fault["path"] for fault in answer.json()["faults"]}
        assert clock.now() == before

    @pytest.mark.parametrize(
        "change", [{"set": "1999-12-31T23:59:59Z"}, {"advance": "9999999d"}, {"advance": "-9999999d"}]
    )
    async def test_time_stays_in_this_century(
        self, client: httpx.AsyncClient, clock: Clock, change: dict[str, object]
    ) -> None:
        before = clock.now()
        assert (await client.post("/__stand/clock", json=change)).status_code == 409
        assert clock.now() == before

    @given(text=st.from_regex(ClockChange.model_json_schema()["properties"]["set"]["pattern"], fullmatch=True))
    def test_whatever_fits_the_pattern_has_an_answer(self, text: str) -> None:
        clock = Clock()
        clock.set(datetime(2026, 6, 2, tzinfo=UTC), freeze=True)
        try:
            apply_clock_change(clock, ClockChange(set=text))
        except (InvalidInput, Conflict):
            assert clock.now() == datetime(2026, 6, 2, tzinfo=UTC)
        else:
            assert 2000 <= clock.now().year <= 2099


class TestReset:
    async def test_resets_once_and_disarms(self, client: httpx.AsyncClient, resets: list[str], faults: Faults) -> None:
        faults.arm("ocsp-silent")
        answer = await client.post("/__stand/reset")
        assert (answer.status_code, answer.content, resets) == (204, b"", ["reset"])
        assert not faults.strikes("ocsp-silent")


class TestFaults:
    async def test_lists_what_can_go_wrong(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/__stand/faults")).json() == [
            {"name": "ocsp-silent", "description": "the OCSP responder answers 503", "armed": False, "remaining": 0}
        ]

    async def test_armed_for_a_number_of_times(self, client: httpx.AsyncClient, faults: Faults) -> None:
        answer = await client.put("/__stand/faults/ocsp-silent", json={"times": 2})
        assert answer.json()["armed"] is True
        assert [faults.strikes("ocsp-silent") for _ in range(3)] == [True, True, False]

    async def test_armed_until_disarmed(self, client: httpx.AsyncClient, faults: Faults) -> None:
        await client.put("/__stand/faults/ocsp-silent", json={})
        assert all(faults.strikes("ocsp-silent") for _ in range(5))
        await client.delete("/__stand/faults/ocsp-silent")
        assert not faults.strikes("ocsp-silent")

    @pytest.mark.parametrize("body", [{"times": -1}, {"times": "2"}, {"times": 1.5}, {"often": 2}])
    async def test_nonsense_is_refused(self, client: httpx.AsyncClient, body: dict[str, object]) -> None:
        assert (await client.put("/__stand/faults/ocsp-silent", json=body)).status_code == 422

    async def test_unknown_fault_names_the_known_ones(self, client: httpx.AsyncClient) -> None:
        answer = await client.put("/__stand/faults/gremlins", json={})
        assert answer.status_code == 404
        assert "ocsp-silent" in answer.json()["detail"]
