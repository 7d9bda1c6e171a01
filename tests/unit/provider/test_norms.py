"""Norms and targets of annex 7, approved by order of the Minister every year (004, clauses 18 and 19)."""

from typing import Any, get_args

import httpx
import pytest

from services.provider.endpoints.quality import IndicatorCode
from services.provider.service.quality import INDICATORS
from tests.unit.provider.bench import Bench
from tests.unit.provider.test_complaints import SERVICE, kind

ORDER: dict[str, Any] = {"norm": 95, "target": 97.5, "order_number": "17", "order_date": "2026-01-15"}


async def enter(bench: Bench, login: str, indicator: str = "timeliness", **changes: Any) -> httpx.Response:
    asked = {"regulation": SERVICE, "year": 2026} | {
        name: changes.pop(name) for name in ("regulation",) if name in changes
    }
    address, headers = f"/quality/norms/{indicator}", await bench.signed_in(login)
    return await bench.http.put(address, params=asked, json=ORDER | changes, headers=headers)


async def table(bench: Bench, login: str, year: int = 2026) -> dict[str, dict[str, Any]]:
    headers = await bench.signed_in(login)
    found = await bench.http.get(f"/quality?regulation={SERVICE}&year={year}", headers=headers)
    return {row["code"]: row for row in found.raise_for_status().json()}


def test_every_indicator_has_norms() -> None:
    assert get_args(IndicatorCode) == INDICATORS


async def test_19_the_ministry_enters_and_every_body_sees_them_beside_the_measured(body: Bench) -> None:
    assert (await enter(body, "minister")).status_code == httpx.codes.OK
    row = (await table(body, "clerk"))["timeliness"]
    assert (row["norm"], row["target"], row["value"]) == (95.0, 97.5, None)
    assert (row["order_number"], row["order_date"]) == ("17", "2026-01-15")
    others = [found["norm"] for code, found in (await table(body, "clerk")).items() if code != "timeliness"]
    assert set(others) == {None}
    assert (await table(body, "clerk", 2027))["timeliness"]["norm"] is None


async def test_19_a_later_order_replaces_what_an_earlier_one_said(body: Bench) -> None:
    await enter(body, "minister")
    await enter(body, "minister", norm=None, target=99, order_number="18", order_date="2026-02-01")
    row = (await table(body, "akim"))["timeliness"]
    assert (row["norm"], row["target"], row["order_number"]) == (None, 99.0, "18")


@pytest.mark.parametrize("login", ["head", "akim", "clerk"])
async def test_19_nobody_sets_norms_for_themselves(body: Bench, login: str) -> None:
    assert kind(await enter(body, login)) == "wrong-role"
    assert (await table(body, "clerk"))["timeliness"]["norm"] is None


async def test_where_the_text_approves_none(body: Bench) -> None:
    answer = await enter(body, "minister", regulation="karaganda/rehabilitation")
    assert kind(answer) == "norms-not-provided"
    assert kind(await enter(body, "minister", regulation="no/such")) == "not-found"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"norm": 101}, "/norm"),
        ({"target": -1}, "/target"),
        ({"order_number": ""}, "/order_number"),
        ({"order_date": "2026-06-02"}, "/order_date"),
    ],
)
async def test_what_no_order_says_is_not_taken(body: Bench, changes: dict[str, Any], path: str) -> None:
    answer = await enter(body, "minister", **changes)
    assert [fault["path"] for fault in answer.json()["faults"]] == [path]
    unknown = await enter(body, "minister", "no_such_indicator")
    assert unknown.status_code == httpx.codes.UNPROCESSABLE_ENTITY
