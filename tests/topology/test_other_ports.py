"""A stand that is started again on other ports ends what it had accepted on the old ones."""

from pathlib import Path

import httpx

from services.stand.cases import CASES, SCAN, SERVICE, child_of, form_for
from services.stand.citizen import Citizen, key_container
from services.stand.embedded import embedded_stand, free_ports
from services.stand.working_time import to_working_time
from shared.kit.settings import StandSettings

APPLICATIONS = 3


async def test_attachments_are_fetched_where_their_keeper_listens_now(tmp_path: Path) -> None:
    case, accepted = next(case for case in CASES if case.attaches_scan and case.outcome == "granted"), []
    async with httpx.AsyncClient(timeout=30) as http:
        async with embedded_stand(tmp_path, free_ports(), resend_after_s=0.3) as stand:
            to_working_time(stand.clock, StandSettings())
            pki = stand.addresses.of("pki")
            person = next(p for p in (await http.get(f"{pki}/people")).json() if p["kind"] == case.signer)
            signer = await key_container(http, pki, person["iin"])
            citizen = Citizen(http, stand.addresses.of("portal"), person["iin"], stand.clock)
            await citizen.register()
            (await citizen.sign_in(SERVICE)).raise_for_status()
            await stand.services["provider"].stop()
            for _ in range(APPLICATIONS):
                form = form_for(case, person, *child_of(case, person, stand.clock.now().date()))
                application = await citizen.draft(SERVICE, form)
                await citizen.attach(application, "benefit_document", SCAN, "application/pdf", "benefit.pdf")
                (await citizen.submit(application, signer)).raise_for_status()
                accepted.append(application)
        async with embedded_stand(tmp_path, free_ports(), resend_after_s=0.3) as stand:
            again = Citizen(http, stand.addresses.of("portal"), person["iin"], stand.clock)
            (await again.sign_in(SERVICE)).raise_for_status()
            assert [(await again.outcome(application))["state"] for application in accepted] == ["granted"] * 3
