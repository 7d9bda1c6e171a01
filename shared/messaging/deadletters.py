"""Re-driving a dead letter: the message that was not taken is handled after all, once, by the system that set it aside.

Put on the topic again it would be a replay to its reader. So the system takes the record from its own dead letters,
verifies it as ever and handles it in ONE transaction, in which the dead letter is marked and the inbox notes the
message as taken: whoever asks again, or sends the record again, finds it done. A message of its own that the cluster
did not take it signs anew and sends.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, delete, select, update

from shared.db.engine import Database
from shared.db.session import DatabaseSession
from shared.kit.clock import Clock
from shared.kit.errors import NotFound
from shared.messages.control import DeliveryState
from shared.messages.envelope import glimpse
from shared.messaging.records import IncomingRecord, Position, Received, Rejected
from shared.messaging.rows import JOURNAL_REJECTED, NOT_SENDABLE, inbox_key, unpack, unsent
from shared.messaging.store import MessageStore
from shared.messaging.tables import MessagingTables
from shared.messaging.unit import Outcome, UnitOfWork
from shared.messaging.verification import RecordVerifier


class Redriven(StrEnum):
    """What re-driving came to. Only ``TAKEN`` and ``SENT`` had an effect."""

    TAKEN = "taken"
    REDRIVEN_BEFORE = "re-driven before"
    TAKEN_BEFORE = "taken before"
    """The message came another way, e.g. its sender sent it again."""
    REJECTED = "rejected again"
    FAILED = "handling failed again"
    SENT = "sent again"
    """A message of this system's own, which the cluster, or of the journal the gateway, had not taken."""


@dataclass(frozen=True, slots=True)
class Redrive:
    """The answer to one request. ``reason`` and ``report`` say why it was rejected again."""

    result: Redriven
    reason: str | None = None
    report: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter with its bytes and headers."""

    id: int
    record: IncomingRecord
    digest: str
    reason: str
    report: dict[str, Any]
    recorded_at: datetime
    redriven_at: datetime | None


class _NotTaken(Exception):
    """Rolls the transaction back: nothing of a message that is not taken may stay."""

    def __init__(self, redrive: Redrive) -> None:
        self.redrive = redrive


class DeadLetters:
    """The dead letters of one system."""

    def __init__(
        self,
        tables: MessagingTables,
        *,
        database: Database,
        store: MessageStore,
        unit: UnitOfWork,
        verifier: RecordVerifier,
        clock: Clock,
    ) -> None:
        self._dead: Table = tables.dead_letters
        self._inbox: Table = tables.inbox
        self._database = database
        self._store = store
        self._unit = unit
        self._verifier = verifier
        self._clock = clock

    async def search(
        self, *, reason: str | None, redriven: bool | None, before: int | None, limit: int
    ) -> list[Letter]:
        """Dead letters, newest first; ``before`` is the id the last page ended with."""
        t = self._dead.c
        query = select(self._dead).order_by(t.id.desc()).limit(limit)
        if reason is not None:
            query = query.where(t.reason == reason)
        if redriven is not None:
            query = query.where(t.redriven_at.is_not(None) if redriven else t.redriven_at.is_(None))
        if before is not None:
            query = query.where(t.id < before)
        async with self._database.session() as session:
            return [_letter(row) for row in await session.execute(query)]

    async def find(self, letter_id: int) -> Letter:
        """One dead letter. Raises ``NotFound``."""
        async with self._database.session() as session:
            return await self._load(session, letter_id)

    async def redrive(self, letter_id: int) -> tuple[Redrive, Outcome | None]:
        """Handle the message of a dead letter; what is left to publish if it was taken.

        Raises ``NotFound``, and ``Transient`` if something that is needed is silent: then nothing has happened.
        """
        letter = await self.find(letter_id)
        if letter.reason in {NOT_SENDABLE, JOURNAL_REJECTED}:
            async with self._database.transaction() as session:
                return await self._send(session, letter_id)
        await self._verifier.prepare([letter.record])
        # For how long it lay here says nothing about the message: its age is judged as on the day it was set aside.
        verified = self._verifier.verify(letter.record, as_of=letter.recorded_at)
        if isinstance(verified, Rejected):
            before = Redrive(Redriven.REDRIVEN_BEFORE) if letter.redriven_at is not None else None
            return before or Redrive(Redriven.REJECTED, verified.reason, verified.report), None
        try:
            async with self._database.transaction() as session:
                return await self._take(session, letter_id, verified)
        except _NotTaken as broken:
            return broken.redrive, None

    async def _send(self, session: DatabaseSession, letter_id: int) -> tuple[Redrive, Outcome | None]:
        letter = await self._load(session, letter_id, lock=True)
        if letter.redriven_at is not None:
            return Redrive(Redriven.REDRIVEN_BEFORE), None
        outcome = await self._unit.send(session, unsent(letter.record, str(glimpse(letter.record.value)["id"])))
        await self._mark(session, letter_id)
        return Redrive(Redriven.SENT), outcome

    async def _mark(self, session: DatabaseSession, letter_id: int) -> None:
        now_done = {"redriven_at": self._clock.now(), "expendable": 1}
        marked = update(self._dead).where(self._dead.c.id == letter_id).values(now_done)
        await session.execute(marked)

    async def _take(self, session: DatabaseSession, letter_id: int, item: Received) -> tuple[Redrive, Outcome | None]:
        letter = await self._load(session, letter_id, lock=True)
        if letter.redriven_at is not None:
            return Redrive(Redriven.REDRIVEN_BEFORE), None
        key = inbox_key(item.message)
        known = (await self._store.known(session, [key])).get(key)
        if known is not None and known.state is DeliveryState.DELIVERED:
            return Redrive(Redriven.TAKEN_BEFORE), None
        # The inbox knows it as not taken; what was sent under its id with other bytes is still not this message.
        if known is not None and known.digest == item.digest:
            await session.execute(delete(self._inbox).where(self._inbox.c.message_id == key))
        outcome = await self._unit.batch(session, [item])
        if outcome.failing:
            raise _NotTaken(Redrive(Redriven.FAILED))
        if outcome.rejections:
            (rejection,) = outcome.rejections
            raise _NotTaken(Redrive(Redriven.REJECTED, rejection.reason, rejection.report))
        await self._mark(session, letter_id)
        return Redrive(Redriven.TAKEN), outcome

    async def _load(self, session: DatabaseSession, letter_id: int, *, lock: bool = False) -> Letter:
        query = select(self._dead).where(self._dead.c.id == letter_id)
        row = (await session.execute(query.with_for_update() if lock else query)).first()
        if row is None:
            raise NotFound(f"no dead letter {letter_id}")
        return _letter(row)


def _letter(row: Any) -> Letter:
    record = IncomingRecord(
        Position(row.topic, row.partition, row.record_offset), row.record_key, row.value, unpack(row.headers)
    )
    return Letter(row.id, record, row.digest, row.reason, row.report, row.recorded_at, row.redriven_at)
