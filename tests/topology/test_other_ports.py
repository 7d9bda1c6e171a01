"""A stand that is started again on other ports ends what it had accepted on the old ones."""

from pathlib import Path

import httpx

from services.stand.cases import CASES
from services.stand.embedded import embedded_stand, free_ports
from services.stand.working_time import to_working_time
from shared.kit.settings import StandSettings
from tests.topology.conftest import Applicant

APPLICATIONS = 3


async def test_attachments_are_fetched_where_their_keeper_listens_now(tmp_path: Path) -> None:
    case, accepted = next(case for case in CASES if case.attaches_scan and case.outcome == "granted"), []
    async with httpx.AsyncClient(timeout=30) as http:
        async with embedded_stand(tmp_path, free_ports(), resend_after_s=0.3) as stand:
            to_working_time(stand.clock, StandSettings())
            applicant = await Applicant.on(stand, http, case)
            await stand.services["provider"].stop()
            for _ in range(APPLICATIONS):
                application = await applicant.draft()
                await applicant.submit(application)
                accepted.append(application)
        async with embedded_stand(tmp_path, free_ports(), resend_after_s=0.3) as stand:
            again = await Applicant.on(stand, http, case)
            assert [(await again.citizen.outcome(application))["state"] for application in accepted] == ["granted"] * 3
