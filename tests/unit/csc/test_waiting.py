"""What waiting for a matter at the centre waits for."""

import asyncio

import httpx
import pytest

from tests.unit.csc.bench import Bench
from tests.unit.csc.test_results import TO_APPLICANT, ready


async def test_until_a_state_that_was_reached_answers_at_once_and_final_only_when_it_is_handed_out(
    bench: Bench,
) -> None:
    matter = await ready(bench)
    path = f"/matters/{matter}"
    for reached in ("submitted", "registered", "ready"):
        async with asyncio.timeout(2):
            assert (await bench.done("GET", path, params={"wait": 30, "until": reached}))["state"] == "ready"
    waiting = asyncio.create_task(bench.done("GET", path, params={"wait": 30, "until": "final"}))
    async with asyncio.timeout(5):
        while matter not in bench.hosted.changes._events:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert not waiting.done()
    await bench.done("POST", f"{path}/hand-out", json=TO_APPLICANT)
    async with asyncio.timeout(2):
        assert (await waiting)["state"] == "handed_out"
        assert (await bench.done("GET", path, params={"wait": 30, "until": "returned"}))["state"] == "handed_out"


@pytest.mark.parametrize("unknown", ["done", ""])
async def test_what_nobody_can_wait_for_is_refused_with_what_there_is(bench: Bench, unknown: str) -> None:
    answer = await bench.call("GET", f"/matters/{await ready(bench)}", params={"wait": 1, "until": unknown})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "change, final, entering" in answer.json()["faults"][0]["message"]
