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
from functools import partial

from sqlalchemy.exc import DBAPIError

from shared.db.engine import Database
from shared.db.faults import Contended
from shared.db.missed import missed
from shared.db.session import DatabaseSession
from shared.db.states import StateKey, States
from shared.kit.background import Background
from shared.kit.clock import Clock
from shared.kit.errors import Transient
from shared.messages.systems import System
from shared.messages.topics import JOURNAL, topics_read_by
from shared.messages.types import MessageType
from shared.messaging.broker import KafkaBroker, Lost
from shared.messaging.crowd import Crowd
from shared.messaging.deadletters import DeadLetters, Redrive
from shared.messaging.faults import Crashed, Faults, Point
from shared.messaging.isolation import PASSES, Isolation
from shared.messaging.numbers import COUNTS, Numbers
from shared.messaging.outgoing import Outgoing
from shared.messaging.receipts import GATHER_S as GATHER_RECEIPTS_S
from shared.messaging.receipts import Receipts
from shared.messaging.records import IncomingRecord, Received, Rejected, Verified, flood_last
from shared.messaging.signing import Signer
from shared.messaging.standstill import Standstill
from shared.messaging.store import MessageStore
from shared.messaging.unit import Outcome, UnitOfWork, stopped
from shared.messaging.verification import RecordVerifier
from shared.messaging.work import Work

log = logging.getLogger(__name__)

BATCH = 200
_SECONDS_BETWEEN_RETRIES = 0.2
_IN_A_FLOOD_S = 0.1
"""How long a batch is gathered in a flood, so that its records share a transaction, and one dead letter."""
_UNHURRIED_S = 2.0
"""How long an end waits for the cluster to confirm what was just published."""
_PUBLISHED_WITHIN_S = 2.0
"""What another replica has committed it publishes, and has the receipt for, in less."""


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
        dead_letters: DeadLetters,
        signer: Signer,
        verifier: RecordVerifier,
        resend_after_s: float,
        inbox_keeps_s: float,
        on_change: Callable[[str], None],
    ) -> None:
        self.system: System = unit.system
        self.faults = Faults()
        self.store = store
        self.dead_letters = dead_letters
        self.counts = dict.fromkeys(COUNTS, 0)
        self.numbers = Numbers(self.counts)
        self.trouble: str | None = "starting"
        """Why the loop does not get on, or ``None``; shown by ``/readyz``."""
        self._unit = unit
        self._clock = clock
        self._database = database
        self._broker = broker
        self._verifier = verifier
        self._resend_after_s = resend_after_s
        self._inbox_keeps_s = inbox_keeps_s
        self._on_change = on_change
        self._crowd = Crowd()
        self._flooded = False
        self._interrupted: Transient | None = None
        # Long before anybody sends again for want of one.
        self._receipts = Receipts(unit, broker, clock, min(GATHER_RECEIPTS_S, resend_after_s / 8))
        self._isolation = Isolation(unit, database, broker, self.counts, self._pause)
        self._stopping = asyncio.Event()
        self.background: list[Background] = []
        """What goes on from the start to the end."""
        self._publishing: set[asyncio.Task[None]] = set()
        self.standstill = Standstill(
            clock,
            database,
            broker,
            store,
            self._receipts,
            trouble=lambda: self.trouble,
            running=lambda: bool(self.background),
            publishing=self._publishing,
        )
        self._outgoing = Outgoing(
            unit,
            clock=clock,
            database=database,
            broker=broker,
            store=store,
            signer=signer,
            counts=self.counts,
            resend_after_s=resend_after_s,
            gate=self.standstill.gate,
            able=lambda: self.trouble is None and not self.faults.dead,
        )

    # -- life ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to consume; returns without waiting for the broker, the connection is made (and made again) by the
        loop."""
        self._stopping.clear()
        async with self._database.transaction() as session:
            self.standstill.forgotten.before_ms = await self.store.forgotten(session)
            await self.store.make_lost_due(session, self._lost_before())
            await self.store.forget(session, self._clock.timestamp() - self._inbox_keeps_s)
        self.background = [
            Background(f"{self.system}: reading messages", self._run),
            Background(f"{self.system}: re-sending", partial(self._outgoing.resend, self._stopping)),
            Background(f"{self.system}: dead letters", partial(self._outgoing.set_aside, self._stopping)),
        ]
        if self._broker.static:
            again = partial(self._outgoing.recall, self._stopping)
            self.background.append(Background(f"{self.system}: sending again what was let go", again))
        for work in self.background:
            work.start()

    def _lost_before(self) -> float | None:
        """When what a dead process did not publish was to be sent again; ``None``: everything is lost that has no
        receipt, for no other process has the database."""
        if self._database.dialect == "sqlite":
            return None
        return self._clock.timestamp() + self._resend_after_s - _PUBLISHED_WITHIN_S

    async def fault(self) -> str | None:
        """Why messages cannot be exchanged just now, or ``None``; asks the cluster."""
        return self.trouble or self.standstill.fault or await self._broker.fault()

    async def lag(self) -> dict[str, int]:
        """How many records of each topic are not handled yet; asks the cluster."""
        return await self._broker.lag()

    async def stop(self) -> None:
        """Finish the batch at hand, leave the group and disconnect."""
        self._stopping.set()
        self._outgoing.letters()
        self.standstill.end()
        hurry = asyncio.get_running_loop().call_later(_UNHURRIED_S, self._broker.hurry)
        for work in self.background:
            with contextlib.suppress(Crashed):
                await work.stop()
        await asyncio.gather(*self._publishing, return_exceptions=True)
        await self._receipts.settle()
        hurry.cancel()
        await self._broker.stop()

    async def kill(self) -> None:
        """End as if the process died: a batch at hand gets no further than its next point, nothing is sent any more."""
        # Tasks are not cancelled: a connection cut off in the middle of a statement would keep SQLite's lock, which
        # the end of a real process frees.
        self.faults.dead = True
        self._receipts.forget()
        self._stopping.set()
        self._outgoing.letters()
        self.standstill.end()
        ended = (work.stop() for work in self.background)
        await asyncio.gather(*ended, *self._publishing, return_exceptions=True)
        await self._broker.stop()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    # -- consuming -------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            await self._connect()
            while not self._stopping.is_set():
                async with self.standstill.gate.passing():
                    await self._turn()
        except Crashed:
            # A planned death takes the whole system with it, also the re-sending.
            self.trouble = "crashed"
            self._stopping.set()
            self._outgoing.letters()
            raise

    async def _turn(self) -> None:
        try:
            records = await self._receive()
        except Exception as error:
            if not isinstance(error, Transient):
                # A defect of the client: connected anew, for a system that reads no more in silence is worse.
                log.exception("%s: receiving broke", self.system)
            await self._wait_out(error)
            await self._connect()
            return
        if records:
            await self._consume(records)

    async def _receive(self) -> list[IncomingRecord]:
        """The next batch: at once when there is little to do; under load what comes within a moment, so that more
        messages share a transaction. A single application is never kept waiting."""
        if self._interrupted is not None:
            error, self._interrupted = self._interrupted, None
            raise error
        loop = asyncio.get_running_loop()
        records = await self._broker.receive(max_records=BATCH, timeout_ms=100)
        self.counts["forgotten"] = self._broker.forgotten
        now = loop.time()
        self._crowd.note((record.key for record in records), now)
        patience = _IN_A_FLOOD_S if self._flooded else self._crowd.patience_s
        if records and patience:
            deadline = now + patience
            while len(records) < BATCH and (left := deadline - loop.time()) > 0:
                records += await self._more(BATCH - len(records), math.ceil(left * 1000))
        return records

    async def _more(self, count: int, timeout_ms: int) -> list[IncomingRecord]:
        try:
            return await self._broker.receive(max_records=count, timeout_ms=timeout_ms)
        except Transient as error:
            self._interrupted = error  # what is at hand is not given up for it; then it is read on from there anew
            return []

    async def _connect(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._broker.start(topics_read_by(self.system), await self._positions(), {JOURNAL})
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
                self._broker.check()
                current, forgotten = self.standstill.forgotten.parted(records)
                verified = await self._verified(current)
                types = {item.message.type for item in verified if isinstance(item, Received)}
                self.faults.at(Point.RECEIVED, types)
                first, rest = flood_last(verified)
                if first:
                    await self._take(first, types, read=())
                await self._take(rest, types, read=records)
                if forgotten:
                    self._receipts.owe(stopped(await self._verifier.verify_all(forgotten)))
                self._wary(verified)
            except Lost as lost:
                log.info("%s: a batch of %d goes elsewhere: %s", self.system, len(records), lost.detail)
                self._broker.drop(records)
                return
            except Contended:
                # Another replica was at the same rows; what it has done is there to be seen now.
                continue
            except PASSES as error:
                await self._wait_out(error)
            except Exception as error:
                # A defect in none of the records, for each was tried alone: shown by /readyz and tried again, for a
                # consumer that ends in silence is worse.
                log.exception("%s: the batch broke", self.system)
                await self._wait_out(error)
            else:
                self.trouble = None
                self._broker.commit(records)
                return

    def _wary(self, verified: Verified) -> None:
        # A flood begins with one record, and is over before it could be told from a few.
        self._flooded = any(isinstance(item, Rejected) and not item.proven for item in verified)
        if self._flooded:
            self._broker.stay_awake()

    async def _verified(self, records: Sequence[IncomingRecord]) -> list[Received | Rejected]:
        try:
            verified = await self._verifier.verify_all(records)
        except Transient:
            self.numbers.undecided()
            raise
        self.numbers.batch(verified)
        return verified

    async def _take(self, verified: Verified, types: set[MessageType], read: Sequence[IncomingRecord] = ()) -> None:
        """Handle a batch and note that ``read`` were read."""
        try:
            async with self._database.transaction() as session:
                outcome = await self._unit.batch(session, verified)
                await self._note_read(session, read)
                self.faults.at(Point.HANDLED, types)
                self._broker.check()
        except PASSES:
            raise
        except Exception:
            # Something of one record, e.g. a row that the database does not take. It must not fail the others, nor be
            # met again without end, so each gets its own transaction.
            log.exception("%s: batch of %d failed, trying each alone", self.system, len(verified))
            for item in verified:
                await self._finish(await self._isolation.take(item), set())
            async with self._database.transaction() as session:
                await self._note_read(session, read)
            return
        self.faults.at(Point.COMMITTED, types)
        await self._finish(outcome, types)
        self.counts["failing"] += len(outcome.failing)
        for item in outcome.failing:
            await self._finish(await self._isolation.take(item, failed=True), set())

    async def _note_read(self, session: DatabaseSession, read: Sequence[IncomingRecord]) -> None:
        if self._broker.static:
            await self.store.note_positions(session, read, self._broker.cluster)

    async def _finish(self, outcome: Outcome, types: set[MessageType]) -> None:
        outcome.count(self.counts)
        if outcome.buried:
            self._outgoing.letters()
        with contextlib.suppress(Transient):  # stays in the outbox, is sent again
            if not self.faults.dead:
                await self._outgoing.publish(outcome.sendings)
            self.faults.at(Point.PUBLISHED, types)
            self._receipts.owe(outcome.receipts)
        for key in outcome.touched:
            self._on_change(key)

    # -- sending ---------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def work(self, loads: Iterable[StateKey]) -> AsyncIterator[Work]:
        """A unit of work for an HTTP command: the same states, outbox and journal as for a message, in one
        transaction.

        Raises ``NotLoaded`` for a state that is not among ``loads``; see ``shared.db.missed``.
        """
        outcome = Outcome()
        async with self.standstill.gate.passing() as outdated, self._database.transaction() as session:
            if outdated:
                raise Transient("the stand was reset meanwhile")  # what was read before is forgotten
            states = States()
            await states.load(session, {*loads, *missed()})
            work = self._unit.work(states)
            yield work
            states.apply(work.effects.changes)
            await self._unit.save(session, states, work.effects, outcome)
        # The caller need not wait for the broker: committed is committed.
        task = asyncio.create_task(self._finish(outcome, set()))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def redrive(self, letter_id: int) -> Redrive:
        """Handle the message of a dead letter after all. Raises ``NotFound``, ``Transient``."""
        async with self.standstill.gate.passing():
            redrive, outcome = await self.dead_letters.redrive(letter_id)
            if outcome is not None:
                await self._finish(outcome, set())
        return redrive
