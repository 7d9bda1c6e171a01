"""A whole stand in this process and a citizen before it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.stand.cases import CASES, SERVICE, form_for
from services.stand.citizen import Citizen, key_container
from services.stand.embedded import EmbeddedStand, embedded_stand
from shared.crypto.p12 import KeyContainer
from shared.kit.iin import make_iin


@dataclass
class Applicant:
    """A registered, signed-in citizen with a good certificate, who applies for one child after the other."""

    stand: EmbeddedStand
    http: httpx.AsyncClient
    citizen: Citizen
    signer: KeyContainer
    person: dict[str, Any]
    children: int = 0

    async def draft(self) -> str:
        """A complete draft for a child that no earlier one was for."""
        self.children += 1
        born = self.stand.clock.now().date().replace(day=1)
        born = born.replace(year=born.year - 3)
        child = make_iin(born, "female", self.children)
        return await self.citizen.draft(SERVICE, form_for(CASES[0], self.person, child, born))

    async def submit(self, application: str) -> None:
        """Sign and submit; the portal must take it."""
        answer = await self.citizen.submit(application, self.signer)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text

    async def journal(self, application: str) -> dict[str, Any]:
        """The gateway's journal once the run has ended."""
        url = f"{self.stand.addresses.of('gateway')}/journal/{application}"
        found: dict[str, Any] = (await self.http.get(url, params={"wait": "20"}, timeout=30)).raise_for_status().json()
        return found

    async def queue(self) -> list[dict[str, Any]]:
        """All places of the queue, by number."""
        url = f"{self.stand.addresses.of('regional-gateway')}/queues/preschool"
        places: list[dict[str, Any]] = (await self.http.get(url, params={"limit": "500"})).json()["places"]
        return places


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[EmbeddedStand]:
    """All services, with quick re-sending."""
    async with embedded_stand(tmp_path, resend_after_s=0.3) as found:
        yield found


@pytest.fixture
async def applicant(stand: EmbeddedStand) -> AsyncIterator[Applicant]:
    """Signed in at ``stand``."""
    async with httpx.AsyncClient(timeout=30) as http:
        people = (await http.get(f"{stand.addresses.of('pki')}/people")).json()
        person = next(person for person in people if person["kind"] == "ordinary")
        citizen = Citizen(http, stand.addresses.of("portal"), person["iin"], stand.clock)
        await citizen.register()
        (await citizen.sign_in(SERVICE)).raise_for_status()
        signer = await key_container(http, stand.addresses.of("pki"), person["iin"])
        yield Applicant(stand, http, citizen, signer, person)
