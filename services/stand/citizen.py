"""A citizen at the portal, over HTTP and nothing else: what the demo and the topology tests act with."""

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.crypto.cades import sign_document
from shared.crypto.p12 import KeyContainer, load_p12
from shared.kit.clock import Clock

PATIENCE_S = 30.0
_TRIES = 5
_PAUSE_S = 0.5


@dataclass
class Citizen:
    """One person with a key container and a session at the portal."""

    http: httpx.AsyncClient
    portal: str
    iin: str
    clock: Clock
    """Whose time goes into signatures: the stand's."""
    password: str = "a long enough pass phrase"  # noqa: S105 - synthetic people of a test stand
    headers: dict[str, str] = field(default_factory=lambda: {"accept-language": "en"})

    async def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Any request to the portal in this citizen's session."""
        headers = {**self.headers, **arguments.pop("headers", {})}
        return await self.http.request(method, self.portal + path, headers=headers, **arguments)

    async def register(self, signer: KeyContainer | None = None) -> None:
        """Register with IIN and password. The IIN is proven with the certificate of ``signer``, which also takes the
        account back; without one by the password that comes to the telephone of the state's base, which the stand's
        tools show, and being registered already is fine."""
        if signer is not None:
            (await self._register_with(await self._challenged("registration", signer))).raise_for_status()
            return
        answer: httpx.Response | None = None
        for _ in range(_TRIES):
            if (await self.call("POST", "/__stand/sessions", json={"iin": self.iin})).is_success:
                return
            if answer is not None:
                await asyncio.sleep(_PAUSE_S)  # another copy of this person has had a newer password sent
            answer = await self._register_with({"one_time_password": await self._password_by_telephone()})
            if answer.is_success:
                return
        if answer is not None:
            answer.raise_for_status()

    async def _register_with(self, proof: dict[str, str]) -> httpx.Response:
        return await self.call("POST", "/recipients", json={"iin": self.iin, "password": self.password, **proof})

    async def _challenged(self, purpose: str, signer: KeyContainer) -> dict[str, str]:
        body = {"iin": self.iin, "purpose": purpose}
        made = (await self.call("POST", "/recipients/challenges", json=body)).raise_for_status().json()
        signature = self._signature(made["document"].encode(), signer)
        return {"challenge": made["challenge"], "signature": signature}

    async def _password_by_telephone(self) -> str:
        (await self.call("POST", "/recipients/one-time-passwords", json={"iin": self.iin})).raise_for_status()
        known = (await self.call("GET", "/__stand/mobile-citizens")).raise_for_status().json()
        phone = next((citizen["phone"] for citizen in known if citizen["iin"] == self.iin), None)
        if phone is None:
            raise LookupError(f"the state's base knows no telephone of {self.iin}: register with the certificate")
        return await newest_password(self.http, self.portal, phone)

    def _signature(self, content: bytes, signer: KeyContainer) -> str:
        identity = signer.identity
        der = sign_document(content, identity.key, identity.certificate, signer.chain, self.clock.now())
        return base64.b64encode(der).decode()

    async def sign_in(self, service: str, password: str | None = None) -> httpx.Response:
        """Sign in for ``service``; the session is kept if that worked.

        Whoever was registered by somebody else, with another password, is let in by the stand's tools, unless a
        ``password`` is to be tried.
        """
        credentials = {"iin": self.iin, "password": password or self.password, "service": service}
        answer = await self.call("POST", "/sessions", json=credentials)
        if password is None and answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.TOO_MANY_REQUESTS):
            played = await self.call("POST", "/__stand/sessions", json={"iin": self.iin})
            answer = played if played.is_success else answer
        if answer.is_success:
            self.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return answer

    async def draft(self, service: str, form: dict[str, Any]) -> str:
        """A draft with a filled form; its application id."""
        answer = (await self.call("POST", "/applications", json={"service": service})).raise_for_status()
        application = str(answer.json()["id"])
        (await self.call("PUT", f"/applications/{application}/form", json=form)).raise_for_status()
        return application

    async def attach(self, application: str, document: str, content: bytes, media_type: str, name: str) -> None:
        """Attach a copy of a document."""
        path = f"/applications/{application}/attachments/{document}"
        headers = {"content-type": media_type, "content-disposition": f'attachment; filename="{name}"'}
        (await self.call("PUT", path, content=content, headers=headers)).raise_for_status()

    async def submit(self, application: str, signer: KeyContainer) -> httpx.Response:
        """Sign exactly the bytes the portal shows and submit them with the certificate."""
        document = (await self.call("GET", f"/applications/{application}/document")).raise_for_status().content
        body = {
            "certificate": signer.identity.certificate.pem,
            "signature": self._signature(document, signer),
        }
        return await self.call("POST", f"/applications/{application}/submit", json=body)

    async def complain(self, complaint: dict[str, Any], signer: KeyContainer) -> httpx.Response:
        """Sign exactly the bytes the portal makes of the complaint, and submit it."""
        document = (await self.call("POST", "/complaints/document", json=complaint)).raise_for_status().content
        body = {
            **complaint,
            "certificate": signer.identity.certificate.pem,
            "signature": self._signature(document, signer),
        }
        return await self.call("POST", "/complaints", json=body)

    async def outcome(self, application: str) -> dict[str, Any]:
        """The application in the cabinet once it has ended. Raises ``TimeoutError`` if it does not."""
        state: dict[str, Any] = {}
        for _ in range(int(PATIENCE_S)):
            since = {"since": state["state"]} if state else {}
            path = f"/applications/{application}"
            answer = await self.call("GET", path, params={"wait": "1", **since}, timeout=PATIENCE_S)
            state = answer.raise_for_status().json()
            if state["state"] in ("granted", "refused", "rejected"):
                return state
        raise TimeoutError(f"application {application} is still {state['state']}")


async def newest_password(http: httpx.AsyncClient, portal: str, phone: str) -> str:
    """The password in the newest short message to ``phone``, as the stand's tools show it. Raises ``LookupError``."""
    params = {"phone": phone, "limit": "1"}
    messages = (await http.get(f"{portal}/__stand/text-messages", params=params)).raise_for_status().json()
    if not messages:
        raise LookupError(f"no short message came to {phone}")
    return str(messages[0]["text"]["en"]).rpartition(" ")[2]


async def key_container(http: httpx.AsyncClient, pki: str, iin: str) -> KeyContainer:
    """The key container of a person of the stand, with the documented password."""

    people = (await http.get(f"{pki}/people")).raise_for_status().json()
    password = next(person["password"] for person in people if person["iin"] == iin)
    return load_p12((await http.get(f"{pki}/people/{iin}.p12")).raise_for_status().content, password)
