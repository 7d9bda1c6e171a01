"""The consumer runtime of one system: the loop, the re-sending, the receipts.

Order of one turn: receive → verify → ONE transaction → publish → receipts → commit offsets. Nothing is acknowledged
before it is committed, and nothing committed is lost: what was not published, or not receipted, is sent again.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from shared.db.engine import Database
from shared.db.states import StateKey, States
from shared.kit.clock import Clock
from shared.kit.errors import Transient
from shared.messages.control import DeliveryReceipt
from shared.messages.systems import System
from shared.messages.topics import topics_read_by
from shared.messages.types import MessageType
from shared.messaging.broker import KafkaBroker
from shared.messaging.faults import Crashed, Faults, Point
from shared.messaging.records import IncomingRecord, OutgoingRecord, Received, Rejected
from shared.messaging.signing import Signer
from shared.messaging.store import MessageStore
from shared.messaging.unit import Outcome, UnitOfWork
from shared.messaging.verification import RecordVerifier
from shared.messaging.work import Sending, Work

log = logging.getLogger(__name__)

BATCH = 200
BUSY_PER_S = 60.0
"""Records a second from which on the system is under load."""
GATHER_S = 0.025
"""How long a batch may gather under load."""
ALONE_TRIES = 3
_SECONDS_BETWEEN_RETRIES = 0.2


class Runtime:
    """Consumes, handles and sends for one system. ``start`` and ``stop`` bracket its life."""

    def __init__(
        self,
        unit: UnitOfWork,
        *,
        clock: Clock,
        database: Database,
        broker: KafkaBroker,
        store: MessageStore,
        signer: Signer,
        verifier: RecordVerifier,
        resend_after_s: float,
        inbox_keeps_s: float,
        on_change: Callable[[str], None],
    ) -> None:
        self.system: System = unit.system
        self.faults = Faults()
        self.store = store
        self.counts = {"taken": 0, "rejected": 0, "sent": 0, "resent": 0, "failing": 0}
        self.trouble: str | None = "starting"
        """Why the loop does not get on, or ``None``; shown by ``/readyz``."""
        self._unit = unit
        self._clock = clock
        self._database = database
        self._broker = broker
        self._signer = signer
        self._verifier = verifier
        self._resend_after_s = resend_after_s
        self._inbox_keeps_s = inbox_keeps_s
        self._on_change = on_change
        self._rate = self._rated_at = 0.0
        self._stopping = asyncio.Event()
        self._burying = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._publishing: set[asyncio.Task[None]] = set()

    # -- life ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to consume; returns without waiting for the broker, the connection is made (and made again) by the
        loop."""
        self._stopping.clear()
        async with self._database.transaction() as session:
            await self.store.make_all_due(session)
            await self.store.forget(session, self._clock.timestamp() - self._inbox_keeps_s)
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._resend())]

    async def stop(self) -> None:
        """Finish the batch at hand, leave the group and disconnect."""
        self._stopping.set()
        for task in self._tasks:
            with contextlib.suppress(Crashed):
                await task
        await asyncio.gather(*self._publishing, return_exceptions=True)
        await self._broker.stop()

    async def kill(self) -> None:
        """End as if the process died: a batch at hand gets no further than its next point, nothing is sent any more."""
        # Tasks are not cancelled: a connection cut off in the middle of a statement would keep SQLite's lock, which
        # the end of a real process frees.
        self.faults.dead = True
        self._stopping.set()
        await asyncio.gather(*self._tasks, *self._publishing, return_exceptions=True)
        await self._broker.stop()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    # -- consuming -------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            await self._connect()
            while not self._stopping.is_set():
                try:
                    records = await self._receive()
                except Transient as error:
                    await self._wait_out(error)
                    continue
                if records:
                    await self._consume(records)
        except Crashed:
            # A planned death takes the whole system with it, also the re-sending.
            self.trouble = "crashed"
            self._stopping.set()
            raise

    async def _receive(self) -> list[IncomingRecord]:
        """The next batch: at once when there is little to do; under load what comes within ``GATHER_S``, so that more
        messages share a transaction. A single application is never kept waiting."""
        loop = asyncio.get_running_loop()
        records = await self._broker.receive(max_records=BATCH, timeout_ms=100)
        now = loop.time()
        # An average that forgets within about a second.
        self._rate = self._rate * math.exp(self._rated_at - now) + len(records)
        self._rated_at = now
        if records and self._rate > BUSY_PER_S:
            deadline = now + GATHER_S
            while len(records) < BATCH and (left := deadline - loop.time()) > 0:
                more = await self._broker.receive(max_records=BATCH - len(records), timeout_ms=math.ceil(left * 1000))
                self._rate += len(more)
                records += more
        return records

    async def _connect(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._broker.start(topics_read_by(self.system), await self._positions())
            except (Transient, DBAPIError, OSError) as error:
                await self._wait_out(error)
            else:
                self.trouble = None
                return

    async def _positions(self) -> dict[tuple[str, int], int]:
        if not self._broker.static:
            return {}
        async with self._database.session() as session:
            return await self.store.positions(session, self._broker.cluster)

    async def _wait_out(self, error: BaseException) -> None:
        if self.trouble != str(error):
            log.warning("%s waits: %s", self.system, error)
        self.trouble = str(error)
        await self._pause(_SECONDS_BETWEEN_RETRIES)

    async def _consume(self, records: Sequence[IncomingRecord]) -> None:
        """Handle a batch, as often as it takes: a silent database or revocation source loses nothing."""
        while not self._stopping.is_set():
            try:
                await self._verifier.prepare(records)
                verified = [self._verifier.verify(record) for record in records]
                types = {item.message.type for item in verified if isinstance(item, Received)}
                self.faults.at(Point.RECEIVED, types)
                await self._take(verified, types)
            except (Transient, InterfaceError, OperationalError, OSError) as error:
                await self._wait_out(error)
            except Exception as error:
                # A defect: shown by /readyz and tried again, for a consumer that ends in silence is worse.
                log.exception("%s: the batch broke", self.system)
                await self._wait_out(error)
            else:
                self.trouble = None
                await self._broker.commit()
                return

    async def _take(self, verified: Sequence[Received | Rejected], types: set[MessageType]) -> None:
        try:
            async with self._database.transaction() as session:
                outcome = await self._unit.batch(session, verified)
                if self._broker.static:
                    read = (item.record for item in verified)
                    await self.store.note_positions(session, read, self._broker.cluster)
                self.faults.at(Point.HANDLED, types)
        except DBAPIError as error:
            received = [item for item in verified if isinstance(item, Received)]
            if isinstance(error, OperationalError | InterfaceError) or len(received) < 2:
                raise
            # One bad row must not fail the others: each message gets its own transaction.
            log.exception("%s: batch of %d failed, trying each alone", self.system, len(verified))
            outcome = Outcome(failing=received)
            await self._take([item for item in verified if isinstance(item, Rejected)], types)
        self.faults.at(Point.COMMITTED, types)
        await self._finish(outcome, types)
        for item in outcome.failing:
            await self._take_alone(item)

    async def _take_alone(self, item: Received) -> None:
        self.counts["failing"] += 1
        for attempt in range(1, ALONE_TRIES + 1):
            try:
                async with self._database.transaction() as session:
                    outcome = await self._unit.batch(session, [item], last_try=attempt == ALONE_TRIES)
            except (OperationalError, InterfaceError):
                raise
            except DBAPIError as error:
                if attempt < ALONE_TRIES:
                    continue
                outcome = await self._bury_alone(item, type(error).__name__)
            if not outcome.failing:
                await self._finish(outcome, set())
                return
            await self._pause(0.05 * 2**attempt)

    async def _bury_alone(self, item: Received, detail: str) -> Outcome:
        async with self._database.transaction() as session:
            return await self._unit.batch(session, [self._unit.failed(item, detail)])

    async def _finish(self, outcome: Outcome, types: set[MessageType]) -> None:
        self.counts["taken"] += outcome.taken
        self.counts["rejected"] += outcome.buried
        with contextlib.suppress(Transient):  # stays in the outbox, is sent again
            await self._publish(outcome.sendings)
            self.faults.at(Point.PUBLISHED, types)
            await self._send_receipts(outcome)
            if outcome.buried:
                await self._publish_dead_letters()
        for key in outcome.touched:
            self._on_change(key)

    # -- sending ---------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def work(self, loads: Iterable[StateKey]) -> AsyncIterator[Work]:
        """A unit of work for an HTTP command: the same states, outbox and journal as for a message, in one
        transaction."""
        outcome = Outcome()
        async with self._database.transaction() as session:
            states = States()
            await states.load(session, loads)
            work = self._unit.work(states)
            yield work
            states.apply(work.effects.changes)
            await self._unit.save(session, states, work.effects, outcome)
        # The caller need not wait for the broker: committed is committed.
        task = asyncio.create_task(self._finish(outcome, set()))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def _publish(self, sendings: Sequence[Sending]) -> None:
        if not sendings or self.faults.dead:
            return
        records = [OutgoingRecord(s.topic, s.key.encode(), s.value, s.headers) for s in sendings]
        await self._broker.publish(records)
        self.counts["sent"] += len(records)

    async def _send_receipts(self, outcome: Outcome) -> None:
        records = []
        for hop, items in outcome.receipts.items():
            work = self._unit.work(States())
            receipt = DeliveryReceipt.model_construct(received_at=self._clock.now(), items=tuple(items))
            work.send(MessageType.DELIVERY_RECEIPT_ISSUED, hop, self.system.value, receipt)
            records += [OutgoingRecord(s.topic, s.key.encode(), s.value, s.headers) for s in work.effects.sendings]
        if records:
            await self._broker.publish(records)

    async def _publish_dead_letters(self) -> None:
        async with self._burying:  # the loop and the re-sending both come here
            async with self._database.session() as session:
                found = await self.store.unpublished(session, BATCH)
            if found:
                await self._broker.publish([record for _, record in found])
                async with self._database.transaction() as session:
                    await self.store.published(session, [row_id for row_id, _ in found])

    async def _resend(self) -> None:
        """Send again what has no receipt when its time has come."""
        while not self._stopping.is_set():
            try:
                if self.trouble is None and not self.faults.dead:
                    await self._resend_due()
            except (Transient, DBAPIError, OSError) as error:
                log.warning("%s: re-sending waits: %s", self.system, type(error).__name__)
            await self._pause(min(self._resend_after_s / 4, 1.0))

    async def _resend_due(self) -> None:
        async with self._database.transaction() as session:
            due = await self.store.claim_due(session, self._clock.timestamp(), self._resend_after_s, limit=10 * BATCH)
        records = [
            OutgoingRecord(
                item.topic,
                item.key.encode(),
                item.value,
                self._signer.headers(item.value, attempt=item.attempt, sender_jws=item.sender_jws),
            )
            for item in due
        ]
        if records:
            await self._broker.publish(records)
            self.counts["resent"] += len(records)
        await self._publish_dead_letters()
