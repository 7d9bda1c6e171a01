"""What an officer's waiting for a matter waits for."""

import asyncio

import httpx

from tests.unit.provider.bench import Bench
from tests.unit.provider.test_officers import APP, REFUSAL, decide, reviewed

__all__ = ["reviewed"]


async def test_until_a_state_a_change_or_the_end(reviewed: Bench) -> None:
    headers = await reviewed.sign_in()

    async def seen(**query: str) -> str:
        answer = await reviewed.http.get(f"/matters/{APP}", params={"wait": "30", **query}, headers=headers)
        return str(answer.raise_for_status().json()["summary"]["state"])

    async with asyncio.timeout(5):
        assert await seen(until="in_review") == await seen(until="received") == "in_review"
    waiting = [asyncio.create_task(seen(**query)) for query in ({"until": "change"}, {"until": "final"}, {})]
    await asyncio.sleep(0)
    (await decide(reviewed, REFUSAL)).raise_for_status()
    async with asyncio.timeout(10):
        assert await asyncio.gather(*waiting) == ["refused"] * 3
        assert await seen(until="granted") == "refused"  # which it can never be


async def test_what_nobody_can_wait_for_is_refused_with_what_there_is(reviewed: Bench) -> None:
    answer = await reviewed.http.get(f"/matters/{APP}?wait=1&until=done", headers=await reviewed.sign_in())
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "change, final, offered" in answer.json()["faults"][0]["message"]
