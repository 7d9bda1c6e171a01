"""The clock is set back while applications are under way: what happened is still judged as it happened."""

from datetime import timedelta

import httpx
import pytest

from services.stand.embedded import EmbeddedStand
from services.stand.report import remarks
from shared.messaging.testing import eventually
from tests.topology.conftest import Applicant

AHEAD = timedelta(minutes=10)
STOPPED = ("regional-gateway", "provider", "gateway")


@pytest.mark.parametrize("stopped", STOPPED)
async def test_run_under_way_is_still_conformant(stand: EmbeddedStand, applicant: Applicant, stopped: str) -> None:
    """One part stands still meanwhile, so that the run goes on by a clock that shows less than at its beginning."""
    stand.clock.advance(AHEAD)
    application = await applicant.draft()
    await stand.services[stopped].stop()
    await applicant.submit(application)
    stand.clock.advance(-AHEAD)
    await stand.services[stopped].start()
    journal = await applicant.journal(application)
    assert (journal["verdict"], journal["outcome"]) == ("conformant", "granted"), remarks(journal)
    assert {step["set_back_s"] for step in journal["steps"]} == {0.0, AHEAD.total_seconds()}
    times = [step["at"] for step in journal["steps"]]
    assert times != sorted(times)


async def test_steps_taken_before_and_journaled_after_it_are_conformant(
    stand: EmbeddedStand, applicant: Applicant
) -> None:
    stand.clock.advance(AHEAD)
    (await applicant.citizen.sign_in("almaty-city/preschool-queue")).raise_for_status()
    stand.clock.advance(-AHEAD)
    application = await applicant.draft()
    await applicant.submit(application)
    journal = await applicant.journal(application)
    assert journal["verdict"] == "conformant", remarks(journal)


async def test_everything_comes_to_rest_again(stand: EmbeddedStand, applicant: Applicant) -> None:
    stand.clock.advance(AHEAD)
    await applicant.submit(await applicant.draft())
    stand.clock.advance(-AHEAD)

    async def settled() -> bool:
        async with httpx.AsyncClient() as http:
            found = (await http.get(f"{stand.addresses.of('pki')}/__stand/clock")).json()
        return bool(found["settled"])

    await eventually(settled, seconds=30)
