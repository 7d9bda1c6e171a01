"""Who applies: a citizen at the portal, or an operator for a visitor of a centre. HTTP and nothing else."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import orjson

from services.stand.bench.connection import Connections
from services.stand.cases import CASES, SERVICE, child_of, form_for
from services.stand.citizen import Citizen, key_container
from services.stand.operator import Operator
from services.stand.visits import VISITS, form_of
from shared.crypto.cades import sign_document
from shared.crypto.p12 import KeyContainer
from shared.kit.clock import Clock
from shared.messaging.http import client

_PAGE = 200
_PATIENCE_S = 30


@dataclass(frozen=True)
class Prepared:
    """An application that only needs to be sent."""

    application: str
    body: bytes = b""


class Applicant(Protocol):
    """What the load generator asks of whoever applies."""

    at_once: int
    """Calls of ``submit`` at the same time while throughput is measured."""

    async def prepare(self, number: int) -> Prepared:
        """Everything before the clock starts; ``number`` is used once."""

    async def submit(self, item: Prepared) -> None:
        """Send it. Raises ``RuntimeError`` if it is not taken."""

    async def follow(self, application: str) -> None:
        """Wait for the result. Raises ``RuntimeError`` if it ends otherwise."""

    async def finished(self, waiting: set[str]) -> set[str]:
        """Which of ``waiting`` have their result."""


class CitizenAtPortal:
    """A signed-in citizen who applies again and again for the same child of the register."""

    at_once = 8

    def __init__(self, http: Connections, person: dict[str, Any], signer: KeyContainer, clock: Clock) -> None:
        self._http = http
        self._person = person
        self._signer = signer
        self._clock = clock

    async def prepare(self, number: int) -> Prepared:  # noqa: ARG002 - a child may be applied for twice
        """A draft, filled in and signed."""
        # Always the same child: the registry that is asked has to know it as the applicant's.
        child = child_of(CASES[0], self._person, self._clock.now().date())
        form = form_for(CASES[0], self._person, *child)
        created = await self._http.call("POST", "/applications", orjson.dumps({"service": SERVICE}))
        application = str(created.json(201)["id"])
        path = f"/applications/{application}"
        (await self._http.call("PUT", f"{path}/form", orjson.dumps(form))).expect(200)
        document = (await self._http.call("GET", f"{path}/document")).expect(200)
        identity, chain = self._signer.identity, self._signer.chain
        signature = sign_document(document, identity.key, identity.certificate, chain, self._clock.now())
        body = {"certificate": identity.certificate.pem, "signature": base64.b64encode(signature).decode()}
        return Prepared(application, orjson.dumps(body))

    async def submit(self, item: Prepared) -> None:
        """Submit the signed draft."""
        (await self._http.call("POST", f"/applications/{item.application}/submit", item.body)).expect(202)

    async def follow(self, application: str) -> None:
        """Until it is granted."""
        await _follow(self._http, f"/applications/{application}", "submitted", "granted")

    async def finished(self, waiting: set[str]) -> set[str]:
        """By the cabinet's list of granted matters that are not older than the oldest waited for."""
        return await _listed(self._http, f"/applications?state=granted&oldest={min(waiting)}", waiting)


class OperatorAtCentre:
    """A signed-in operator with one visitor after the other, who all apply for the same child of the register."""

    # Each waits for the registries in between, so it takes more of them.
    at_once = 64

    def __init__(self, http: Connections, clock: Clock) -> None:
        self._http = http
        self._form = form_of(VISITS[0], None, clock.now().date())

    async def prepare(self, number: int) -> Prepared:  # noqa: ARG002 - a visitor may come twice
        """A matter with the visitor's data and consent."""
        created = await self._http.call("POST", "/matters", orjson.dumps({"service": VISITS[0].service}))
        matter = str(created.json(201)["id"])
        entered = (await self._http.call("PUT", f"/matters/{matter}/form", orjson.dumps(self._form))).json(200)
        consent = {"version": entered["consent_text"]["version"], "given_by": "applicant"}
        (await self._http.call("POST", f"/matters/{matter}/consent", orjson.dumps(consent))).expect(200)
        return Prepared(matter)

    async def submit(self, item: Prepared) -> None:
        """Ask the registries, wait for their answers, have the request certified and sent."""
        path = f"/matters/{item.application}"
        (await self._http.call("POST", f"{path}/registry-queries")).expect(202)
        await _follow(self._http, path, "querying", "completing")
        (await self._http.call("POST", f"{path}/submit", b"{}")).expect(202)

    async def follow(self, application: str) -> None:
        """Until the result is ready at the centre."""
        await _follow(self._http, f"/matters/{application}", "submitted", "ready")

    async def finished(self, waiting: set[str]) -> set[str]:
        """By the centre's list of matters that are ready."""
        return await _listed(self._http, "/matters?state=ready", waiting)


_BUSY = frozenset({"querying", "submitted", "registered", "in_review"})


async def _follow(http: Connections, path: str, state: str, wanted: str) -> None:
    while state in _BUSY:
        answer = await http.call("GET", f"{path}?wait={_PATIENCE_S}&since={state}")
        state = str(answer.json(200)["state"])
    if state != wanted:
        raise RuntimeError(f"{path} is {state}, not {wanted}")


async def _listed(http: Connections, path: str, waiting: set[str]) -> set[str]:
    """Which of ``waiting`` stand in a list that is sorted by id, newest first."""
    found: set[str] = set()
    oldest, before = min(waiting), ""
    while True:
        answer = await http.call("GET", f"{path}&limit={_PAGE}{before}")
        page = [str(item["id"]) for item in answer.json(200)]
        found.update(waiting.intersection(page))
        if len(page) < _PAGE or page[-1] <= oldest:
            return found
        before = f"&before={page[-1]}"


async def citizen(http: httpx.AsyncClient, urls: Mapping[str, str], clock: Clock) -> tuple[Citizen, dict[str, Any]]:
    """A registered citizen of the stand in a session, and the person."""
    people = (await http.get(f"{urls['pki']}/people")).raise_for_status().json()
    person = next(person for person in people if person["kind"] == "ordinary")
    found = Citizen(http, urls["portal"], person["iin"], clock)
    await found.register()
    (await found.sign_in(SERVICE)).raise_for_status()
    return found, person


async def applicant(urls: Mapping[str, str], channel: str) -> tuple[Connections, Applicant]:
    """Whoever applies through ``channel``, signed in, and the connections to close in the end."""
    clock = Clock()
    async with client(timeout=_PATIENCE_S) as http:
        if channel == "csc":
            operator = Operator(http, urls["csc"])
            await operator.sign_in()
            pool = Connections(urls["csc"], operator.headers)
            return pool, OperatorAtCentre(pool, clock)
        found, person = await citizen(http, urls, clock)
        signer = await key_container(http, urls["pki"], person["iin"])
        pool = Connections(urls["portal"], found.headers)
        return pool, CitizenAtPortal(pool, person, signer, clock)
