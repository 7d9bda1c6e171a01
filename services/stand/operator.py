"""An operator of a centre, over HTTP and nothing else: what the demo and the topology tests act with."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.stand.citizen import PATIENCE_S

BUSY = frozenset({"querying", "submitted", "registered", "in_review"})
"""States in which the matter is somebody else's."""


@dataclass
class Operator:
    """An operator at the workplace of a centre."""

    http: httpx.AsyncClient
    csc: str
    headers: dict[str, str] = field(default_factory=lambda: {"accept-language": "en"})

    async def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Any request to the centre's system in this operator's session."""
        headers = {**self.headers, **arguments.pop("headers", {})}
        return await self.http.request(method, self.csc + path, headers=headers, **arguments)

    async def _done(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.call(method, path, **arguments)).raise_for_status().json()
        return answer

    async def sign_in(self, kind: str = "centre", centre: str | None = None) -> None:
        """Sign in as the first operator the stand tells of (process 1) at a centre of ``kind``, or at the one named."""
        operators = (await self.call("GET", "/__stand/operators")).raise_for_status().json()
        first = next(
            operator
            for operator in operators
            if operator["role"] == "operator"
            and (operator["kind"] == kind if centre is None else operator["centre"] == centre)
        )
        session = await self._done(
            "POST", "/operator-sessions", json={"login": first["login"], "password": first["password"]}
        )
        self.headers["authorization"] = f"Bearer {session['token']}"

    async def receive(self, service: str, form: dict[str, Any]) -> str:
        """Choose the service, enter the visitor's data (process 2), have the consent signed; the matter's id."""
        matter = await self._done("POST", "/matters", json={"service": service})
        path = f"/matters/{matter['id']}"
        entered = await self._done("PUT", f"{path}/form", json=form)
        if entered["consent_text"] is not None:
            giver = "representative" if "representative" in form else "applicant"
            consent = {"version": entered["consent_text"]["version"], "given_by": giver}
            await self._done("POST", f"{path}/consent", json=consent)
        return str(matter["id"])

    async def ask_registries(self, matter: str) -> dict[str, Any]:
        """Ask the registries (process 3) and wait for what comes of it (condition 1)."""
        await self._done("POST", f"/matters/{matter}/registry-queries")
        return await self.settled(matter)

    async def take_papers(self, matter: str, scan: bytes) -> None:
        """Every document still missing is there, is compared with the original, given back and scanned (process 5)."""
        for missing in (await self._done("GET", f"/matters/{matter}"))["missing"]:
            path = f"/matters/{matter}/documents/{missing['document']}"
            await self._done("PUT", path, json={"present": True, "compared": True, "returned": True})
            headers = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="scan.pdf"'}
            await self._done("PUT", f"{path}/scan", content=scan, headers=headers)

    async def submit(self, matter: str) -> None:
        """Sign with the operator's key and send (process 6)."""
        await self._done("POST", f"/matters/{matter}/submit", json={})

    async def accept(self, matter: str) -> dict[str, Any]:
        """The short form: accept the complete package against the receipt."""
        return await self._done("POST", f"/matters/{matter}/accept", json={})

    async def hand_over(self, matter: str) -> None:
        """The short form: hand the accepted package to the provider, by the courier where there is one."""
        handed = await self._done("POST", f"/matters/{matter}/hand-over")
        if handed["state"] == "package_with_courier":
            await self._done("POST", f"/matters/{matter}/courier-delivery")

    async def collect(self, matter: str) -> dict[str, Any]:
        """The short form: receive the result from the provider, by the courier where there is one."""
        collected = await self._done("POST", f"/matters/{matter}/collect")
        if collected["state"] == "result_with_courier":
            collected = await self._done("POST", f"/matters/{matter}/courier-arrival")
        return collected

    async def refuse_acceptance(self, matter: str) -> dict[str, Any]:
        """Refuse the incomplete package."""
        return await self._done("POST", f"/matters/{matter}/refuse-acceptance")

    async def hand_out(self, matter: str, who: str) -> dict[str, Any]:
        """Hand the result or the refusal out (process 9) against an identity document: the applicant's as the persons
        registry knows it if it was asked, any other as it lies on the desk."""
        document = "TEST 000000001"
        if who == "applicant":
            enquiries = (await self._done("GET", f"/matters/{matter}"))["enquiries"]
            known = [enquiry["record"] for enquiry in enquiries if enquiry["about"] == "applicant" and enquiry["found"]]
            if known:
                document = known[0]["identity_documents"][0]["number"]
        body = {"who": who, "identity_document": document}
        return await self._done("POST", f"/matters/{matter}/hand-out", json=body)

    async def reached(self, matter: str, state: str) -> None:
        """Wait until the matter is in ``state``. Raises ``TimeoutError`` if it does not get there."""
        async with asyncio.timeout(PATIENCE_S):
            # What is waited for happens in another system, so there is nothing to be woken by.
            while (await self._done("GET", f"/matters/{matter}"))["state"] != state:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def settled(self, matter: str) -> dict[str, Any]:
        """The matter once it is the operator's turn again. Raises ``TimeoutError`` if that does not come."""
        state = await self._done("GET", f"/matters/{matter}")
        for _ in range(int(PATIENCE_S)):
            if state["state"] not in BUSY:
                return state
            params = {"wait": "1", "since": state["state"]}
            state = await self._done("GET", f"/matters/{matter}", params=params)
        raise TimeoutError(f"matter {matter} is still {state['state']}")
