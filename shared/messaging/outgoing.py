"""What a system sends: published after the commit, again while no receipt has come, and never by one record held up.

A record that the cluster does not take, e.g. because a topic's limit is smaller than the protocol's, is withdrawn from
the outbox with the cause: its delivery is stopped, whoever waits for it is told, and its neighbours go out.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlalchemy.exc import DBAPIError

from shared.db.engine import Database
from shared.kit.clock import Clock
from shared.kit.errors import Transient
from shared.kit.gate import Gate
from shared.messaging.broker import KafkaBroker
from shared.messaging.records import OutgoingRecord
from shared.messaging.signing import Signer
from shared.messaging.store import MessageStore
from shared.messaging.unit import UnitOfWork
from shared.messaging.work import Sending

log = logging.getLogger(__name__)

MOST_AT_ONCE = 2000
LETTERS_AT_ONCE = 50
_BETWEEN_LETTERS_S = 0.2
"""Dead letters go out in small portions with pauses, so that a flood of them delays nothing else."""
_LOOK_EVERY_S = 1.0
RECALLED_AT_ONCE = 100
_RECALL_EVERY_S = 0.1


class Outgoing:
    """Publishing of one system. ``resend``, ``recall`` and ``set_aside`` are its tasks, until ``stopping`` is set."""

    def __init__(
        self,
        unit: UnitOfWork,
        *,
        clock: Clock,
        database: Database,
        broker: KafkaBroker,
        store: MessageStore,
        signer: Signer,
        counts: dict[str, int],
        resend_after_s: float,
        gate: Gate,
        able: Callable[[], bool],
    ) -> None:
        """Passes ``gate`` with whatever it does. ``able``: whether there is a cluster to send to, and a sender."""
        self._unit = unit
        self._clock = clock
        self._database = database
        self._broker = broker
        self._store = store
        self._signer = signer
        self._counts = counts
        self._resend_after_s = resend_after_s
        self._letters_due = asyncio.Event()
        self._gate = gate
        self._able = able

    async def publish(self, sendings: Sequence[Sending]) -> None:
        """Send what was committed. What does not get out is due again at once; then raises ``Transient``."""
        if not sendings:
            return
        records = [OutgoingRecord(s.topic, s.key.encode(), s.value, s.headers, s.message_id) for s in sendings]
        self._counts["sent"] += await self._publish_or_keep(records, [s.message_id for s in sendings])

    def letters(self) -> None:
        """There are dead letters to publish."""
        self._letters_due.set()

    async def resend(self, stopping: asyncio.Event) -> None:
        """Send again what has no receipt when its time has come."""
        while not stopping.is_set():
            await self._round(self._resend_due, "re-sending waits")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), min(self._resend_after_s / 4, _LOOK_EVERY_S))

    async def set_aside(self, stopping: asyncio.Event) -> None:
        """Put dead letters into their topics as they come."""
        while not stopping.is_set():
            self._letters_due.clear()
            await self._round(self._publish_letters, "dead letters wait")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._letters_due.wait(), _LOOK_EVERY_S)
                await asyncio.wait_for(stopping.wait(), _BETWEEN_LETTERS_S)

    async def recall(self, stopping: asyncio.Event) -> None:
        """Send again at once what the embedded broker has let go before it was read."""
        while not stopping.is_set():
            await self._round(self._recall, "what the broker let go waits")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _RECALL_EVERY_S)

    async def _round(self, step: Callable[[], Awaitable[None]], waits: str) -> None:
        """One ``step`` of a task, if the system is able to; ``waits``: what is told where it has to be tried again."""
        try:
            async with self._gate.passing():
                if self._able():
                    await step()
        except (Transient, DBAPIError, OSError) as error:
            log.warning("%s: %s: %s", self._unit.system, waits, error)

    async def _recall(self) -> None:
        unheard = self._broker.retained.unheard()
        if not unheard:
            return
        async with self._database.session() as session:
            waiting = await self._store.waiting(session, unheard)
        self._broker.retained.forget([message_id for message_id in unheard if message_id not in waiting])
        gone = await self._broker.let_go([message_id for message_id in unheard if message_id in waiting])
        # A few at a time: sending more than the others can read would only push out more.
        if gone := gone[:RECALLED_AT_ONCE]:
            self._broker.retained.forget(gone)
            async with self._database.transaction() as session:
                await self._store.make_due(session, gone)
            await self._resend_due()

    async def _resend_due(self) -> None:
        async with self._database.transaction() as session:
            now = self._clock.timestamp()
            due = await self._store.claim_due(session, now, self._resend_after_s, limit=MOST_AT_ONCE)
        records = [
            OutgoingRecord(
                item.topic,
                item.key.encode(),
                item.value,
                self._signer.headers(
                    item.value, attempt=item.attempt, sender_jws=item.sender_jws, journaled=item.journaled
                ),
                item.message_id,
            )
            for item in due
        ]
        if records:
            self._counts["resent"] += await self._publish_or_keep(records, [item.message_id for item in due])

    async def _publish_or_keep(self, records: Sequence[OutgoingRecord], message_ids: Sequence[str]) -> int:
        """Publish; how many went out. What did not is due again at once, because nobody has it: as soon as the cluster
        is back."""
        try:
            refused = await self._broker.publish(records)
        except Transient as error:
            with contextlib.suppress(Transient):  # then it is sent when its time comes
                async with self._database.transaction() as session:
                    await self._store.make_due(session, message_ids)
            more = f" and {len(message_ids) - 1} more" if len(message_ids) > 1 else ""
            raise Transient(f"{error.detail}; message {message_ids[0]}{more}") from error
        if refused:
            await self._stop({message_ids[place]: cause for place, cause in refused.items()})
        return len(records) - len(refused)

    async def _stop(self, refused: Mapping[str, str]) -> None:
        for message_id, cause in refused.items():
            log.error("%s: message %s cannot be sent: %s", self._unit.system, message_id, cause)
        async with self._database.transaction() as session:
            outcome = await self._unit.stop(session, refused)
        # One that was refused twice at the same time, sent and sent again, is withdrawn once.
        self._counts["not_sendable"] += outcome.buried
        # What tells of it is sent like anything else; should it not get out, its time comes.
        with contextlib.suppress(Transient):
            await self.publish(outcome.sendings)

    async def _publish_letters(self) -> None:
        """Publish a portion."""
        # Other replicas come here too.
        async with self._database.alone("dead letters") as alone:
            if not alone:
                return
            async with self._database.session() as session:
                found = await self._store.unpublished(session, LETTERS_AT_ONCE)
            if not found:
                return
            refused = await self._broker.publish([record for _, record in found])
            for place, cause in refused.items():
                log.error("%s: dead letter %d stays here only: %s", self._unit.system, found[place][0], cause)
            async with self._database.transaction() as session:
                await self._store.published(session, [row_id for row_id, _ in found])
        if len(found) == LETTERS_AT_ONCE:
            self._letters_due.set()
