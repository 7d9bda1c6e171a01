"""Queries of inbox, outbox and dead letters. Everything here runs inside the caller's transaction."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Integer, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from shared.db.faults import Contended, duplicates
from shared.db.prepared import Prepared
from shared.db.session import DatabaseSession
from shared.db.statements import (
    among,
    conflicting_insert,
    delete_by_keys,
    insert,
    keys_parameter,
    select_by_keys,
    upsert,
)
from shared.messages.control import DeliveryState, ReceiptItem, ReceiptState
from shared.messages.systems import System
from shared.messages.topics import JOURNAL, dead_letters_of, topics_read_by
from shared.messaging.records import Headers, IncomingRecord, OutgoingRecord, Position, Received, Rejected
from shared.messaging.rows import (
    JOURNAL_REJECTED,
    NOT_SENDABLE,
    NOWHERE,
    dead_letter_row,
    place_of,
    taken_row,
    unpack,
    unsent_headers,
)
from shared.messaging.tables import MessagingTables
from shared.messaging.work import Sending

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What the inbox remembers of a message."""

    digest: str
    attempt: int
    state: ReceiptState
    """What its sender is told: taken, or not taken for good."""
    position: Position


@dataclass(frozen=True, slots=True)
class Due:
    """An outbox row whose receipt has not come."""

    message_id: str
    topic: str
    key: str
    value: bytes
    sender_jws: str | None
    journaled: str | None
    attempt: int
    """Number of the attempt that is due now."""
    unsent: int
    """How many of those before never left: they count for the number, because nobody knows for sure, but not for the
    pause."""


_PRUNE_EVERY = 100
_MEAN_LETTER = 64 * 1024
"""Bytes of a dead letter for which there is room, on the average."""
_LONGEST_PAUSE_S = 60.0
_FORGOTTEN = "forgotten"
"""No cluster and no topic: where the moment of the last reset is kept."""
_KNOWN = ("message_id", "digest", "attempt", "state", "topic", "partition", "record_offset")
_TAKEN = (*_KNOWN, "received_at")
_SENT = ("message_id", "digest", "topic")
_STATES: dict[str, ReceiptState] = {
    DeliveryState.DELIVERED.value: DeliveryState.DELIVERED,
    DeliveryState.DELIVERY_STOPPED.value: DeliveryState.DELIVERY_STOPPED,
}


class MessageStore:
    """Inbox, outbox and dead letters of one system."""

    def __init__(self, tables: MessagingTables, dead_letters_kept: int = 10_000) -> None:
        self._inbox, self._outbox, self._dead = tables.inbox, tables.outbox, tables.dead_letters
        self.reading = tables.positions
        """How far the topics were read; outlives a reset."""
        self._most_letters = dead_letters_kept
        self._unpruned = 0

    async def known(self, session: DatabaseSession, keys: Collection[str]) -> dict[str, Known]:
        """What the inbox knows of the messages with these keys (``inbox_key``)."""
        if not keys:
            return {}
        dialect = session.dialect
        statement = select_by_keys(self._inbox, _KNOWN, "message_id", dialect)
        rows = await session.run(statement, keys_parameter(keys, dialect))
        return {row[0]: Known(row[1], row[2], _STATES[row[3]], Position(row[4], row[5], row[6])) for row in rows}

    async def remember(
        self, session: DatabaseSession, received: Sequence[tuple[Received, ReceiptState]], now: float
    ) -> None:
        """Note verified messages, known to be new, as taken or not taken, with the attempt and place they came by.

        Raises ``Contended`` if another replica has noted one since ``known`` was asked: then nothing of this
        transaction may happen.
        """
        if not received:
            return
        try:
            statement = insert(self._inbox, _TAKEN)
            await session.run(statement, [taken_row(item, state, now) for item, state in received])
        except IntegrityError as error:
            if duplicates(error, "message_id"):
                raise Contended("another replica has just taken one of these messages") from error
            raise

    async def remember_again(
        self, session: DatabaseSession, repeats: Sequence[tuple[Received, ReceiptState]], now: float
    ) -> None:
        """Note the attempt and place by which messages came that were noted before."""
        if repeats:
            changing = ("attempt", "topic", "partition", "record_offset")
            statement = upsert(self._inbox, "message_id", _TAKEN, changing, session.dialect)
            await session.run(statement, [taken_row(item, state, now) for item, state in repeats])

    async def forget(self, session: DatabaseSession, before: float) -> None:
        """Drop what the inbox remembers from before ``before``; such messages are stale and rejected anyway."""
        await session.execute(delete(self._inbox).where(self._inbox.c.received_at < before))

    async def enqueue(self, session: DatabaseSession, sendings: Sequence[Sending], next_attempt_at: float) -> None:
        """Keep messages until their receipts come."""
        if not sendings:
            return
        rows = [
            {
                "message_id": sending.message_id,
                "topic": sending.topic,
                "record_key": sending.key,
                "value": sending.value,
                "digest": sending.digest,
                "sender_jws": sending.sender_jws,
                "journaled": sending.journaled,
                "attempt": 1,
                "unsent": 0,
                "next_attempt_at": next_attempt_at,
            }
            for sending in sendings
        ]
        await session.run(insert(self._outbox, tuple(rows[0])), rows)

    async def acknowledge(
        self, session: DatabaseSession, receiver: System, items: Sequence[ReceiptItem], now: datetime
    ) -> list[ReceiptItem]:
        """Let go of the messages a receipt names; returns those that really were sent to ``receiver`` with these
        bytes. A record of the journal that is not taken is kept as a dead letter: no handler waits for it."""
        by_id = {item.message_id: item for item in items}
        dialect, topics = session.dialect, topics_read_by(receiver)
        statement = select_by_keys(self._outbox, _SENT, "message_id", dialect)
        rows = await session.run(statement, keys_parameter(by_id, dialect))
        proven = [by_id[row[0]] for row in rows if by_id[row[0]].digest == row[1] and row[2] in topics]
        if proven:
            journal = {row[0] for row in rows if row[2] == JOURNAL}
            stopped = [item.message_id for item in proven if item.state is DeliveryState.DELIVERY_STOPPED]
            if refused := {name: f"{receiver} does not take it" for name in stopped if name in journal}:
                _LOG.error("%s does not take records of the journal: %s", receiver, ", ".join(refused))
                await self.bury(session, await self.withdraw(session, refused, JOURNAL_REJECTED), now)
            keys = keys_parameter([item.message_id for item in proven], dialect)
            await session.run(delete_by_keys(self._outbox, "message_id", dialect), keys)
        return proven

    async def make_due(self, session: DatabaseSession, message_ids: Collection[str]) -> None:
        """These were not sent: they are due at once, and the pause after the next sending is no longer for it."""
        dialect, t = session.dialect, self._outbox.c
        unsent = {"next_attempt_at": 0.0, "unsent": t.unsent + 1}
        statement = update(self._outbox).where(among(t.message_id, dialect)).values(unsent)
        await session.execute(statement, keys_parameter(message_ids, dialect))

    async def make_lost_due(self, session: DatabaseSession, before: float | None = None) -> None:
        """What has no receipt is due at once; for the start of a system, which may have died before publishing.

        ``before``: only what was to be sent again before then; another replica may just be publishing the rest.
        """
        statement = update(self._outbox).values(next_attempt_at=0.0)
        if before is not None:
            statement = statement.where(self._outbox.c.next_attempt_at < before)
        await session.execute(statement)

    async def withdraw(
        self, session: DatabaseSession, causes: Mapping[str, str], reason: str = NOT_SENDABLE
    ) -> list[Rejected]:
        """Take messages that are not to be sent any more out of the outbox, by id with the cause; to be buried. They
        have no place in a topic of their sender's, so theirs is their number in the outbox, in partition -1."""
        dialect, t = session.dialect, self._outbox.c
        keys = keys_parameter(causes, dialect)
        query = select(t.seq, t.message_id, t.topic, t.record_key, t.value, t.digest, t.sender_jws, t.journaled)
        rows = (await session.execute(query.where(among(t.message_id, dialect)), keys)).all()
        await session.run(delete_by_keys(self._outbox, "message_id", dialect), keys)
        return [
            Rejected(
                IncomingRecord(
                    Position(row.topic, NOWHERE, row.seq),
                    row.record_key.encode(),
                    row.value,
                    unsent_headers(row.sender_jws, row.journaled),
                ),
                reason,
                {"reason": reason, "detail": causes[row.message_id]},
                row.digest,
                {"id": row.message_id},
                answer=False,
            )
            for row in rows
        ]

    async def waiting(self, session: DatabaseSession, message_ids: Collection[str]) -> set[str]:
        """Which of these have no receipt yet."""
        dialect = session.dialect
        statement = select_by_keys(self._outbox, ("message_id",), "message_id", dialect, lock=False)
        return {row[0] for row in await session.run(statement, keys_parameter(message_ids, dialect))}

    async def claim_due(self, session: DatabaseSession, now: float, pause: float, *, limit: int) -> list[Due]:
        """Take messages whose time has come, count the attempt and put the next one further away (seconds, at most
        60): twice as far for every sending before that left."""
        rows = await session.run(
            _due(self._outbox),
            # Further away than any pause: the stand's clock was set back since.
            {"now": now, "too_far": now + max(pause, _LONGEST_PAUSE_S) + 1, "most": limit},
        )
        due = [Due(row[0], row[1], row[2], row[3], row[4], row[5], row[6] + 1, row[7]) for row in rows]
        if due:
            await session.execute(
                update(self._outbox)
                .where(self._outbox.c.message_id == bindparam("due_id"))
                .values(attempt=bindparam("due_attempt"), next_attempt_at=bindparam("due_next")),
                [
                    {
                        "due_id": item.message_id,
                        "due_attempt": item.attempt,
                        "due_next": now + min(pause * 2 ** min(item.attempt - 1 - item.unsent, 10), _LONGEST_PAUSE_S),
                    }
                    for item in due
                ],
            )
        return due

    async def bury(self, session: DatabaseSession, rejected: Sequence[Rejected], now: datetime) -> list[Rejected]:
        """Keep rejected records with their reports; returns those not kept before (a broker may be read again)."""
        if not rejected:
            return []
        t = self._dead.c
        place = (t.topic, t.partition, t.record_offset, t.digest)
        # The same record may stand in a batch only once, and another replica may be burying it too.
        rows = {place_of(item): dead_letter_row(item, now) for item in rejected}
        inserting = conflicting_insert(self._dead, session.dialect)
        statement = inserting.on_conflict_do_nothing(index_elements=place).returning(*place)
        new = {tuple(row) for row in await session.execute(statement, list(rows.values()))}
        return [item for item in rejected if place_of(item) in new]

    async def prune_dead_letters(self, session: DatabaseSession, buried: int) -> int:
        """Let go of dead letters where there are more, or larger ones, than are kept; how many. Looks only now and
        then; ``buried``: how many have just come.

        The oldest go first, and those of which something would be lost only when no others are left: what strangers
        write never pushes out the only copy of a message.
        """
        self._unpruned += buried
        if self._unpruned < _PRUNE_EVERY:
            return 0
        self._unpruned = 0
        t = self._dead.c
        worth = (t.expendable, t.id.desc())
        counted = select(
            t.id,
            func.row_number().over(order_by=worth).label("number"),
            func.sum(func.length(t.value)).over(order_by=worth).label("bytes"),
        ).subquery()
        over = or_(counted.c.number > self._most_letters, counted.c.bytes > self._most_letters * _MEAN_LETTER)
        gone = await session.execute(delete(self._dead).where(t.id.in_(select(counted.c.id).where(over))))
        return gone.rowcount

    async def unpublished(self, session: DatabaseSession, limit: int) -> list[tuple[int, OutgoingRecord]]:
        """Dead letters that are not yet in the dead-letter topic, with their row ids."""
        rows = await session.run(_unpublished(self._dead), {"most": limit})
        found = []
        for row_id, topic, key, value, headers, reason, report in rows:
            record_headers: Headers = (
                *unpack(headers),
                ("dlq-reason", reason.encode()),
                ("dlq-report", orjson.dumps(report)),
            )
            found.append((row_id, OutgoingRecord(dead_letters_of(topic), key or b"", value, record_headers)))
        return found

    async def published(self, session: DatabaseSession, row_ids: Sequence[int]) -> None:
        """Note that these dead letters stand in the dead-letter topic."""
        await session.execute(update(self._dead).where(self._dead.c.id.in_(row_ids)).values(published=1))

    async def dead_letters(self, session: DatabaseSession, *, limit: int = 100) -> list[dict[str, Any]]:
        """The newest dead letters, without their bytes."""
        t = self._dead.c
        rows = await session.execute(
            select(t.id, t.topic, t.partition, t.record_offset, t.message_id, t.reason, t.report, t.recorded_at)
            .order_by(t.id.desc())
            .limit(limit)
        )
        return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name

    async def note_positions(self, session: DatabaseSession, records: Iterable[IncomingRecord], cluster: str) -> None:
        """Note how far ``records`` bring the reading of their partitions; for a broker that keeps no group offsets."""
        furthest: dict[tuple[str, int], int] = {}
        for record in records:
            place = (record.position.topic, record.position.partition)
            furthest[place] = max(furthest.get(place, 0), record.position.offset + 1)
        await self.note_places(session, furthest, cluster)

    async def note_places(
        self, session: DatabaseSession, furthest: Mapping[tuple[str, int], int], cluster: str
    ) -> None:
        """Note where reading goes on, by topic and partition."""
        rows = [
            {
                "place": f"{cluster}/{topic}/{partition}",
                "topic": topic,
                "partition": partition,
                "next_offset": offset,
                "cluster": cluster,
            }
            for (topic, partition), offset in sorted(furthest.items())
        ]
        if rows:
            statement = upsert(self.reading, "place", tuple(rows[0]), ("next_offset",), session.dialect)
            await session.run(statement, rows)

    async def positions(self, session: DatabaseSession, cluster: str) -> dict[tuple[str, int], int]:
        """Where reading goes on, by topic and partition; nothing is known of a cluster that was not read before."""
        t = self.reading.c
        rows = await session.execute(select(t.topic, t.partition, t.next_offset).where(t.cluster == cluster))
        return {(row[0], row[1]): row[2] for row in rows}

    async def outbox_state(self, session: DatabaseSession) -> tuple[int, str | None]:
        """How many messages wait for a receipt, and the id of the one that does for longest."""
        first = select(self._outbox.c.message_id).order_by(self._outbox.c.seq).limit(1).scalar_subquery()
        row = (await session.execute(select(func.count(), first).select_from(self._outbox))).one()
        return int(row[0]), row[1]

    async def letters_by_reason(self, session: DatabaseSession) -> dict[str, int]:
        """How many dead letters are kept for each reason, re-driven ones too."""
        reason = self._dead.c.reason
        rows = await session.execute(select(reason, func.count()).group_by(reason))
        return {row[0]: row[1] for row in rows}

    async def note_forgotten(self, session: DatabaseSession, before_ms: int) -> None:
        """Note that everything from before this moment is forgotten; it stands with what outlives a reset."""
        await self.note_places(session, {(_FORGOTTEN, 0): before_ms}, _FORGOTTEN)

    async def forgotten(self, session: DatabaseSession) -> int:
        """That moment, in milliseconds; 0 if there was none."""
        return (await self.positions(session, _FORGOTTEN)).get((_FORGOTTEN, 0), 0)

    async def pending(self, session: DatabaseSession) -> int:
        """How many sent messages still wait for a receipt."""
        count = await session.execute(select(func.count()).select_from(self._outbox))
        return int(count.scalar_one())


@cache
def _due(outbox: Table) -> Prepared:
    t = outbox.c
    query = (
        select(t.message_id, t.topic, t.record_key, t.value, t.sender_jws, t.journaled, t.attempt, t.unsent)
        .where(or_(t.next_attempt_at <= bindparam("now"), t.next_attempt_at > bindparam("too_far")))
        .order_by(t.seq)
        .limit(bindparam("most", type_=Integer))
    )
    # Two replicas never take the same: what the other one holds is passed over.
    return Prepared(query.with_for_update(skip_locked=True))


@cache
def _unpublished(dead: Table) -> Prepared:
    t = dead.c
    query = select(t.id, t.topic, t.record_key, t.value, t.headers, t.reason, t.report).where(t.published == 0)
    return Prepared(query.order_by(t.id).limit(bindparam("most", type_=Integer)))
