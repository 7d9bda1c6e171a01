"""The one transaction of a batch, or of an HTTP command: states, inbox, outbox, dead letters, journal."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from shared.db.missed import NotLoaded, loading, missed
from shared.db.session import DatabaseSession
from shared.db.states import StateKey, States
from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage, TooLarge, Transient
from shared.messages.control import (
    DeliveryReceipt,
    DeliveryState,
    JournalEvent,
    JournalRecorded,
    MessageRejected,
    ReceiptItem,
    ReceiptState,
)
from shared.messages.journaled import Counts
from shared.messages.routes import route_for
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.allowance import ANSWERS, Allowance
from shared.messaging.handlers import Handlers
from shared.messaging.journaling import Counting, Journaling, by_application
from shared.messaging.records import Received, Rejected, Verified, tally
from shared.messaging.rows import inbox_key
from shared.messaging.signing import Signer
from shared.messaging.store import Known, MessageStore
from shared.messaging.verification import PREMATURE, RecordVerifier
from shared.messaging.work import Effects, Sending, Work

log = logging.getLogger(__name__)

NOTHING_HEARD: Mapping[str, Counts] = MappingProxyType({})
"""For what no message led to."""


@dataclass
class Outcome:
    """What a committed batch leaves to do: publish, send receipts, wake the waiting, try the failing alone."""

    sendings: list[Sending] = field(default_factory=list)
    receipts: dict[System, list[ReceiptItem]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    failing: list[Received] = field(default_factory=list)
    rejections: list[Rejected] = field(default_factory=list)
    buried: int = 0
    taken: int = 0
    undecodable: int = 0
    unanswered: int = 0
    not_kept: int = 0

    def count(self, counts: dict[str, int]) -> None:
        """Add what became of the records to ``counts``, by name (``shared.messaging.numbers.COUNTS``)."""
        counts["taken"] += self.taken
        counts["rejected"] += self.buried
        counts["undecodable"] += self.undecodable
        counts["unanswered"] += self.unanswered
        counts["not_kept"] += self.not_kept

    def receipt(self, hop: System, message_id: str, digest: str, state: ReceiptState) -> None:
        """One more message to name in the receipt for ``hop``."""
        self.receipts.setdefault(hop, []).append(
            ReceiptItem.model_construct(message_id=message_id, digest=digest, state=state)
        )


class UnitOfWork:
    """Runs handlers over verified messages and makes the transaction of it."""

    def __init__(
        self,
        system: System,
        clock: Clock,
        store: MessageStore,
        journaling: Journaling,
        signer: Signer,
        handlers: Handlers,
        verifier: RecordVerifier,
        resend_after_s: float,
    ) -> None:
        self.system = system
        self._clock = clock
        self._store = store
        self._journaling = journaling
        self._signer = signer
        self._handlers = handlers
        self._verifier = verifier
        self._resend_after_s = resend_after_s
        self._answers = Allowance(*ANSWERS)

    def work(self, states: States, cause: Received | None = None) -> Work:
        """A fresh unit for one handler or command."""
        return Work(self.system, self._clock, self._signer.headers, states, cause)

    async def save(
        self,
        session: DatabaseSession,
        states: States,
        effects: Effects,
        outcome: Outcome,
        heard: Mapping[str, Counts] = NOTHING_HEARD,
    ) -> None:
        """Write states, journal and outbox of ``effects`` into the transaction; ``heard`` is what the messages that
        led to them told of the journals of their applications."""
        recorded = by_application(effects.events)
        about = {sending.application for sending in effects.sendings if sending.application is not None}
        counting = await self._journaling.count(session, about | recorded.keys(), heard)
        for application, events in recorded.items():
            first = counting.take(application, len(events))
            effects.sendings.extend(self._recorded(states, application, events, first))
        await states.save(session)
        await self._journaling.keep(session, counting)
        sendings = [self.signed(sending, counting) for sending in effects.sendings]
        await self._store.enqueue(session, sendings, self._clock.timestamp() + self._resend_after_s)
        outcome.sendings = sendings
        outcome.touched = effects.touched

    def _recorded(self, states: States, application: str, events: list[JournalEvent], first: int) -> list[Sending]:
        """The records of ``events``, numbered from ``first`` on: one, or as many as it takes for none to be too large.

        Raises ``TooLarge`` for a single event that no record can hold.
        """
        journal = self.work(states)
        set_back_s = self._clock.set_back_s or None
        payload = JournalRecorded.model_construct(first=first, events=tuple(events), set_back_s=set_back_s)
        try:
            journal.send(MessageType.JOURNAL_RECORDED, System.GATEWAY, application, payload)
        except TooLarge:
            half = len(events) // 2
            if not half:
                raise
            return [
                *self._recorded(states, application, events[:half], first),
                *self._recorded(states, application, events[half:], first + half),
            ]
        return journal.effects.sendings

    def signed(self, sending: Sending, counting: Counting | None = None) -> Sending:
        """``sending`` as it leaves: signed, and with what is known of the journal of its application."""
        if sending.headers:
            return sending
        about = sending.application
        told = (counting.of(about) or None) if counting is not None and about is not None else None
        journaled = sending.journaled or told
        headers = self._signer.headers(sending.value, attempt=1, sender_jws=sending.sender_jws, journaled=journaled)
        return replace(sending, headers=headers, journaled=journaled)

    async def batch(
        self, session: DatabaseSession, verified: Sequence[Received | Rejected], *, last_try: bool = False
    ) -> Outcome:
        """Handle a batch inside the transaction of ``session``.

        A message whose handler fails is set aside in ``failing`` together with the later ones of the same
        application, and has no effect; with ``last_try`` it is rejected (``handler-failed``) instead.
        """
        outcome = Outcome()
        rejected = [item for item in verified if isinstance(item, Rejected)]
        received = [item for item in verified if isinstance(item, Received)]
        fresh, repeats = await self._sort(session, received, rejected)
        receipts = [item for item in fresh if item.message.type is MessageType.DELIVERY_RECEIPT_ISSUED]
        messages = [item for item in fresh if item.message.type is not MessageType.DELIVERY_RECEIPT_ISSUED]

        proven = await self._acknowledge(session, receipts)
        states, effects = States(), Effects()
        await states.load(session, self._wanted(messages, proven))
        self._on_deliveries(states, effects, proven)
        done = await self._handle(session, states, effects, messages, rejected, outcome, last_try=last_try)
        repeats = _settled(repeats, outcome)

        outcome.rejections = rejected
        buried = await self._store.bury(session, rejected, self._clock.now())
        outcome.buried, outcome.undecodable, outcome.unanswered, outcome.not_kept = tally(buried)
        outcome.not_kept += await self._store.prune_dead_letters(session, len(buried))
        for item in buried:
            self._answer(states, effects, item, outcome)
        taken = (item for item, state in done if state is DeliveryState.DELIVERED)
        await self.save(session, states, effects, outcome, self._journaling.heard(taken))
        await self._store.remember(session, done, self._clock.timestamp())
        await self._store.remember_again(session, repeats, self._clock.timestamp())
        outcome.taken = sum(state is DeliveryState.DELIVERED for _, state in done)
        return outcome

    async def send(self, session: DatabaseSession, sending: Sending) -> Outcome:
        """Sign and keep a message that was withdrawn, to be published."""
        signed = self.signed(sending)
        await self._store.enqueue(session, [signed], self._clock.timestamp() + self._resend_after_s)
        return Outcome(sendings=[signed])

    async def stop(self, session: DatabaseSession, refused: Mapping[str, str]) -> Outcome:
        """Withdraw messages that cannot be sent, by id with the cause: they are set aside, and what waits for their
        delivery hears that it is stopped."""
        outcome, states, effects = Outcome(), States(), Effects()
        withdrawn = await self._store.withdraw(session, refused)
        outcome.buried = len(await self._store.bury(session, withdrawn, self._clock.now()))
        stopped = [
            ReceiptItem(message_id=str(item.claimed["id"]), digest=item.digest, state=DeliveryState.DELIVERY_STOPPED)
            for item in withdrawn
        ]
        await states.load(session, self._wanted((), stopped))
        self._on_deliveries(states, effects, stopped)
        await self.save(session, states, effects, outcome)
        return outcome

    async def _sort(
        self, session: DatabaseSession, received: list[Received], rejected: list[Rejected]
    ) -> tuple[list[Received], list[tuple[Received, ReceiptState]]]:
        """Guard clauses that make repetition harmless: fresh messages, and honest re-sends of what was taken before."""
        told = [item.message for item in received if item.message.type is not MessageType.DELIVERY_RECEIPT_ISSUED]
        known = await self._store.known(session, {inbox_key(message) for message in told})
        fresh: list[Received] = []
        repeats: list[tuple[Received, ReceiptState]] = []
        for item in received:
            before = known.get(key := inbox_key(item.message))
            if before is None:
                fresh.append(item)
                if item.message.type is not MessageType.DELIVERY_RECEIPT_ISSUED:
                    known[key] = _first(item, DeliveryState.DELIVERED)
            elif before.position == item.record.position and before.digest == item.digest:
                continue  # the same record read again, after a restart or a rebalance
            elif before.digest != item.digest:
                rejected.append(self._reject(item, "message-id-reused", "this id was taken with other bytes"))
            elif item.attempt > before.attempt:
                repeats.append((item, before.state))
                known[key] = _first(item, before.state)
            else:
                rejected.append(self._reject(item, "replayed", "this sending was received before"))
        return fresh, repeats

    def failed(self, item: Received, detail: str) -> Rejected:
        """``item`` as a dead letter, because handling it fails again and again."""
        return self._reject(item, "handler-failed", detail)

    def _reject(self, item: Received, reason: str, detail: str) -> Rejected:
        rejection = RejectedMessage(reason, detail, validation=item.report.as_dict())
        return self._verifier.reject(item.record, rejection, item.digest)

    async def _acknowledge(self, session: DatabaseSession, receipts: Sequence[Received]) -> list[ReceiptItem]:
        proven: list[ReceiptItem] = []
        for item in receipts:
            payload = item.payload
            if isinstance(payload, DeliveryReceipt):
                proven += await self._store.acknowledge(session, item.message.source, payload.items, self._clock.now())
        return proven

    def _wanted(self, messages: Sequence[Received], proven: Sequence[ReceiptItem]) -> Iterable[StateKey]:
        for item in messages:
            try:
                handler = self._handlers.find(item, addressed_here=item.message.destination is self.system)
            except RejectedMessage:
                continue
            yield from handler.loads(item)
        if self._handlers.deliveries is not None and proven:
            yield from self._handlers.deliveries.loads(proven)

    def _on_deliveries(self, states: States, effects: Effects, proven: Sequence[ReceiptItem]) -> None:
        if self._handlers.deliveries is None or not proven:
            return
        work = self.work(states)
        self._handlers.deliveries.handle(work, proven)
        states.apply(work.effects.changes)
        effects.add(work.effects)

    async def _handle(
        self,
        session: DatabaseSession,
        states: States,
        effects: Effects,
        messages: Sequence[Received],
        rejected: list[Rejected],
        outcome: Outcome,
        *,
        last_try: bool,
    ) -> list[tuple[Received, ReceiptState]]:
        """Run the handlers in order; the messages that are done with, taken or not."""
        done: list[tuple[Received, ReceiptState]] = []
        held: set[str] = set()
        for item in messages:
            if item.message.subject in held:
                outcome.failing.append(item)
                continue
            try:
                work = await self._handled(session, states, item)
            except RejectedMessage as rejection:
                rejected.append(self._verifier.reject(item.record, rejection, item.digest))
                done.append((item, DeliveryState.DELIVERY_STOPPED))
            except Transient:
                raise  # something the handler needs is silent: the whole batch waits, nothing of it has happened
            except Exception as error:
                log.exception("handler of %s failed", item.message.type)
                if last_try:
                    rejected.append(self._reject(item, "handler-failed", type(error).__name__))
                    done.append((item, DeliveryState.DELIVERY_STOPPED))
                else:
                    outcome.failing.append(item)
                    held.add(item.message.subject)
            else:
                states.apply(work.effects.changes)
                effects.add(work.effects)
                done.append((item, DeliveryState.DELIVERED))
                outcome.receipt(item.hop, item.message.id, item.digest, DeliveryState.DELIVERED)
        return done

    async def _handled(self, session: DatabaseSession, states: States, item: Received) -> Work:
        """What the handler of a message did. If it misses a state (another message of the batch has moved its thing
        on), that is loaded and it runs again."""
        work, here = self.work(states, item), item.message.destination is self.system
        if here and _is_no_end(item):
            return work
        handler = self._handlers.find(item, addressed_here=here)
        try:
            handler.handle(work, item)
        except NotLoaded as found:
            with loading(found):
                await states.load(session, missed())
                return await self._handled(session, states, item)
        return work

    def _answer(self, states: States, effects: Effects, item: Rejected, outcome: Outcome) -> None:
        """Tell the claimed sender of a rejected record, so that it stops sending it. The digest lets it see a
        forgery."""
        message_id, source = _name(item.claimed.get("id")), _system(item.claimed.get("source"))
        if not item.answer or source is None or message_id is None:
            return
        if not item.proven and not self._answers.take(source, asyncio.get_running_loop().time()):
            outcome.unanswered += 1
            return
        hop = System.GATEWAY if item.record.header("jws-gateway") is not None else source
        if item.reason != PREMATURE and route_for(self.system, MessageType.DELIVERY_RECEIPT_ISSUED, hop) is not None:
            outcome.receipt(hop, message_id, item.digest, DeliveryState.DELIVERY_STOPPED)
        subject = _name(item.claimed.get("subject"))
        if (
            subject is not None
            and str(item.claimed.get("type")) not in _UNANSWERED
            and route_for(self.system, MessageType.MESSAGE_REJECTED, source) is not None
        ):
            work = self.work(states)
            work.send(
                MessageType.MESSAGE_REJECTED,
                source,
                subject,
                MessageRejected(message_id=message_id, digest=item.digest, reason=item.reason, report=item.report),
            )
            effects.add(work.effects)


def _is_no_end(item: Received) -> bool:
    """Whether it tells of a rejection after which the message is sent again."""
    told = item.payload
    if not isinstance(told, MessageRejected) or told.reason != PREMATURE:
        return False
    log.warning("%s says that message %s was signed in the future", item.message.source, told.message_id)
    return True


def stopped(verified: Verified) -> dict[System, list[ReceiptItem]]:
    """The receipts for messages that are not handled and not to be sent again, by the hop they came from."""
    outcome = Outcome()
    for item in verified:
        if isinstance(item, Received) and item.message.type is not MessageType.DELIVERY_RECEIPT_ISSUED:
            outcome.receipt(item.hop, item.message.id, item.digest, DeliveryState.DELIVERY_STOPPED)
    return outcome.receipts


def _settled(repeats: Sequence[tuple[Received, ReceiptState]], outcome: Outcome) -> list[tuple[Received, ReceiptState]]:
    """The repeats whose first sending is done with, each with a receipt. Those that came together with a first sending
    that failed are tried after it."""
    failing = {item.message.id for item in outcome.failing}
    settled = []
    for item, state in repeats:
        if item.message.id in failing:
            outcome.failing.append(item)
        else:
            outcome.receipt(item.hop, item.message.id, item.digest, state)
            settled.append((item, state))
    return settled


def _first(item: Received, state: ReceiptState) -> Known:
    return Known(item.digest, item.attempt, state, item.record.position)


_UNANSWERED = frozenset({MessageType.MESSAGE_REJECTED.value, MessageType.DELIVERY_RECEIPT_ISSUED.value})


def _name(claimed: object) -> str | None:
    """What a record claims as an identifier, if it can be one."""
    return claimed if isinstance(claimed, str) and 0 < len(claimed) <= 200 and "\0" not in claimed else None


def _system(code: object) -> System | None:
    try:
        return System(str(code))
    except ValueError:
        return None
