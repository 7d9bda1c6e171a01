"""A centre put together for a test: no broker and no sockets, everything else real."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from services.csc.bootstrap import compose
from services.csc.repository import MATTERS
from services.csc.settings import Settings
from shared.crypto.certificates import Certificate
from shared.crypto.issuance import Subject
from shared.crypto.revocation import UNREACHABLE, RevocationState, RevocationStatus
from shared.crypto.testing import MemoryPKI
from shared.crypto.trust import TrustAnchors
from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.db.engine import Database
from shared.kit.errors import Unavailable
from shared.kit.ids import uuid7
from shared.kit.settings import StandSettings
from shared.messages.control import JournalEvent, JournalRecorded
from shared.messages.envelope import Message
from shared.messages.payload import Payload
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.platform import Platform, assemble_runtime
from shared.regulations.conformance import Verdict, conformance, step_events
from shared.regulations.loader import load_regulations
from shared.web.app import create_service_app
from tests.factories.callers import calls_of
from tests.factories.journals import as_kept
from tests.factories.organisations import issuers_file
from tests.factories.received import BOUND, received
from tests.servers.databases import database_url
from tests.unit.csc.forms import QUEUE


class MemoryAuthority:
    """Certifies operators and tells of revocation as the authority does, without a network."""

    def __init__(self, pki: MemoryPKI) -> None:
        self._pki = pki
        self.in_use: dict[str, Certificate] = {}
        self.silent = False

    async def anchors(self) -> TrustAnchors:
        return self._pki.anchors

    async def certificate(self, _thumbprint: str, _token: str = "") -> Certificate | None:
        return self._pki.anchors.issuing  # it knows them all

    async def enrol_officer(self, key: Any, _token: str, *, organisation: str, **person: str) -> Certificate:
        if self.silent:
            raise Unavailable("silent")
        subject = Subject.person(organisation=organisation, **person)
        return self._pki.issue(subject, key=key, not_before=VALID_FROM, not_after=VALID_UNTIL).certificate

    async def revocation(self, certificate: Certificate) -> RevocationStatus:
        if self.silent:
            return UNREACHABLE
        revoked = self._pki.revoked.get(certificate.serial_number)
        if revoked is None:
            return RevocationStatus(RevocationState.GOOD)
        return RevocationStatus(RevocationState.REVOKED, revoked[0], revoked[1])


class Bench:
    """One system of the centres; ``open`` after ``close`` is a restart with the same data."""

    def __init__(self, directory: Path, pki: MemoryPKI) -> None:
        self.pki = pki
        self.clock = pki.clock
        self.authority = MemoryAuthority(pki)
        self.regulations = load_regulations()
        self.headers: dict[str, str] = {}
        self.printed: bytes | None = None
        """What the provider prints."""
        self._directory = directory
        self._offset = 0

    async def open(self, **settings: Any) -> None:
        """Start. Nothing becomes due by itself: ``turn`` does what is due."""
        stand = StandSettings(
            data_dir=self._directory,
            kafka_bootstrap="127.0.0.1:1",
            organisations_file=issuers_file(self._directory),
            tools=True,
        )
        values = {"provider_url": "http://provider.test", "watch_s": 3600, **settings}
        self.settings = Settings(**values)
        self.hosted = compose(self.settings, stand, self.clock, self.regulations)
        database = Database(database_url(stand.data_dir, "csc"), self.hosted.metadata)
        await database.create_tables()
        identity, self.directory = self.pki.system("csc"), self.pki.directory()
        self.runtime = assemble_runtime(
            System.CSC,
            database=database,
            tables=self.hosted.tables,
            handlers=self.hosted.handlers,
            identity=identity,
            directory=self.directory,
            stand=stand,
            clock=self.clock,
            on_change=self.hosted.changes.notify,
        )
        outside = httpx.AsyncClient(transport=httpx.MockTransport(self._print))
        authority: Any = self.authority
        self.platform = Platform(
            System.CSC, self.clock, stand, database, outside, authority, self.directory, identity, self.runtime
        )
        await self.hosted.opened(self.platform)

        async def ready() -> dict[str, str | None]:
            return {}

        app = create_service_app(
            code="csc",
            title="csc",
            summary="",
            clock=self.clock,
            tools=True,
            lifespan=None,
            readiness=ready,
            routers=self.hosted.routers,
            stand_routers=self.hosted.stand_routers,
        )
        app.state.platform = self.platform
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")

    def calls_of(self, system: System) -> httpx.Auth:
        """For ``auth``: calls signed by another system."""
        return calls_of(system, self.pki, self.platform.directory)

    async def book(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """What the portal asks of the electronic queue."""
        return await self.http.request(method, path, auth=self.calls_of(System.PORTAL), **arguments)

    async def attachment(self, path: str) -> httpx.Response:
        """What the provider gets."""
        return await self.http.get(path, auth=self.calls_of(System.PROVIDER))

    async def close(self) -> None:
        """Stop."""
        await self.http.aclose()
        await self.hosted.closing(self.platform)
        await self.platform.close(abruptly=True)

    async def restart(self, **settings: Any) -> None:
        """Stop, and start with what was kept."""
        await self.close()
        await self.open(**settings)

    def _print(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if self.printed is None else httpx.Response(200, content=self.printed)

    async def turn(self, **later: float) -> None:
        """Move the clock (``seconds``, ``days`` …) and do what has become due."""
        self.clock.advance(timedelta(**later))
        # The real directory fetches a new list before each batch.
        self.directory.crl = self.pki.crl()
        assert (await self.http.post("/__stand/due")).status_code == httpx.codes.OK

    async def deviations(self, matter: str, service: str = QUEUE, channel: str = "csc") -> list[str]:
        """How the run so far differs from the regulation; ``no-terminal`` while it is under way."""
        return [deviation.name for deviation in (await self.verdict(matter, service, channel)).deviations]

    # -- the world outside -----------------------------------------------------------------------------------

    async def _request_of(self, matter: str) -> str | None:
        """The digest of what was sent, which everything about it goes back to."""
        async with self.platform.database.session() as session:
            found = (await MATTERS.load(session, [matter])).get(matter)
        return found.message_digest if found else None

    async def deliver(self, kind: MessageType, matter: str, payload: Payload, **fields: Any) -> None:
        """Let a message take effect, as a batch of one. Rejected ones become dead letters."""
        self._offset += 1
        if kind in BOUND and "requestdigest" not in fields:
            fields["requestdigest"] = await self._request_of(matter)
        where = {"source": System.REGIONAL_GATEWAY, "destination": System.CSC}
        message = received(self.clock, kind, matter, payload, offset=self._offset, **(where | fields))
        await self.runtime._take([message], {kind})

    async def sent(self, kind: MessageType) -> list[Message]:
        """What the centre has sent, oldest first."""
        outbox = self.hosted.tables.outbox
        async with self.platform.database.session() as session:
            # In the order in which they were put in: under a frozen clock ids made at the same time do not sort.
            rows = (await session.execute(outbox.select().order_by(outbox.c.seq))).mappings().all()
        messages = [Message.decode(row["value"]) for row in rows]
        return [message for message in messages if message.type is kind]

    async def dead_letters(self) -> list[str]:
        """Why messages were not taken, newest first."""
        async with self.platform.database.session() as session:
            return [letter["reason"] for letter in await self.runtime.store.dead_letters(session, limit=20)]

    async def events(self, matter: str) -> list[JournalEvent]:
        """What was journaled about a matter, in order."""
        found = [JournalRecorded.model_validate(m.data).events for m in await self.sent(MessageType.JOURNAL_RECORDED)]
        return [event for events in found for event in events if event.application == matter]

    async def steps(self, matter: str) -> list[tuple[str, bool | None]]:
        """The journaled steps with their answers."""
        return [(event.step, event.passed) for event in await self.events(matter) if event.kind == "step"]

    async def verdict(self, matter: str, service: str = QUEUE, channel: str = "csc") -> Verdict:
        """The run so far, judged by the regulation."""
        steps = step_events(as_kept(await self.events(matter)))
        return conformance(self.regulations[service], channel, steps)

    async def journal_as_if_elsewhere(
        self, matter: str, service: str, step_id: str, channel: str = "csc"
    ) -> JournalEvent:
        """A step that another system takes, as that would journal it."""
        step = self.regulations[service].channel(channel).step(step_id)
        assert step is not None
        return JournalEvent(
            event_id=uuid7(self.clock),
            kind="step",
            application=matter,
            regulation=service,
            channel=channel,
            step=step.id,
            clause=step.clause,
            actor=step.actor.value,
            at=self.clock.now(),
        )

    # -- what an operator does -------------------------------------------------------------------------------

    async def told(self) -> dict[str, dict[str, str]]:
        """The stand's operators by login."""
        return {entry["login"]: entry for entry in (await self.http.get("/__stand/operators")).json()}

    async def sign_in(self, login: str = "aigerim") -> dict[str, str]:
        """Headers of a signed-in operator."""
        password = (await self.told())[login]["password"]
        answer = await self.http.post("/operator-sessions", json={"login": login, "password": password})
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return {"authorization": f"Bearer {answer.json()['token']}"}

    async def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Any request in the session of ``headers``; aigerim signs in if nobody has."""
        self.headers = self.headers or await self.sign_in()
        headers = {**self.headers, **arguments.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **arguments)

    async def done(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """As ``call``, for what has to succeed."""
        answer = await self.call(method, path, **arguments)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def done_list(self, path: str, **query: str) -> list[dict[str, Any]]:
        """What a list shows."""
        answer = await self.call("GET", path, params=query)
        assert answer.is_success, answer.text
        return list(answer.json())

    async def entered(self, form: dict[str, Any], service: str = QUEUE, *, consent: bool = True) -> str:
        """A matter with a form, and the consent."""
        matter = str((await self.done("POST", "/matters", json={"service": service}))["id"])
        view = await self.done("PUT", f"/matters/{matter}/form", json=form)
        if consent:
            body = {"version": view["consent_text"]["version"]}
            await self.done("POST", f"/matters/{matter}/consent", json=body)
        return matter

    async def state(self, matter: str) -> dict[str, Any]:
        """The matter as the operator sees it."""
        return await self.done("GET", f"/matters/{matter}")

    async def paper(self, matter: str, code: str, scan: bytes = b"%PDF-1.4 scan") -> None:
        """A document is there, scanned, compared and given back."""
        path = f"/matters/{matter}/documents/{code}"
        await self.done("PUT", path, json={"present": True, "compared": True, "returned": True})
        headers = {"content-type": "application/pdf", "content-disposition": f'attachment; filename="{code}.pdf"'}
        await self.done("PUT", f"{path}/scan", content=scan, headers=headers)
