"""The provider put together for a test: no broker, everything else real."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from services.provider import repository
from services.provider.bootstrap import compose
from services.provider.settings import Settings
from shared.crypto.certificates import Certificate
from shared.crypto.issuance import Subject
from shared.crypto.testing import MemoryPKI
from shared.crypto.trust import TrustAnchors
from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.db.engine import Database
from shared.kit.ids import sha256_base64url
from shared.kit.settings import StandSettings
from shared.messages.application import QueuePlacementMade
from shared.messages.control import JournalEvent, JournalRecorded
from shared.messages.envelope import Message
from shared.messages.payload import Payload
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.platform import Platform, assemble_runtime
from shared.web.app import create_service_app
from tests.factories.callers import calls_of
from tests.factories.received import BOUND, received
from tests.servers.databases import database_url
from tests.unit.provider.answers import answer_all
from tests.unit.provider.applications import SERVICE


class MemoryAuthority:
    """Certifies officers as the authority does, without a network."""

    def __init__(self, pki: MemoryPKI) -> None:
        self._pki = pki
        self.in_use: dict[str, Certificate] = {}

    async def anchors(self) -> TrustAnchors:
        return self._pki.anchors

    async def certificate(self, _thumbprint: str, _token: str = "") -> Certificate | None:
        return self._pki.anchors.issuing  # it knows them all

    async def enrol_officer(self, key: Any, _token: str, *, organisation: str, **person: str) -> Certificate:
        subject = Subject.person(organisation=organisation, **person)
        return self._pki.issue(subject, key=key, not_before=VALID_FROM, not_after=VALID_UNTIL).certificate


class Bench:
    """One provider; ``open`` after ``close`` is a restart with the same data."""

    def __init__(self, directory: Path, pki: MemoryPKI, settings: Settings) -> None:
        self.directory = directory
        self.pki = pki
        self.settings = settings
        self.portal: dict[str, bytes | Exception | httpx.Response] = {}
        """What the portal serves, by SHA-256; 404 for the rest."""
        self.centre: dict[str, bytes | Exception] = {}
        """What the centre serves."""
        self.asked: list[str] = []
        """Every address that was asked for an attachment."""
        self.registry = True
        """Whether the persons registry answers at once, that everything is as the application says."""
        self._offset = 0
        self._sessions: dict[str, dict[str, str]] = {}

    async def open(self) -> None:
        """Start."""
        clock, stand = self.pki.clock, StandSettings(data_dir=self.directory, kafka_bootstrap="127.0.0.1:1", tools=True)
        self.hosted = compose(self.settings, stand, clock)
        database = Database(database_url(stand.data_dir, "provider"), self.hosted.metadata)
        await database.create_tables()
        identity, directory = self.pki.system("provider"), self.pki.directory()
        self.runtime = assemble_runtime(
            System.PROVIDER,
            database=database,
            tables=self.hosted.tables,
            handlers=self.hosted.handlers,
            identity=identity,
            directory=directory,
            stand=stand,
            clock=clock,
            on_change=self.hosted.changes.notify,
        )
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._serve))
        authority: Any = MemoryAuthority(self.pki)
        self.platform = Platform(
            System.PROVIDER, clock, stand, database, http, authority, directory, identity, self.runtime
        )
        await self.hosted.opened(self.platform)

        async def ready() -> dict[str, str | None]:
            return {}

        self.app = create_service_app(
            code="provider",
            title="provider",
            summary="",
            clock=clock,
            tools=True,
            lifespan=None,
            readiness=ready,
            routers=self.hosted.routers,
            stand_routers=self.hosted.stand_routers,
        )
        self.app.state.platform = self.platform
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost")

    def calls_of(self, system: System) -> httpx.Auth:
        """For ``auth``: calls signed by another system."""
        return calls_of(system, self.pki, self.platform.directory)

    async def document(self, path: str, **arguments: Any) -> httpx.Response:
        """What the portal gets of an act."""
        return await self.http.get(path, auth=self.calls_of(System.PORTAL), **arguments)

    async def close(self) -> None:
        """Stop."""
        await self.http.aclose()
        await self.hosted.closing(self.platform)
        await self.platform.close(abruptly=True)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        keepers = {"127.0.0.1:8101": self.portal, "127.0.0.1:8102": self.centre}
        sha256 = request.url.path.rsplit("/", 1)[-1]
        found = keepers[request.url.netloc.decode()].get(sha256)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, httpx.Response):
            return found
        return (
            httpx.Response(404)
            if found is None
            else httpx.Response(200, content=found, headers={"etag": f'"{sha256}"'})
        )

    async def deliver(
        self,
        kind: MessageType,
        application: str,
        payload: Payload,
        *,
        request_digest: str | None = None,
        regulation: str | None = SERVICE,
        source: System = System.REGIONAL_GATEWAY,
    ) -> None:
        """Let a message take effect, as a batch of one. Rejected ones become dead letters."""
        self._offset += 1
        if kind in BOUND and request_digest is None:
            async with self.platform.database.session() as session:
                matter = await repository.find_matter(session, application)
            request_digest = matter.assignment_digest if matter else None
        message = received(
            self.pki.clock,
            kind,
            application,
            payload,
            source=source,
            destination=System.PROVIDER,
            hop=System.REGIONAL_GATEWAY,
            offset=self._offset,
            requestdigest=request_digest,
            regulation=regulation,
        )
        await self.runtime._take([message], {kind})
        if self.registry and kind is MessageType.APPLICATION_ASSIGNED:
            await answer_all(self, application)

    async def look(self) -> int:
        """Let the watcher look at what is due; how many matters that were."""
        assert self.hosted.watch is not None
        return await self.hosted.watch()

    async def place(self, application: str, *, number: int = 7, request_digest: str | None = None) -> None:
        """Answer the request for a queue number."""
        made = QueuePlacementMade(queue="preschool", number=number, place=number, placed_at=self.pki.clock.now())
        if request_digest is None:
            request_digest = sha256_base64url((await self.sent(MessageType.QUEUE_PLACEMENT_REQUESTED))[-1].encode())
        await self.deliver(MessageType.QUEUE_PLACEMENT_MADE, application, made, request_digest=request_digest)

    async def sent(self, kind: MessageType) -> list[Message]:
        """What the provider has sent, oldest first."""
        outbox = self.hosted.tables.outbox
        async with self.platform.database.session() as session:
            # By the outbox and not by id: at one instant of a frozen clock ids have no order.
            rows = (await session.execute(outbox.select().order_by(outbox.c.seq))).mappings().all()
        messages = [Message.decode(row["value"]) for row in rows]
        return [message for message in messages if message.type is kind]

    async def steps(self) -> list[tuple[str, bool | None]]:
        """The journaled steps with their answers."""
        events: list[JournalEvent] = []
        for message in await self.sent(MessageType.JOURNAL_RECORDED):
            events += JournalRecorded.model_validate(message.data).events
        return [(event.step, event.passed) for event in events if event.kind == "step"]

    async def dead_letters(self) -> list[str]:
        """Why messages were not taken."""
        async with self.platform.database.session() as session:
            return [letter["reason"] for letter in await self.runtime.store.dead_letters(session, limit=10)]

    def turn_clock(self, moment: datetime) -> None:
        """Freeze the stand's time at ``moment``, with a revocation list of then."""
        self.pki.clock.set(moment, freeze=True)
        self.platform.directory.crl = self.pki.crl()
        self._sessions.clear()

    def tick(self) -> None:
        """A moment passes, so that the journal's messages have an order."""
        self.pki.clock.advance(timedelta(milliseconds=1))

    async def signed_in(self, login: str = "aliya") -> dict[str, str]:
        """Headers of an officer who signed in before, if possible: passwords are slow on purpose."""
        if login not in self._sessions:
            self._sessions[login] = await self.sign_in(login)
        return self._sessions[login]

    async def sign_in(self, login: str = "aliya") -> dict[str, str]:
        """Headers of a signed-in officer."""
        told = (await self.http.get("/__stand/officers")).json()
        password = next(entry["password"] for entry in told if entry["login"] == login)
        answer = await self.http.post("/officer-sessions", json={"login": login, "password": password})
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return {"authorization": f"Bearer {answer.json()['token']}"}
