"""Everything a message-exchanging service stands on, put together from settings: the composition root they share."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import MetaData

from shared.crypto.authority import AuthorityClient, load_or_enrol_identity
from shared.crypto.directory import CertificateDirectory
from shared.crypto.identity import Identity
from shared.db.engine import Database, sqlite_url
from shared.kit.clock import Clock
from shared.kit.durable import lack_of_room
from shared.kit.errors import Unavailable
from shared.kit.settings import ServiceSettings, StandSettings
from shared.messages.systems import System
from shared.messaging.access import KafkaAccess
from shared.messaging.broker import KafkaBroker
from shared.messaging.deadletters import DeadLetters
from shared.messaging.handlers import Handlers
from shared.messaging.http import client
from shared.messaging.runtime import Runtime
from shared.messaging.signing import Signer
from shared.messaging.store import MessageStore
from shared.messaging.tables import MessagingTables
from shared.messaging.unit import UnitOfWork
from shared.messaging.verification import RecordVerifier

log = logging.getLogger(__name__)

AUTHORITY_PATIENCE_S = 60.0
"""How long a system waits for a silent authority before its start fails."""


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

    async def readiness(self) -> dict[str, str | None]:
        """Each dependency with ``None`` if it is fine, else the reason; for ``/readyz``."""
        database, messaging = await asyncio.gather(self.database.fault(), self.runtime.fault())
        return {"database": database, "messaging": messaging, "storage": lack_of_room(self.stand.data_dir)}

    async def reset(self) -> None:
        """Forget every application and message. Keys and certificates stay, and how far the topics were read."""
        await self.database.clear(keep=(self.runtime.store.reading,))

    async def close(self, *, abruptly: bool = False) -> None:
        """Finish the batch at hand and let go of everything; ``abruptly`` ends as if the process were killed."""
        await (self.runtime.kill() if abruptly else self.runtime.stop())
        await self.http.aclose()
        await self.database.close()


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
    await database.open()
    http = client(timeout=10)
    authority = AuthorityClient(stand.pki_url, http, clock)
    identity = await _identity(system, stand, authority, clock)
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
    store = MessageStore(tables)
    broker = KafkaBroker(
        KafkaAccess.of(stand),
        system.value,
        assignment=stand.assignment,
        fetch_wait_ms=stand.fetch_wait_ms,
        replicas=stand.kafka_replicas,
        topics_file=stand.topics_file,
    )
    unit = UnitOfWork(system, clock, store, signer, handlers, verifier, stand.resend_after_s)
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


async def _identity(system: System, stand: StandSettings, authority: AuthorityClient, clock: Clock) -> Identity:
    folder, token = stand.data_dir / "identities", stand.enrolment_token.get_secret_value()
    deadline, told = asyncio.get_running_loop().time() + AUTHORITY_PATIENCE_S, ""
    while True:
        try:
            return await load_or_enrol_identity(folder, system.value, authority=authority, token=token, clock=clock)
        except Unavailable as silent:
            # Whoever started this system may want to start it again: waiting for ever would not let them know.
            if asyncio.get_running_loop().time() > deadline:
                raise
            if told != str(silent):
                log.warning("%s waits for the authority: %s", system, silent.detail)
            told = str(silent)
            await asyncio.sleep(0.2)
