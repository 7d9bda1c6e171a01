"""The demo: every case of the diagram over HTTP as a client would, and the journal's verdict on each."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from services.stand.addresses import Addresses
from services.stand.auditor import as_auditor
from services.stand.cases import CASES, SCAN, SERVICE, Case, child_of, form_for
from services.stand.citizen import PATIENCE_S, Citizen, key_container
from services.stand.remote import Cannot, content_of
from shared.kit.clock import Clock


class Played(Protocol):
    """What the demo says of a case, at the portal or at a centre."""

    @property
    def name(self) -> str: ...

    @property
    def what(self) -> str: ...

    @property
    def outcome(self) -> str: ...


@dataclass
class Run:
    """What one case came to, as the gateway's journal has it."""

    case: Played
    journal: dict[str, Any]
    messages: list[dict[str, Any]]
    ms: int
    note: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether the run ended as the case says, the verdict is conformant, and nothing came after that is wrong."""
        right = self.journal["verdict"] == "conformant" and not self.journal["afterwards"]
        return right and self.journal["outcome"] == self.case.outcome

    def as_dict(self) -> dict[str, Any]:
        """For ``egov demo --json``."""
        return {
            "regulation": self.journal["regulation"],
            "channel": self.journal["channel"],
            "case": self.case.name,
            "outcome": self.journal["outcome"],
            "steps": [step["step"] for step in self.journal["steps"]],
            "verdict": self.journal["verdict"],
            "deviations": [deviation["name"] for deviation in self.journal["deviations"]],
            "ms": self.ms,
        }


class Demo:
    """Plays cases against a stand that is up."""

    def __init__(self, http: httpx.AsyncClient, addresses: Addresses, clock: Clock) -> None:
        self._http = http
        self._addresses = addresses
        self._clock = clock

    async def play(self, case: Case) -> Run:
        """One case from the first page to the verdict."""
        started = time.perf_counter()
        people = (await self._http.get(f"{self._addresses.of('pki')}/people")).raise_for_status().json()
        person = next(person for person in people if person["kind"] == case.signer)
        citizen = Citizen(self._http, self._addresses.of("portal"), person["iin"], self._clock)
        if case.wrong_password:
            problem = await self._refused(people)
            return await journaled(self._http, self._addresses, case, problem["journal"], started, problem["detail"])
        await citizen.register()
        (await citizen.sign_in(SERVICE)).raise_for_status()
        application, note = await self._apply(case, citizen, person, people)
        return await journaled(self._http, self._addresses, case, application, started, note)

    async def _refused(self, people: list[dict[str, Any]]) -> dict[str, Any]:
        """The problem that a wrong password is answered with, to the first whom earlier failures have not locked out.
        Raises ``Cannot``."""
        for person in people:
            citizen = Citizen(self._http, self._addresses.of("portal"), person["iin"], self._clock)
            await citizen.register()
            answer = await citizen.sign_in(SERVICE, "not the password")
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                problem: dict[str, Any] = answer.json()
                return problem
        raise Cannot("every person of the stand is locked out at the portal for a while, after wrong passwords")

    async def _apply(
        self, case: Case, citizen: Citizen, person: dict[str, Any], people: list[dict[str, Any]]
    ) -> tuple[str, str]:
        today = self._clock.now().date()
        child_iin, born = child_of(case, person, today)
        application = await citizen.draft(SERVICE, form_for(case, person, child_iin, born))
        if case.attaches_scan:
            await citizen.attach(application, "benefit_document", SCAN, "application/pdf", "benefit.pdf")
        owner = person["iin"]
        if case.borrowed_certificate:
            owner = next(other["iin"] for other in people if other["kind"] == "ordinary" and other["iin"] != owner)
        signer = await key_container(self._http, self._addresses.of("pki"), owner)
        answer = await citizen.submit(application, signer)
        if answer.status_code == httpx.codes.FORBIDDEN:
            checks = answer.json()["report"]["checks"]
            return application, next(str(c["detail"]) for c in checks if c["indication"] == "failed")
        answer.raise_for_status()
        state = await citizen.outcome(application)
        if state["state"] == "granted":
            return application, f"queue number {state['queue']['number']}"
        result = (await citizen.call("GET", f"/applications/{application}/result")).raise_for_status().json()
        return application, "; ".join(str(ground["text"]["en"]) for ground in result["document"]["grounds"])


async def journaled(
    http: httpx.AsyncClient, addresses: Addresses, case: Played, journal_id: str, started: float, note: str
) -> Run:
    """What became of a case, from the gateway's journal and message log."""
    gateway = addresses.of("gateway")
    # The run's own clock stops when the client has its answer; what follows is the demo looking at the proof.
    ms = round((time.perf_counter() - started) * 1000)
    url, patience, auditor = f"{gateway}/journal/{journal_id}", {"wait": str(PATIENCE_S)}, as_auditor()
    answer = await http.get(url, params=patience, auth=auditor, timeout=2 * PATIENCE_S)
    return Run(case, content_of(answer), await _delivered(http, gateway, journal_id, auditor), ms, note)


async def _delivered(
    http: httpx.AsyncClient, gateway: str, application: str, auditor: httpx.Auth
) -> list[dict[str, Any]]:
    """The messages of the application, oldest first, once all of them have their receipts (or patience ends)."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while True:
        answer = await http.get(f"{gateway}/messages", params={"subject": application}, auth=auditor)
        found: list[dict[str, Any]] = sorted(answer.raise_for_status().json(), key=lambda m: m["message_id"])
        if all(m["delivery_state"] == "DELIVERED" for m in found) or loop.time() > deadline:
            return found
        await asyncio.sleep(0.02)


async def play_applications(http: httpx.AsyncClient, addresses: Addresses, clock: Clock) -> list[Run]:
    """Every case at the portal, one after the other."""
    demo = Demo(http, addresses, clock)
    return [await demo.play(case) for case in CASES]
