"""The granted case while each service in turn dies or is stopped at each hop, and is started again.

Every application must come to exactly one result with one queue number, and its journal must be conformant.
"""

import pytest

from services.stand.embedded import EmbeddedStand
from services.stand.report import remarks
from shared.messages.types import MessageType as T
from shared.messaging.faults import Point
from shared.messaging.runtime import Runtime
from shared.messaging.testing import eventually
from tests.topology.conftest import Applicant

HOPS: dict[str, tuple[T, ...]] = {
    "portal": (T.APPLICATION_REGISTERED, T.RESULT_DELIVERED, T.DELIVERY_RECEIPT_ISSUED),
    "gateway": (T.APPLICATION_SUBMITTED, T.APPLICATION_REGISTERED, T.RESULT_DELIVERED, T.JOURNAL_RECORDED),
    "regional-gateway": (T.APPLICATION_SUBMITTED, T.QUEUE_PLACEMENT_REQUESTED, T.DECISION_MADE),
    "provider": (T.APPLICATION_ASSIGNED, T.QUEUE_PLACEMENT_MADE),
}
"""The messages that each service takes on the way of a granted application."""


def runtime_of(stand: EmbeddedStand, code: str) -> Runtime:
    """The message loop of a running service."""
    app = stand.services[code].app
    assert app is not None
    found: Runtime = app.state.platform.runtime
    return found


async def assert_all_granted_once(applicant: Applicant, applications: list[str]) -> None:
    """One conformant run, one result and one queue number for each, the numbers without gaps or doubles."""
    for application in applications:
        journal = await applicant.journal(application)
        assert (journal["verdict"], journal["outcome"]) == ("conformant", "granted"), remarks(journal)
        state = await applicant.citizen.outcome(application)
        assert state["state"] == "granted"
    places = await applicant.queue()
    assert [place["number"] for place in places] == list(range(1, len(applications) + 1))
    assert sorted(place["application"] for place in places) == sorted(applications)


@pytest.mark.parametrize("code", list(HOPS))
async def test_service_that_dies_at_each_hop_loses_and_doubles_nothing(
    stand: EmbeddedStand, applicant: Applicant, code: str
) -> None:
    applications = []
    service = stand.services[code]
    for message_type in HOPS[code]:
        for point in Point:
            runtime = runtime_of(stand, code)
            runtime.faults.plan(point, message_type)
            application = await applicant.draft()
            applications.append(application)
            await applicant.submit(application)

            async def died(runtime: Runtime = runtime) -> bool:
                return runtime.faults.crashes == 1

            await eventually(died, seconds=60, what=f"the death of {code} at {point} of {message_type}")
            await service.stop(abruptly=True)
            await service.start()
    await assert_all_granted_once(applicant, applications)


@pytest.mark.parametrize("code", [*HOPS, "pki"])
async def test_service_that_is_away_for_a_while_is_caught_up_with(
    stand: EmbeddedStand, applicant: Applicant, code: str
) -> None:
    applications = [await applicant.draft() for _ in range(3)]
    service = stand.services[code]
    for application in applications:
        await applicant.submit(application)
        await service.restart()
    await assert_all_granted_once(applicant, applications)


async def test_everything_stops_in_the_middle_and_goes_on(stand: EmbeddedStand, applicant: Applicant) -> None:
    applications = [await applicant.draft() for _ in range(5)]
    for application in applications:
        await applicant.submit(application)
    exchanging = [stand.services[code] for code in HOPS]
    for service in exchanging:
        await service.stop(abruptly=True)
    for service in exchanging:
        await service.start()
    await assert_all_granted_once(applicant, applications)
