"""A whole stand in this process and a citizen before it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.stand.auditor import AsAuditor
from services.stand.cases import CASES, SCAN, SERVICE, Case, child_of, form_for
from services.stand.citizen import Citizen, key_container
from services.stand.embedded import EmbeddedStand, embedded_stand
from services.stand.working_time import to_working_time
from shared.crypto.p12 import KeyContainer
from shared.kit.settings import StandSettings


@dataclass
class Applicant:
    """A registered, signed-in citizen as ``case`` wants one, who applies again and again for the same child."""

    stand: EmbeddedStand
    http: httpx.AsyncClient
    citizen: Citizen
    signer: KeyContainer
    person: dict[str, Any]
    case: Case = CASES[0]

    @classmethod
    async def on(cls, stand: EmbeddedStand, http: httpx.AsyncClient, case: Case = CASES[0]) -> "Applicant":
        """The first person of the stand who fits ``case``, registered if they are not, and signed in."""
        people = (await http.get(f"{stand.addresses.of('pki')}/people")).json()
        person = next(person for person in people if person["kind"] == case.signer)
        citizen = Citizen(http, stand.addresses.of("portal"), person["iin"], stand.clock)
        await citizen.register()
        (await citizen.sign_in(SERVICE)).raise_for_status()
        signer = await key_container(http, stand.addresses.of("pki"), person["iin"])
        return cls(stand, http, citizen, signer, person, case)

    async def draft(self) -> str:
        """A complete draft for a child of the register, with the scan if the case has one."""
        child = child_of(self.case, self.person, self.stand.clock.now().date())
        application = await self.citizen.draft(SERVICE, form_for(self.case, self.person, *child))
        if self.case.attaches_scan:
            await self.citizen.attach(application, "benefit_document", SCAN, "application/pdf", "benefit.pdf")
        return application

    async def submit(self, application: str) -> None:
        """Sign and submit; the portal must take it."""
        answer = await self.citizen.submit(application, self.signer)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text

    async def journal(self, application: str) -> dict[str, Any]:
        """The gateway's journal once the run has ended."""
        url = f"{self.stand.addresses.of('gateway')}/journal/{application}"
        found: dict[str, Any] = (
            (await self.http.get(url, params={"wait": "20"}, auth=AsAuditor(), timeout=30)).raise_for_status().json()
        )
        return found

    async def queue(self) -> list[dict[str, Any]]:
        """All places of the queue, by number."""
        url = f"{self.stand.addresses.of('regional-gateway')}/queues/preschool/places"
        places: list[dict[str, Any]] = (await self.http.get(url, params={"limit": "500"}, auth=AsAuditor())).json()
        return places


@pytest.fixture
async def stand(tmp_path: Path, ground: dict[str, object]) -> AsyncIterator[EmbeddedStand]:
    """All services, with quick re-sending, in working time; on both grounds."""
    async with embedded_stand(tmp_path, resend_after_s=0.3, **ground) as found:
        to_working_time(found.clock, StandSettings())
        yield found


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30) as found:
        yield found


@pytest.fixture
async def applicant(stand: EmbeddedStand, http: httpx.AsyncClient) -> Applicant:
    """Signed in at ``stand``."""
    return await Applicant.on(stand, http)
