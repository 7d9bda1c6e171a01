"""A citizen at the portal, over HTTP and nothing else: what the demo and the topology tests act with."""

import base64
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.crypto.cades import sign_document
from shared.crypto.p12 import KeyContainer, load_p12
from shared.kit.clock import Clock

PATIENCE_S = 30.0


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

    async def register(self) -> None:
        """Register with IIN and password; being registered already is fine."""
        answer = await self.call("POST", "/recipients", json={"iin": self.iin, "password": self.password})
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()

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
        identity = signer.identity
        signature = sign_document(document, identity.key, identity.certificate, signer.chain, self.clock.now())
        body = {
            "certificate": identity.certificate.pem,
            "signature": base64.b64encode(signature).decode(),
        }
        return await self.call("POST", f"/applications/{application}/submit", json=body)

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


async def key_container(http: httpx.AsyncClient, pki: str, iin: str) -> KeyContainer:
    """The key container of a person of the stand, with the documented password."""

    people = (await http.get(f"{pki}/people")).raise_for_status().json()
    password = next(person["password"] for person in people if person["iin"] == iin)
    return load_p12((await http.get(f"{pki}/people/{iin}.p12")).raise_for_status().content, password)
