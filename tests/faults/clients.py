"""Citizens and an operator as real clients are: no answer is no answer, so they ask or repeat what may be repeated.

What each was told goes into the history. Nothing is known here of what fails meanwhile.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.stand.addresses import Addresses
from services.stand.cases import CASES, SERVICE, child_of, form_for
from services.stand.citizen import Citizen, key_container
from services.stand.operator import Operator
from services.stand.visits import VISITS, form_of
from shared.crypto.cades import sign_document
from shared.crypto.p12 import KeyContainer
from shared.kit.clock import Clock
from tests.faults.history import Operation, Outcome

PATIENCE_S = 300.0
"""A client gives up on what it wants when for so long no client was told anything it wanted. How long one thing may
take is no question to a machine that is busy."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 1.0
_REFUSED = range(400, 500)
_DEAD_ENDS = frozenset({"data_unavailable", "acceptance_refused", "rejected", "refused", "returned"})
_TRY_AGAIN = frozenset({401, 408, 425, 429})

Call = Callable[[], Awaitable[httpx.Response]]
Look = Callable[[], Awaitable[bool]]


class GaveUp(Exception):
    """What a client wanted did not happen, or it never learned."""


@dataclass
class Patience:
    """Shared by all clients: as long as something goes on, they keep asking."""

    went_on_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    look_every_s: float = 0.0
    """How often a client looks after what it has sent; 0: it waits for the answer (``?wait=``)."""

    def went_on(self) -> None:
        """A client got what it wanted."""
        self.went_on_at = asyncio.get_running_loop().time()

    def lasts(self, started: float) -> bool:
        """Whether who began to want something at ``started`` keeps asking."""
        return asyncio.get_running_loop().time() < max(started, self.went_on_at) + PATIENCE_S

    def query(self, state: str) -> dict[str, str]:
        """How a client asks for what follows ``state``."""
        return {"wait": "2", "since": state} if state and not self.look_every_s else {}


@dataclass
class Tries:
    """How one thing went that a client wanted."""

    outcome: Outcome
    count: int
    detail: str = ""
    body: Any = None


class Desk:
    """What citizens and operators share: repeating, signing in again, writing down."""

    channel = ""

    def __init__(self, history: list[Operation], patience: Patience) -> None:
        self._history = history
        self._patience = patience
        self._signing_in = asyncio.Lock()

    async def sign_in(self) -> None:
        """A new session. Raises ``httpx.HTTPError``."""
        raise NotImplementedError

    async def wanted(
        self, client: str, action: str, application: str | None, call: Call, *, happened: Look | None = None
    ) -> Any:
        """Do ``call`` until it is answered; the answer's JSON. ``happened`` asks whether it took place when that is
        not known or it is refused the second time. Raises ``GaveUp``."""
        started = asyncio.get_running_loop().time()
        tries = await self._tries(call, happened)
        known = application or (tries.body.get("id") if isinstance(tries.body, dict) else None)
        self.note(client, action, known, tries.outcome, started, tries.count, tries.detail)
        if tries.outcome != "ok":
            raise GaveUp(f"{action} of {application}: {tries.detail}")
        return tries.body

    def note(
        self, client: str, action: str, application: str | None, outcome: Outcome, started: float, tries: int, text: str
    ) -> None:
        """Write down what a client was told."""
        ended = asyncio.get_running_loop().time()
        self._history.append(Operation(client, self.channel, action, application, outcome, started, ended, tries, text))
        if outcome == "ok":
            self._patience.went_on()

    async def _tries(self, call: Call, happened: Look | None) -> Tries:
        started = asyncio.get_running_loop().time()
        pause, count, detail, uncertain = _FIRST_PAUSE_S, 0, "", False
        while self._patience.lasts(started):
            count += 1
            answer, detail, lost = await self._once(call, happened if uncertain else None)
            if answer is not None:
                if answer.is_success:
                    return Tries("ok", count, "", answer.json() if answer.content else None)
                if answer.status_code == httpx.codes.UNAUTHORIZED:
                    await self._sign_in_again()
                elif answer.status_code in _REFUSED and answer.status_code not in _TRY_AGAIN and not uncertain:
                    return Tries("fail", count, detail)
            uncertain = uncertain or lost
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
        return Tries("unknown" if uncertain else "fail", count, detail)

    async def _once(self, call: Call, happened: Look | None) -> tuple[httpx.Response | None, str, bool]:
        """The answer, if one came; what is to be said of it; and whether it may have happened without an answer.

        ``happened`` is asked first: what has taken place is not wanted again.
        """
        try:
            if happened is not None and await happened():
                return httpx.Response(httpx.codes.NO_CONTENT), "", False
            answer = await call()
        except httpx.ConnectError:
            return None, "not reachable", False
        except httpx.TransportError as error:
            return None, type(error).__name__, True
        except httpx.HTTPStatusError as error:
            # Whoever was asked whether it has happened is not able to say.
            return error.response, str(error.response.status_code), False
        return answer, f"{answer.status_code} {answer.text[:200]}", answer.is_server_error

    async def _sign_in_again(self) -> None:
        if self._signing_in.locked():
            async with self._signing_in:
                return
        async with self._signing_in:
            try:
                await self.sign_in()
            except httpx.HTTPError:
                return


class Citizens(Desk):
    """One citizen with a key, who applies at the portal for one child after the other (diagram 2)."""

    channel = "portal"

    def __init__(
        self,
        history: list[Operation],
        patience: Patience,
        citizen: Citizen,
        person: dict[str, Any],
        signer: KeyContainer,
    ) -> None:
        super().__init__(history, patience)
        self._citizen = citizen
        self._person = person
        self._signer = signer

    @classmethod
    async def open(
        cls,
        history: list[Operation],
        patience: Patience,
        http: httpx.AsyncClient,
        addresses: Addresses,
        clock: Clock,
    ) -> "Citizens":
        """Registered and signed in, before anything fails."""
        people = (await http.get(f"{addresses.of('pki')}/people")).raise_for_status().json()
        person = next(person for person in people if person["kind"] == "ordinary")
        citizen = Citizen(http, addresses.of("portal"), person["iin"], clock)
        await citizen.register()
        signer = await key_container(http, addresses.of("pki"), person["iin"])
        found = cls(history, patience, citizen, person, signer)
        await found.sign_in()
        return found

    async def sign_in(self) -> None:
        """A new session for the service."""
        (await self._citizen.sign_in(SERVICE)).raise_for_status()

    async def apply(self, number: int) -> str:
        """Application ``number`` from the draft to the act in the cabinet; its id. Raises ``GaveUp``."""
        client, call = f"citizen-{number}", self._citizen.call
        draft = await self.wanted(
            client, "draft", None, lambda: call("POST", "/applications", json={"service": SERVICE})
        )
        application = str(draft["id"])
        path, form = f"/applications/{application}", self._form()
        await self.wanted(client, "form", application, lambda: call("PUT", f"{path}/form", json=form))
        document = await self._document(client, application)

        async def submitted() -> bool:
            state = (await call("GET", path)).raise_for_status().json()["state"]
            return bool(state != "draft")

        body = self._signed(document)
        await self.wanted(
            client, "submit", application, lambda: call("POST", f"{path}/submit", json=body), happened=submitted
        )
        await self._follow(client, application)
        result = await self.wanted(client, "look", application, lambda: call("GET", f"{path}/result"))
        loop = asyncio.get_running_loop()
        self.note(client, "result", application, "ok", loop.time(), 1, str(result["sha256"]))
        return application

    async def _document(self, client: str, application: str) -> bytes:
        content = b""

        async def get() -> httpx.Response:
            nonlocal content
            answer = await self._citizen.call("GET", f"/applications/{application}/document")
            content = answer.content
            return answer

        await self.wanted(client, "document", application, get)
        return content

    async def _follow(self, client: str, application: str) -> None:
        loop = asyncio.get_running_loop()
        started, state = loop.time(), "submitted"
        while self._patience.lasts(started):
            await asyncio.sleep(self._patience.look_every_s)
            params = self._patience.query(state)
            try:
                answer = await self._citizen.call("GET", f"/applications/{application}", params=params)
                if answer.status_code == httpx.codes.UNAUTHORIZED:
                    await self._sign_in_again()
                    continue
                state = answer.raise_for_status().json()["state"]
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
                continue
            if state in {"granted", "refused", "rejected"}:
                self.note(client, "follow", application, "ok", started, 1, state)
                return
        self.note(client, "follow", application, "unknown", started, 1, state)
        raise GaveUp(f"{application} is still {state}")

    def _form(self) -> dict[str, Any]:
        child = child_of(CASES[0], self._person, self._citizen.clock.now().date())
        return form_for(CASES[0], self._person, *child)

    def _signed(self, document: bytes) -> dict[str, str]:
        identity = self._signer.identity
        at = self._citizen.clock.now()
        signature = sign_document(document, identity.key, identity.certificate, self._signer.chain, at)
        return {"certificate": identity.certificate.pem, "signature": base64.b64encode(signature).decode()}


class Visitors(Desk):
    """An operator of a centre with one visitor after the other (diagram 1)."""

    channel = "csc"

    def __init__(self, history: list[Operation], patience: Patience, operator: Operator, clock: Clock) -> None:
        super().__init__(history, patience)
        self._operator = operator
        self._clock = clock

    @classmethod
    async def open(
        cls,
        history: list[Operation],
        patience: Patience,
        http: httpx.AsyncClient,
        addresses: Addresses,
        clock: Clock,
    ) -> "Visitors":
        """Signed in, before anything fails."""
        found = cls(history, patience, Operator(http, addresses.of("csc")), clock)
        await found.sign_in()
        return found

    async def sign_in(self) -> None:
        """A new session."""
        await self._operator.sign_in()

    async def apply(self, number: int) -> str:
        """Visit ``number`` from the form to the act in the visitor's hands; the matter's id. Raises ``GaveUp``."""
        client, call = f"visitor-{number}", self._operator.call
        visit = VISITS[0]
        matter = await self.wanted(
            client, "draft", None, lambda: call("POST", "/matters", json={"service": visit.service})
        )
        application = str(matter["id"])
        path, form = f"/matters/{application}", form_of(visit, None, self._clock.now().date())
        entered = await self.wanted(client, "form", application, lambda: call("PUT", f"{path}/form", json=form))
        consent = {"version": entered["consent_text"]["version"], "given_by": "applicant"}
        await self.wanted(client, "consent", application, lambda: call("POST", f"{path}/consent", json=consent))
        await self.wanted(
            client,
            "queries",
            application,
            lambda: call("POST", f"{path}/registry-queries"),
            happened=self._left(application, "entering"),
        )
        await self._reached(client, application, "queries", frozenset({"completing"}))
        await self.wanted(
            client,
            "submit",
            application,
            lambda: call("POST", f"{path}/submit", json={}),
            happened=self._left(application, "completing"),
        )
        last = await self._reached(client, application, "follow", frozenset({"ready", "refused"}))
        result = await self.wanted(client, "look", application, lambda: call("GET", f"{path}/result"))
        started = asyncio.get_running_loop().time()
        enquiry = next(item["record"] for item in last["enquiries"] if item["about"] == "applicant")
        body = {"who": "applicant", "identity_document": enquiry["identity_documents"][0]["number"]}
        await self.wanted(
            client,
            "hand-out",
            application,
            lambda: call("POST", f"{path}/hand-out", json=body),
            happened=self._left(application, "ready", "refused"),
        )
        self.note(client, "result", application, "ok", started, 1, str(result["sha256"]))
        return application

    def _left(self, application: str, *states: str) -> Look:
        async def look() -> bool:
            found = (await self._operator.call("GET", f"/matters/{application}")).raise_for_status().json()
            return found["state"] not in states

        return look

    async def _reached(self, client: str, application: str, action: str, states: frozenset[str]) -> dict[str, Any]:
        """The matter in one of ``states``; a silent registry is asked again."""
        loop = asyncio.get_running_loop()
        started, state = loop.time(), ""
        path = f"/matters/{application}"
        while self._patience.lasts(started):
            await asyncio.sleep(self._patience.look_every_s)
            params = self._patience.query(state)
            try:
                answer = await self._operator.call("GET", path, params=params)
                if answer.status_code == httpx.codes.UNAUTHORIZED:
                    await self._sign_in_again()
                    continue
                found: dict[str, Any] = answer.raise_for_status().json()
                state = found["state"]
                if state in _DEAD_ENDS - states:
                    break
                if state == "registry_silent":
                    await self._operator.call("POST", f"{path}/registry-queries/retry")
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
                continue
            if state in states:
                self.note(client, action, application, "ok", started, 1, state)
                return found
        self.note(client, action, application, "unknown", started, 1, state)
        raise GaveUp(f"{application} is still {state}")
