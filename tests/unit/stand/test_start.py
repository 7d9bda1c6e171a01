"""A service that waits at its start for something silent is not ended for it."""

import asyncio

import pytest

from services.stand.catalogue import SERVICES
from services.stand.embedded import STARTED_WITHIN_S, RunningService, StartFailed, until_one_ends
from shared.db.engine import PATIENCE_S
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings
from shared.messaging.platform import AUTHORITY_PATIENCE_S


def test_a_service_has_time_to_wait_for_database_and_authority_one_after_the_other() -> None:
    assert STARTED_WITHIN_S > PATIENCE_S + AUTHORITY_PATIENCE_S


@pytest.mark.parametrize("failure", [None, RuntimeError("a defect of the server")])
async def test_a_server_that_ends_by_itself_ends_its_process_and_is_named(failure: Exception | None) -> None:
    services = [RunningService(service, StandSettings(), Clock(), 1) for service in SERVICES[:2]]
    going_on = asyncio.Event()

    async def serve() -> None:
        if failure is not None:
            raise failure

    async def serve_on() -> None:
        await going_on.wait()

    services[0]._task, services[1]._task = asyncio.create_task(serve_on()), asyncio.create_task(serve())
    with pytest.raises(StartFailed, match=f"{SERVICES[1].code} serves no more: .*{failure or 'ended'}"):
        await until_one_ends(services)
    going_on.set()
    await services[0]._task
