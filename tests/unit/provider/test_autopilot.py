"""The autopilot is one switch for all replicas of the provider, and stays as it was set."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shared.messages.types import MessageType
from tests.unit.provider.applications import assigned
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import settings

SWITCH = "/__stand/autopilot"


@pytest.fixture
async def twin(bench: Bench, tmp_path: Path) -> AsyncIterator[Bench]:
    """A second provider on the same database."""
    made = Bench(tmp_path, bench.pki, settings(tmp_path))
    await made.open()
    yield made
    await made.close()


async def driver(bench: Bench, application: str) -> bool:
    """Whether an application that ``bench`` is assigned now goes on by itself."""
    before = len(await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED))
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, application, assigned(bench.pki, application))
    return len(await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED)) > before


async def switch(bench: Bench, *, on: bool) -> None:
    """Over HTTP."""
    assert (await bench.http.put(SWITCH, json={"on": on})).status_code == httpx.codes.OK


async def test_is_on_at_first(bench: Bench) -> None:
    assert (await bench.http.get(SWITCH)).json() == {"on": True}
    assert await driver(bench, "a-1")


async def test_switched_in_one_replica_counts_in_the_other(bench: Bench, twin: Bench) -> None:
    await switch(bench, on=False)
    assert (await twin.http.get(SWITCH)).json() == {"on": False}
    assert not await driver(twin, "a-1")
    await switch(twin, on=True)
    assert await driver(bench, "a-2")


async def test_stays_as_it_was_set_when_the_provider_starts_again(bench: Bench) -> None:
    await switch(bench, on=False)
    await bench.close()
    await bench.open()
    assert (await bench.http.get(SWITCH)).json() == {"on": False}
    assert not await driver(bench, "a-1")


async def test_a_reset_lets_it_stand_as_at_first(bench: Bench) -> None:
    await switch(bench, on=False)
    await bench.platform.reset()
    assert (await bench.http.get(SWITCH)).json() == {"on": True}
