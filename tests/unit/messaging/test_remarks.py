"""What went wrong with single messages is remarked on, and counted for Prometheus."""

from typing import Any

import httpx
from prometheus_client import generate_latest

from shared.kit.clock import Clock
from shared.messaging.numbers import COUNTS, REMARKABLE, Numbers, remarks
from shared.web.app import create_service_app


def test_what_is_remarked_on_is_counted() -> None:
    assert set(REMARKABLE) < set(COUNTS)


def test_counts_are_exposed() -> None:
    counts = dict.fromkeys(COUNTS, 0)
    numbers = Numbers(counts)
    assert b'egov_messaging_events_total{event="undecodable"} 0.0' in generate_latest(numbers.registry)
    counts["undecodable"] = 3
    assert b'egov_messaging_events_total{event="undecodable"} 3.0' in generate_latest(numbers.registry)


def test_only_what_happened_is_remarked_on() -> None:
    counts = dict.fromkeys(COUNTS, 0)
    assert remarks(counts) == {}
    assert remarks({**counts, "taken": 5, "undecodable": 2, "forgotten": 1}) == {"undecodable": 2, "forgotten": 1}


async def test_a_service_with_remarks_is_ready() -> None:
    async def readiness() -> dict[str, str | None]:
        return {"messaging": None}

    found: dict[str, Any] = {}
    app = create_service_app(
        code="portal",
        title="t",
        summary="s",
        clock=Clock(),
        tools=False,
        lifespan=None,
        readiness=readiness,
        remarks=lambda: found,
        routers=[],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/readyz")).json() == {"status": "ready", "checks": ["messaging"]}
        found["undecodable"] = 1
        answer = await client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {"status": "ready", "checks": ["messaging"], "remarks": {"undecodable": 1}}
