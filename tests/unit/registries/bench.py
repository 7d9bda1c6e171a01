"""A registry put together for a test: no broker, everything else real. Requests are put in by hand."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from services.registries.notary import bootstrap as notary
from services.registries.notary.settings import Settings as NotarySettings
from services.registries.persons import bootstrap as persons
from services.registries.persons.settings import Settings as PersonsSettings
from shared.crypto.certificates import Certificate
from shared.crypto.issuance import Subject
from shared.crypto.policy import SignedByBIN
from shared.crypto.report import ValidationReport
from shared.crypto.testing import MemoryPKI
from shared.crypto.trust import TrustAnchors
from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.crypto.verify import verify_document
from shared.db.engine import Database
from shared.hosting.app import Hosted, stand_controls
from shared.kit.settings import StandSettings
from shared.messages.envelope import Message
from shared.messages.extracts import PersonExtract, PowersOfAttorneyExtract
from shared.messages.registry import REGISTRY_BINS, Ground, Part, RegistryAnswered, RegistryRequested, Search
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.platform import Platform, assemble_runtime
from shared.messaging.records import Received
from shared.web.app import create_service_app
from tests.factories.received import received
from tests.servers.databases import database_url

REGULATION = "almaty-city/preschool-queue"


def ground(application: str = "application-1", **changes: Any) -> Ground:
    """Why the operator asks."""
    fields: dict[str, Any] = {
        "regulation": REGULATION,
        "clause": "10(3)",
        "application": application,
        "system": System.CSC,
        "asked_by": "operator-7",
        "consent": "consent-1",
        **changes,
    }
    return Ground(**fields)


class MemoryAuthority:
    """Certifies authorised persons as the authority does, without a network."""

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
    """One registry; ``open`` after ``close`` is a restart with the same data."""

    def __init__(self, system: System, directory: Path, pki: MemoryPKI) -> None:
        self.system = system
        self.directory = directory
        self.pki = pki
        self._offset = 0

    def _compose(self, stand: StandSettings) -> Hosted:
        if self.system is System.PERSONS:
            return persons.compose(PersonsSettings(), stand, self.pki.clock)
        return notary.compose(NotarySettings(), stand)

    async def open(self, *, tools: bool = True) -> None:
        """Start."""
        clock, code = self.pki.clock, self.system.value
        stand = StandSettings(data_dir=self.directory, kafka_bootstrap="127.0.0.1:1", tools=tools)
        self.hosted = self._compose(stand)
        database = Database(database_url(stand.data_dir, code), self.hosted.metadata)
        await database.create_tables()
        identity, directory = self.pki.system(code), self.pki.directory()
        self.runtime = assemble_runtime(
            self.system,
            database=database,
            tables=self.hosted.tables,
            handlers=self.hosted.handlers,
            identity=identity,
            directory=directory,
            stand=stand,
            clock=clock,
            on_change=self.hosted.changes.notify,
        )
        authority: Any = MemoryAuthority(self.pki)
        http = httpx.AsyncClient()
        self.platform = Platform(
            self.system, clock, stand, database, http, authority, directory, identity, self.runtime
        )
        await self.hosted.opened(self.platform)

        async def ready() -> dict[str, str | None]:
            return {}

        self.app = create_service_app(
            code=code,
            title=code,
            summary="",
            clock=clock,
            tools=tools,
            lifespan=None,
            readiness=ready,
            routers=self.hosted.routers,
            stand_routers=stand_controls(self.hosted, self.pki.clock, lambda: self.platform),
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost/__stand")

    async def close(self) -> None:
        """Stop."""
        await self.http.aclose()
        await self.hosted.closing(self.platform)
        await self.platform.close(abruptly=True)

    def received(
        self,
        search: Search,
        *include: Part,
        application: str = "application-1",
        why: Ground | None = None,
        sender: System = System.CSC,
    ) -> Received:
        """A verified request of the centre, or of another sender."""
        self._offset += 1
        sent = received(
            self.pki.clock,
            MessageType.REGISTRY_REQUESTED,
            application,
            RegistryRequested(search=search, include=include, ground=why or ground(application, system=sender)),
            source=sender,
            destination=self.system,
            offset=self._offset,
            regulation=REGULATION,
        )
        return replace(sent, payload=sent.message.payload())  # as it is read from the bytes

    async def deliver(self, *received: Received) -> None:
        """Let requests take effect, as one batch."""
        await self.runtime._take(list(received), {MessageType.REGISTRY_REQUESTED})

    async def ask(self, search: Search, *include: Part, **how: Any) -> RegistryAnswered:
        """Ask, and get the one answer."""
        request = self.received(search, *include, **how)
        await self.deliver(request)
        (answer,) = await self.answers(request)
        return RegistryAnswered.model_validate(answer.data)

    async def answers(self, request: Received | None = None) -> list[Message]:
        """What the registry has sent (in answer to ``request``), oldest first."""
        outbox = self.hosted.tables.outbox
        async with self.platform.database.session() as session:
            rows = (await session.execute(outbox.select())).mappings().all()
        messages = sorted((Message.decode(row["value"]) for row in rows), key=lambda message: message.id)
        found = [message for message in messages if message.type is MessageType.REGISTRY_ANSWERED]
        return [m for m in found if request is None or m.data["request_id"] == request.message.id]

    async def dead_letters(self) -> list[str]:
        """Why requests were not taken."""
        async with self.platform.database.session() as session:
            return [letter["reason"] for letter in await self.runtime.store.dead_letters(session, limit=10)]

    def verified(self, answer: RegistryAnswered) -> ValidationReport:
        """The signature of the extract, as whoever asked checks it: by the organisation that keeps this registry."""
        assert answer.record is not None
        return verify_document(
            answer.record.content.encode(),
            b64decode(answer.record.signature),
            directory=self.pki.directory(),
            at=self.pki.clock.now(),
            policy=SignedByBIN(REGISTRY_BINS[self.system]),
        ).report

    async def log(self, **wanted: str) -> list[dict[str, Any]]:
        """The access log, newest first."""
        answer = await self.http.get("/access-log", params={"limit": 500, **wanted})
        assert answer.status_code == httpx.codes.OK, answer.text
        entries: list[dict[str, Any]] = answer.json()
        return entries

    async def arm(self, fault: str, times: int | None = 1) -> None:
        """Let a fault strike."""
        answer = await self.http.put(f"/faults/{fault}", json={"times": times})
        assert answer.status_code == httpx.codes.OK, answer.text


def person_extract(answer: RegistryAnswered) -> PersonExtract:
    """What an answer of the persons registry states."""
    assert answer.record is not None, answer.not_found_reason
    return PersonExtract.model_validate_json(answer.record.content)


def powers_extract(answer: RegistryAnswered) -> PowersOfAttorneyExtract:
    """What an answer of the notary registry states."""
    assert answer.record is not None, answer.not_found_reason
    return PowersOfAttorneyExtract.model_validate_json(answer.record.content)
