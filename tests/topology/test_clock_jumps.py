"""Whatever the stand's clock is set to, ahead or back, an application is rendered and every service is ready."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.stand.embedded import EmbeddedStand
from services.stand.working_time import working_time
from shared.kit.clock import EARLIEST, LATEST
from shared.kit.settings import StandSettings
from shared.messaging.testing import eventually
from tests.topology.conftest import Applicant
from tests.topology.test_portal_flows import draft

SERVICE = "almaty-oblast/targeted-assistance-certificate"
Moment = Callable[[datetime], datetime]

MOMENTS: tuple[Moment, ...] = (
    lambda _: datetime(2024, 2, 29, 9, tzinfo=UTC),
    lambda now: now + timedelta(days=400),
    lambda now: now + timedelta(days=1100),
    lambda _: datetime(2030, 6, 3, 9, tzinfo=UTC),
    lambda now: now + timedelta(days=20 * 365),
    lambda _: datetime(2049, 12, 31, 9, tzinfo=UTC),
    lambda _: LATEST,
    lambda _: EARLIEST,
    lambda now: now,
)
"""Leap day, officers' and systems' former terms, the year from which X.509 writes times in another form, both ends of
the clock, and back."""


async def test_applications_are_granted_at_any_time(stand: EmbeddedStand, applicant: Applicant) -> None:
    now = stand.clock.now()
    for moment in MOMENTS:
        at = moment(now)
        stand.clock.set(at if at == LATEST else working_time(at, StandSettings()))
        (await applicant.citizen.sign_in(SERVICE)).raise_for_status()
        application = await draft(applicant, SERVICE, "portal")
        await applicant.submit(application)
        assert (await applicant.citizen.outcome(application))["state"] == "granted", at
        journal = await applicant.journal(application)
        assert (journal["verdict"], journal["outcome"], journal["deviations"]) == ("conformant", "granted", []), at
        await all_ready(stand)


async def reasons(stand: EmbeddedStand) -> dict[str, dict[str, str]]:
    """Why which service is not ready."""
    found = {}
    async with httpx.AsyncClient(timeout=30) as http:
        for code in stand.services:
            answer = await http.get(f"{stand.addresses.of(code)}/readyz")
            if answer.status_code != httpx.codes.OK:
                found[code] = answer.json()["reasons"]
    return found


async def all_ready(stand: EmbeddedStand) -> None:
    """Wait until nothing is amiss: on a machine that is busy with other things a check may take longer than it has."""

    async def nothing() -> bool:
        return await reasons(stand) == {}

    await eventually(nothing, seconds=60)


@pytest.mark.parametrize("jump", [timedelta(days=1100), timedelta(days=-1100)])
async def test_what_is_under_way_arrives_over_a_jump(
    stand: EmbeddedStand, applicant: Applicant, jump: timedelta
) -> None:
    """Signed before the jump and taken after it: by messages sent anew, with the documents as they were signed."""
    application = await draft(applicant, SERVICE, "portal")
    await stand.services["gateway"].stop()
    await applicant.submit(application)
    stand.clock.advance(jump)
    await stand.services["gateway"].start()
    (await applicant.citizen.sign_in(SERVICE)).raise_for_status()
    assert (await applicant.citizen.outcome(application))["state"] == "granted"


async def test_a_certificate_that_does_not_pass_makes_its_system_not_ready(stand: EmbeddedStand) -> None:
    await all_ready(stand)
    url = stand.addresses.of("pki")
    async with httpx.AsyncClient() as http:
        authorised = {"authorization": f"Bearer {stand.token}"}
        found = await http.get(f"{url}/certificates", params={"system": "portal"}, headers=authorised)
        [portal] = found.json()
        path = f"{url}/certificates/{portal['thumbprint']}/revoke"
        (await http.post(path, json={"reason": "key_compromise"}, headers=authorised)).raise_for_status()

    async def told() -> bool:
        return "portal: REVOKED" in (await reasons(stand)).get("portal", {}).get("certificates", "")

    await eventually(told, seconds=30)
