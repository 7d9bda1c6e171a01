"""Everything a message-exchanging service stands on, put together from settings: the composition root they share."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from sqlalchemy import MetaData

from shared.crypto.authority import AuthorityClient, load_or_enrol_identity
from shared.crypto.certificates import KeyUsageName
from shared.crypto.directory import CertificateDirectory
from shared.crypto.identity import Identity
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import certificate_steps
from shared.db.engine import Database, sqlite_url
from shared.kit.background import Background
from shared.kit.clock import Clock
from shared.kit.durable import lack_of_room
from shared.kit.errors import Unavailable
from shared.kit.ids import uuid7_time
from shared.kit.settings import ServiceSettings, StandSettings
from shared.messages.systems import System
from shared.messaging.access import KafkaAccess
from shared.messaging.broker import KafkaBroker
from shared.messaging.deadletters import DeadLetters
from shared.messaging.handlers import Handlers
from shared.messaging.http import SignedCalls, client
from shared.messaging.journaling import Journaling
from shared.messaging.runtime import Runtime
from shared.messaging.signing import Signer
from shared.messaging.store import MessageStore
from shared.messaging.tables import MessagingTables
from shared.messaging.unit import UnitOfWork
from shared.messaging.verification import RecordVerifier

log = logging.getLogger(__name__)

AUTHORITY_PATIENCE_S = 60.0
"""How long a system waits for a silent authority before its start fails."""
_TOLD_WITHIN_S = 1.0
"""How long a question after the readiness waits for what the authority has to say about revocations."""


@dataclass
class Platform:
    """The shared parts of one running service."""

    system: System
    clock: Clock
    stand: StandSettings
    database: Database
    http: httpx.AsyncClient
    authority: AuthorityClient
    directory: CertificateDirectory
    identity: Identity
    runtime: Runtime
    background: list[Background] = field(default_factory=list)
    """What the service does beside the calls and the exchange of messages."""

    @property
    def signature(self) -> httpx.Auth:
        """For calls of ``http`` to other systems, which have to know who asks."""
        return SignedCalls(self.identity, self.clock)

    async def readiness(self) -> dict[str, str | None]:
        """Each dependency with ``None`` if it is fine, else the reason; for ``/readyz``."""
        database, messaging = await asyncio.gather(self.database.fault(), self.runtime.fault())
        return {
            "database": database,
            "messaging": messaging,
            "storage": lack_of_room(self.stand.data_dir),
            "certificates": await self._certificates_fault(),
            "background": "; ".join(self._failing()) or None,
        }

    def _failing(self) -> list[str]:
        return [fault for work in (*self.runtime.background, *self.background) if (fault := work.fault)]

    async def _certificates_fault(self) -> str | None:
        """Which of the certificates this system signs with would not pass now, and why; ``None`` if none is known to
        fail. A silent authority is no fault of theirs."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TOLD_WITHIN_S):
                await self.directory.ensure(())
        at, anchors = self.clock.now(), self.directory.anchors
        faults = []
        for name, certificate in sorted(self.authority.in_use.items()):
            status = self.directory.revocation(certificate, at)
            usage: KeyUsageName = "digital_signature" if certificate.system else "content_commitment"
            report = ValidationReport.of(certificate_steps(certificate, anchors, status, at, usage))
            if report.indication is Indication.FAILED and report.failure is not None:
                faults.append(f"{name}: {report.failure.sub_indication}, {report.failure.detail}")
        return "; ".join(faults) or None

    async def measure(self) -> None:
        """Bring the numbers of the exchange up to date. Raises ``Transient``."""
        self.runtime.numbers.failing(len(self._failing()))
        await measure(self.runtime, self.database, self.clock)

    async def reset(self) -> None:
        """Forget every application and message. Keys and certificates stay, and how far the topics were read."""
        await self.database.clear(keep=(self.runtime.store.reading,))

    async def close(self, *, abruptly: bool = False) -> None:
        """Finish the batch at hand and let go of everything; ``abruptly`` ends as if the process were killed."""
        await (self.runtime.kill() if abruptly else self.runtime.stop())
        await self.http.aclose()
        await self.database.close()


async def measure(runtime: Runtime, database: Database, clock: Clock) -> None:
    """Bring those numbers of ``runtime`` up to date that are not counted as things happen: two counts in the database,
    one question to the cluster. Raises ``Transient``."""
    numbers, store = runtime.numbers, runtime.store
    numbers.state(stuck=runtime.trouble is not None, **database.connections())
    numbers.lag(await runtime.lag())
    async with database.session() as session:
        messages, oldest = await store.outbox_state(session)
        numbers.letters(await store.letters_by_reason(session))
    made_at = None if oldest is None else uuid7_time(oldest)
    numbers.outbox(messages, 0.0 if made_at is None else max(0.0, clock.timestamp() - made_at))


async def open_platform(
    system: System,
    *,
    metadata: MetaData,
    tables: MessagingTables,
    handlers: Handlers,
    settings: ServiceSettings,
    stand: StandSettings,
    clock: Clock,
    on_change: Callable[[str], None],
) -> Platform:
    """Open database and identity; the caller starts ``runtime``. Waits a minute for a silent authority."""
    database = Database(settings.database_url or sqlite_url(stand.data_dir, system.value), metadata)
    http = client(timeout=10)
    authority = AuthorityClient(stand.pki_url, http, clock)
    try:
        await database.open()
        identity = await _identity(system, stand, authority)
    except BaseException:
        # Whoever gives up waiting leaves no connection behind.
        await http.aclose()
        await database.close()
        raise
    directory = CertificateDirectory(clock, authority)
    runtime = assemble_runtime(
        system,
        database=database,
        tables=tables,
        handlers=handlers,
        identity=identity,
        directory=directory,
        stand=stand,
        clock=clock,
        on_change=on_change,
    )
    return Platform(system, clock, stand, database, http, authority, directory, identity, runtime)


def assemble_runtime(
    system: System,
    *,
    database: Database,
    tables: MessagingTables,
    handlers: Handlers,
    identity: Identity,
    directory: CertificateDirectory,
    stand: StandSettings,
    clock: Clock,
    on_change: Callable[[str], None],
) -> Runtime:
    """The runtime of ``system`` from its parts; nothing is connected before its ``start``."""
    verifier = RecordVerifier(system, directory, clock, timedelta(seconds=stand.message_max_age_s))
    signer = Signer(identity, clock)
    store = MessageStore(tables, stand.dead_letters_kept)
    broker = KafkaBroker(
        KafkaAccess.of(stand),
        system.value,
        assignment=stand.assignment,
        fetch_wait_ms=stand.fetch_wait_ms,
        replicas=stand.kafka_replicas,
        topics_file=stand.topics_file,
    )
    journaling = Journaling(system, tables)
    unit = UnitOfWork(system, clock, store, journaling, signer, handlers, verifier, stand.resend_after_s)
    return Runtime(
        unit,
        clock=clock,
        database=database,
        broker=broker,
        store=store,
        dead_letters=DeadLetters(tables, database=database, store=store, unit=unit, verifier=verifier, clock=clock),
        signer=signer,
        verifier=verifier,
        resend_after_s=stand.resend_after_s,
        inbox_keeps_s=2 * stand.message_max_age_s,
        on_change=on_change,
    )


async def _identity(system: System, stand: StandSettings, authority: AuthorityClient) -> Identity:
    folder, token = stand.data_dir / "identities", stand.enrolment_token.get_secret_value()
    deadline, told = asyncio.get_running_loop().time() + AUTHORITY_PATIENCE_S, ""
    while True:
        try:
            return await load_or_enrol_identity(folder, system.value, authority=authority, token=token)
        except Unavailable as silent:
            # Whoever started this system may want to start it again: waiting for ever would not let them know.
            if asyncio.get_running_loop().time() > deadline:
                raise
            if told != str(silent):
                log.warning("%s waits for the authority: %s", system, silent.detail)
            told = str(silent)
            await asyncio.sleep(0.2)
