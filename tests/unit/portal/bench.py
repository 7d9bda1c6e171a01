"""The portal put together for a test: no broker and no sockets, everything else real."""

import base64
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from services.portal.bootstrap import compose
from services.portal.repository import APPLICATIONS
from services.portal.settings import Settings
from shared.crypto.authority import AuthorityClient
from shared.crypto.cades import sign_document
from shared.crypto.directory import CertificateDirectory
from shared.crypto.identity import Identity
from shared.crypto.responder import Answering, answer_request
from shared.crypto.revocation import RevocationState, RevocationStatus
from shared.crypto.testing import IIN, MemoryPKI
from shared.db.engine import Database
from shared.kit.settings import StandSettings
from shared.messages.control import JournalEvent, JournalRecorded
from shared.messages.envelope import Message
from shared.messages.payload import Payload
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.platform import Platform, assemble_runtime
from shared.regulations.conformance import Verdict, conformance, step_events
from shared.regulations.loader import Regulations, load_regulations
from shared.web.app import create_service_app
from tests.factories.callers import calls_of
from tests.factories.journals import as_kept
from tests.factories.organisations import issuers_file
from tests.factories.received import BOUND, received
from tests.servers.databases import database_url

SERVICE = "almaty-city/preschool-queue"
PASSWORD = "a long enough pass phrase"
PHONE = "+77011234567"
CHILD = {"iin": "230510500012", "birth_date": "2023-05-10"}


class Bench:
    """One portal. ``pki`` answers its questions; put its paths into ``silent`` to make it silent."""

    def __init__(self, directory: Path, pki: MemoryPKI) -> None:
        self.pki = pki
        self.clock = pki.clock
        self.silent: set[str] = set()
        self.provider: dict[str, bytes | Exception] = {}
        """What the provider prints, by language, and its answer for an ``act`` by its hash; 404 for the rest."""
        self.place: httpx.Response | Exception | None = None
        """What the regional gateway says about a place on the queue."""
        self.centre: httpx.Response | Exception | None = None
        """What the electronic queue of the centres answers."""
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self.regulations = Regulations(load_regulations())  # a copy: some tests change it
        self._directory = directory
        self._offset = 0

    async def open(self, **settings: Any) -> None:
        """Start."""
        stand = StandSettings(
            data_dir=self._directory,
            kafka_bootstrap="127.0.0.1:1",
            organisations_file=issuers_file(self._directory),
            pki_url="http://pki.test",
        )
        values = {
            "provider_url": "http://provider.test",
            "csc_url": "http://csc.test",
            "regional_gateway_url": "http://regional-gateway.test",
            **settings,
        }
        self.hosted = compose(Settings(**values), stand, self.clock, self.regulations)
        database = Database(database_url(stand.data_dir, "portal"), self.hosted.metadata)
        await database.create_tables()
        outside = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        authority = AuthorityClient(stand.pki_url, outside, self.clock)
        directory = CertificateDirectory(self.clock, authority)
        identity = self.pki.system("portal")
        self.runtime = assemble_runtime(
            System.PORTAL,
            database=database,
            tables=self.hosted.tables,
            handlers=self.hosted.handlers,
            identity=identity,
            directory=directory,
            stand=stand,
            clock=self.clock,
            on_change=self.hosted.changes.notify,
        )
        self.platform = Platform(
            System.PORTAL, self.clock, stand, database, outside, authority, directory, identity, self.runtime
        )
        await self.hosted.opened(self.platform)

        async def ready() -> dict[str, str | None]:
            return {}

        app = create_service_app(
            code="portal",
            title="portal",
            summary="",
            clock=self.clock,
            tools=True,
            stand_routers=self.hosted.stand_routers,
            lifespan=None,
            readiness=ready,
            routers=self.hosted.routers,
        )
        self.app = app
        app.state.platform = self.platform
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")

    def calls_of(self, system: System) -> httpx.Auth:
        """For ``auth``: calls signed by another system."""
        return calls_of(system, self.pki, self.platform.directory)

    async def attachment(self, path: str) -> httpx.Response:
        """What the provider gets."""
        return await self.http.get(path, auth=self.calls_of(System.PROVIDER))

    async def close(self) -> None:
        """Stop."""
        await self.http.aclose()
        await self.platform.close(abruptly=True)

    # -- the world outside -----------------------------------------------------------------------------------

    def _answer(self, request: httpx.Request) -> httpx.Response:
        host, path = request.url.host, request.url.path
        self.asked.append(path)
        neighbours = {
            "csc.test": self.centre,
            "regional-gateway.test": self.place,
            "provider.test": self.provider.get(request.url.params.get("lang", "act")),
        }
        if host in neighbours:
            return _said(neighbours[host])
        if path in self.silent or "everything" in self.silent:
            raise httpx.ConnectError("silent")
        issuing = self.pki.authority.issuing.certificate
        match path:
            case "/ca/root.pem":
                return httpx.Response(200, text=self.pki.authority.root.certificate.pem)
            case "/ca/issuing.pem":
                return httpx.Response(200, text=issuing.pem)
            case "/crl/issuing.crl":
                return httpx.Response(200, content=self.pki.crl().der)
            case "/ocsp":
                answering = Answering(issuing, self.pki.authority.responder, self._status)
                der = answer_request(request.content, answering=[answering], at=self.clock.now())
                return httpx.Response(200, content=der)
        return httpx.Response(404)

    def _status(self, serial_number: int) -> RevocationStatus:
        revoked = self.pki.revoked.get(serial_number)
        if revoked is None:
            return RevocationStatus(RevocationState.GOOD)
        return RevocationStatus(RevocationState.REVOKED, revoked[0], revoked[1])

    async def _request_of(self, application: str) -> str | None:
        """The digest of what was sent, which everything about it goes back to."""
        async with self.platform.database.session() as session:
            found = (await APPLICATIONS.load(session, [application])).get(application)
        return found.message_digest if found else None

    async def deliver(self, kind: MessageType, application: str, payload: Payload, **fields: Any) -> None:
        """Let a message of the regional gateway take effect, as a batch of one. Rejected ones become dead letters."""
        self._offset += 1
        if kind in BOUND and "requestdigest" not in fields:
            fields["requestdigest"] = await self._request_of(application)
        where = {"source": System.REGIONAL_GATEWAY, "regulation": SERVICE, "destination": System.PORTAL}
        message = received(self.clock, kind, application, payload, offset=self._offset, **(where | fields))
        await self.runtime._take([message], {kind})

    # -- what the portal sent --------------------------------------------------------------------------------

    async def sent(self, kind: MessageType) -> list[Message]:
        """What the portal has sent, oldest first."""
        outbox = self.hosted.tables.outbox
        async with self.platform.database.session() as session:
            # In the order in which they were put in: under a frozen clock ids made at the same time do not sort.
            rows = (await session.execute(outbox.select().order_by(outbox.c.seq))).mappings().all()
        messages = [Message.decode(row["value"]) for row in rows]
        return [message for message in messages if message.type is kind]

    async def events(self, application: str) -> list[JournalEvent]:
        """What was journaled about an application, in order."""
        found = [JournalRecorded.model_validate(m.data).events for m in await self.sent(MessageType.JOURNAL_RECORDED)]
        return [event for events in found for event in events if event.application == application]

    async def steps(self, application: str) -> list[tuple[str, bool | None]]:
        """The journaled steps with their answers."""
        return [(e.step, e.passed) for e in await self.events(application) if e.kind == "step"]

    async def verdict(self, application: str, service: str = SERVICE, channel: str = "portal") -> Verdict:
        """The run so far, judged by the regulation."""
        steps = step_events(as_kept(await self.events(application)))
        return conformance(self.regulations[service], channel, steps)

    async def dead_letters(self) -> list[str]:
        """Why messages were not taken."""
        async with self.platform.database.session() as session:
            return [letter["reason"] for letter in await self.runtime.store.dead_letters(session, limit=10)]

    # -- what a person does ----------------------------------------------------------------------------------

    async def register(self, iin: str = IIN, signer: Identity | None = None, **more: Any) -> httpx.Response:
        """Register, with a challenge signed by ``signer`` (default: an ordinary person with this IIN)."""
        proof = await self.challenged(iin, signer or self.pki.person(iin))
        return await self.http.post("/recipients", json={"iin": iin, "password": PASSWORD, **proof, **more})

    async def challenged(self, iin: str, signer: Identity, purpose: str = "registration") -> dict[str, str]:
        """A challenge for ``iin``, and the signature of ``signer``."""
        body = {"iin": iin, "purpose": purpose}
        made = (await self.http.post("/recipients/challenges", json=body)).raise_for_status().json()
        return {"challenge": made["challenge"], "signature": self.signature(made["document"].encode(), signer)}

    async def sign_in(self, iin: str = IIN, password: str = PASSWORD, **more: Any) -> httpx.Response:
        """Try to sign in."""
        return await self.http.post("/sessions", json={"iin": iin, "password": password, **more})

    async def enter(self, iin: str = IIN) -> dict[str, str]:
        """Register and sign in; the headers of the session."""
        if (answer := await self.sign_in(iin)).status_code == httpx.codes.UNAUTHORIZED:
            (await self.register(iin)).raise_for_status()
            answer = await self.sign_in(iin)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return {"authorization": f"Bearer {answer.json()['token']}"}

    async def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Any request in the session of ``headers``."""
        headers = {**self.headers, **arguments.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **arguments)

    async def draft(self, *, filled: bool = True, fill: dict[str, Any] | None = None, **chosen: str) -> str:
        """A draft of the person of ``headers``, who signs in if need be; with the form filled (``fill``).

        ``chosen``: ``service`` and ``channel``, if others than those of the diagram.
        """
        self.headers = self.headers or await self.enter()
        answer = await self.call("POST", "/applications", json={"service": SERVICE, **chosen})
        assert answer.status_code == httpx.codes.CREATED, answer.text
        application = str(answer.json()["id"])
        if filled:
            answer = await self.call("PUT", f"/applications/{application}/form", json=fill or form())
            assert answer.status_code == httpx.codes.OK, answer.text
        return application

    async def sign(self, application: str, signer: Identity | None = None) -> dict[str, str]:
        """The body of a submission: the portal's bytes signed by ``signer`` (default: an ordinary person)."""
        content = (await self.call("GET", f"/applications/{application}/document")).raise_for_status().content
        return {"signature": self.signature(content, signer or self.pki.person())}

    def signature(self, content: bytes, signer: Identity, at: datetime | None = None) -> str:
        """A detached CMS in base64, dated now unless said otherwise."""
        der = sign_document(content, signer.key, signer.certificate, self.pki.chain, at or self.clock.now())
        return base64.b64encode(der).decode()

    async def short_messages(self, phone: str | None = None) -> list[str]:
        """What the telephone (or every one) has received, newest first, in English."""
        params = {"phone": phone} if phone else {}
        found = (await self.http.get("/__stand/text-messages", params=params)).raise_for_status().json()
        return [message["text"]["en"] for message in found]

    async def password(self) -> str:
        """The one-time password that was sent last."""
        return (await self.short_messages())[0].rpartition(" ")[2]

    async def device(self, phone: str = PHONE) -> str:
        """A confirmed telephone of the person of ``headers``; its id."""
        self.headers = self.headers or await self.enter()
        made = (await self.call("POST", "/devices", json={"phone": phone})).raise_for_status().json()
        path = f"/devices/{made['id']}/confirmation"
        (await self.call("POST", path, json={"password": await self.password()})).raise_for_status()
        self.clock.advance(timedelta(seconds=1))  # of short messages of one instant none is the latest
        return str(made["id"])

    async def submit(self, application: str, signer: Identity | None = None) -> httpx.Response:
        """Sign and submit."""
        body = await self.sign(application, signer)
        return await self.call("POST", f"/applications/{application}/submit", json=body)

    async def state(self, application: str) -> dict[str, Any]:
        """The application in the cabinet."""
        return dict((await self.call("GET", f"/applications/{application}")).raise_for_status().json())


def _said(answer: httpx.Response | Exception | bytes | None) -> httpx.Response:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, bytes):
        return httpx.Response(200, content=answer)
    return answer or httpx.Response(404)


def form(**changes: Any) -> dict[str, Any]:
    """A form without a fault."""
    return {
        "applicant": {
            "iin": IIN,
            "surname": "ТЕСТОВА",
            "given_name": "Әсел",
            "phone": "+77010000000",
            "address": "Алматы, Абай даңғылы, 1",
        },
        "relation": "parent",
        "child": {**CHILD, "surname": "ТЕСТОВ", "given_name": "Алан"},
        "district": "almaly",
        "language": "kk",
        "preferred_kindergartens": ["№ 1"],
        **changes,
    }
