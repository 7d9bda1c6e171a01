"""The bare pipeline: what the stand is built on, without the stand.

A ring of nodes, as many as systems exchange messages on a portal application. Each has its own topic and database and
does for a batch what the runtime does: receive, verify every signature, ONE transaction (inbox looked up and written,
states loaded and saved, outbox written and what was receipted deleted), sign, publish. An application goes round until
it has made as many hops, of the same sizes and numbers of signatures, as one makes in the stand. Nothing is parsed,
decided, routed, logged, journaled or answered.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from sqlalchemy import Column, Integer, MetaData, String, Table

from services.stand.bench.hops import Hop
from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity
from shared.crypto.jws import sign_detached, verify_detached
from shared.db.engine import Database
from shared.db.session import DatabaseSession
from shared.db.statements import delete_by_keys, insert, keys_parameter, select_by_keys, upsert
from shared.kit.clock import Clock
from shared.kit.ids import sha256_base64url
from shared.messages.systems import System
from shared.messaging.broker import KafkaBroker
from shared.messaging.crowd import LONGEST_S
from shared.messaging.records import JWS_HEADER, IncomingRecord, OutgoingRecord
from shared.messaging.runtime import BATCH
from shared.messaging.tables import MessagingTables

NODES = (System.PORTAL, System.GATEWAY, System.REGIONAL_GATEWAY, System.PROVIDER)
HOP_HEADER = "hop"
_DIALECT = "sqlite"
_STATE = "s" * 800
"""About what a service keeps of an application."""


@dataclass(frozen=True)
class Course:
    """What every node knows: the hops to make and the topics of the ring."""

    hops: tuple[Hop, ...]
    topics: tuple[str, ...]

    def topic_of(self, hop: int) -> str:
        """Where hop number ``hop`` (from 0) is read."""
        return self.topics[hop % len(self.topics)]

    @property
    def last_node(self) -> int:
        """Which node reads the last hop; it also sends the first one of the next application."""
        return (len(self.hops) - 1) % len(self.topics)


class Tables:
    """The runtime's own tables and one for states."""

    def __init__(self) -> None:
        self.metadata = MetaData()
        messaging = MessagingTables.define(self.metadata)
        self.states = Table(
            "states",
            self.metadata,
            Column("application", String, primary_key=True),
            Column("hop", Integer, nullable=False),
            Column("content", String, nullable=False),
        )
        columns = ("application", "hop", "content")
        self.known = select_by_keys(messaging.inbox, ("message_id",), "message_id", _DIALECT)
        self.load = select_by_keys(self.states, columns, "application", _DIALECT)
        self.save = upsert(self.states, "application", columns, columns, _DIALECT)
        self.inbox, self.outbox = messaging.inbox, messaging.outbox
        self.receipted = delete_by_keys(messaging.outbox, "message_id", _DIALECT)


@dataclass
class Node:
    """One stage: a reader, a database and a key."""

    number: int
    course: Course
    identity: Identity
    senders: Sequence[Certificate]
    """Certificates of the nodes, by number."""
    broker: KafkaBroker
    database: Database
    tables: Tables
    clock: Clock
    finished: Callable[[int], None]
    """Told how many applications made their last hop here."""
    _sent: list[str] = field(default_factory=list)
    """What the transaction before put into the outbox; by now receipted."""

    async def open(self) -> None:
        """Create the tables and connect."""
        await self.database.create_tables()
        await self.broker.start([self.course.topics[self.number]], {})

    async def close(self) -> None:
        """Let go of broker and database."""
        await self.broker.stop()
        await self.database.close()

    async def launch(self, first: int, count: int) -> None:
        """Send the first hop of new applications."""
        await self.broker.publish([self._record(f"bench-application-{first + n:08d}", 0) for n in range(count)])

    async def turn(self) -> None:
        """One turn of the loop."""
        records = await self._receive()
        if not records:
            return
        hops = [int(record.header(HOP_HEADER) or 0) for record in records]
        for record, hop in zip(records, hops, strict=True):
            self._verify(record, hop)
        going = [
            self._record(_application(record), hop + 1)
            for record, hop in zip(records, hops, strict=True)
            if hop + 1 < len(self.course.hops)
        ]
        async with self.database.transaction() as session:
            await self.transact(session, records, hops, going)
        if going:
            await self.broker.publish(going)
        self.broker.commit(records)
        if len(records) > len(going):
            self.finished(len(records) - len(going))

    async def _receive(self) -> list[IncomingRecord]:
        """A batch that gathers as long as the runtime's may under load: without that, transactions stay small."""
        records = await self.broker.receive(max_records=BATCH, timeout_ms=100)
        deadline = perf_counter() + LONGEST_S
        while records and len(records) < BATCH and (left := deadline - perf_counter()) > 0:
            records += await self.broker.receive(max_records=BATCH - len(records), timeout_ms=math.ceil(left * 1000))
        return records

    def _verify(self, record: IncomingRecord, hop: int) -> None:
        sender = self.senders[(hop - 1) % len(self.senders) if hop else self.course.last_node]
        jws = record.header(JWS_HEADER) or ""
        # A countersigned record of the stand carries two signatures of the same length over the same bytes.
        for _ in range(self.course.hops[hop].signatures):
            if not verify_detached(record.value, jws, sender):
                raise RuntimeError("a signature of the bare pipeline does not verify")

    def _record(self, application: str, hop: int) -> OutgoingRecord:
        value = content(application, hop, self.course.hops[hop].size)
        jws = sign_detached(value, self.identity, attempt=1, clock=self.clock)
        headers = ((JWS_HEADER, jws.encode()), (HOP_HEADER, str(hop).encode()))
        return OutgoingRecord(self.course.topic_of(hop), application.encode(), value, headers)

    async def transact(
        self,
        session: DatabaseSession,
        records: Sequence[IncomingRecord],
        hops: Sequence[int],
        going: Sequence[OutgoingRecord],
    ) -> None:
        """What one transaction does for a batch: ``records`` at ``hops`` came in, ``going`` will go out."""
        tables, now = self.tables, self.clock.timestamp()
        ids = [f"{_application(record)}.{hop}" for record, hop in zip(records, hops, strict=True)]
        if await session.run(tables.known, keys_parameter(ids, _DIALECT)):
            raise RuntimeError("a hop of the bare pipeline came twice")
        applications = [_application(record) for record in records]
        loaded = {row[0]: row for row in await session.run(tables.load, keys_parameter(applications, _DIALECT))}
        states = [
            {"application": name, "hop": hop, "content": loaded[name][2] if name in loaded else _STATE}
            for name, hop in zip(applications, hops, strict=True)
        ]
        await session.run(tables.save, states)
        if self._sent:
            await session.run(tables.receipted, keys_parameter(self._sent, _DIALECT))
        self._sent = [f"{record.key.decode()}.{dict(record.headers)[HOP_HEADER].decode()}" for record in going]
        if going:
            sent = [
                {
                    "message_id": message_id,
                    "topic": record.topic,
                    "record_key": record.key.decode(),
                    "value": record.value,
                    "digest": sha256_base64url(record.value),
                    "sender_jws": None,
                    "attempt": 1,
                    "unsent": 0,
                    "next_attempt_at": now,
                }
                for message_id, record in zip(self._sent, going, strict=True)
            ]
            await session.run(insert(tables.outbox, tuple(sent[0])), sent)
        taken = [
            {
                "message_id": message_id,
                "digest": sha256_base64url(record.value),
                "attempt": 1,
                "state": "DELIVERED",
                "topic": record.position.topic,
                "partition": record.position.partition,
                "record_offset": record.position.offset,
                "received_at": now,
            }
            for message_id, record in zip(ids, records, strict=True)
        ]
        await session.run(insert(tables.inbox, tuple(taken[0])), taken)


def content(application: str, hop: int, size: int) -> bytes:
    """The signed bytes of a hop: different for each, and as long as the stand's."""
    start = f"{application} {hop} "
    return start.ljust(size, ".").encode()


def _application(record: IncomingRecord) -> str:
    return (record.key or b"").decode()
