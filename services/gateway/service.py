"""Use cases of the gateway."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from services.gateway import repository
from services.gateway.domain.ends import law_of
from services.gateway.domain.journal import JournalEntry, place_of
from services.gateway.domain.messages import Evidence, LoggedMessage, RejectedRecord
from services.gateway.domain.run import Run, judge_run
from services.gateway.repository import EVIDENCE, JOURNAL, MESSAGES
from shared.db.engine import Database
from shared.db.states import StateKey
from shared.kit.errors import NotFound, RejectedMessage, StandError
from shared.messages.control import DeliveryState, JournalRecorded, ReceiptItem
from shared.messages.journaled import MOST, joined, written
from shared.messages.systems import System
from shared.messaging.handlers import Handle
from shared.messaging.records import Received
from shared.messaging.work import Work
from shared.regulations.calendar import Calendars
from shared.regulations.loader import Regulations
from shared.web.until import CHANGE, FINAL
from shared.web.wait import Changes, wait_until


@dataclass(frozen=True)
class JournalView:
    """The journal of one application with the verdict on it."""

    application: str
    regulation: str
    channel: str
    run: Run
    rejected: Sequence[RejectedRecord] = ()
    """Records of the journal that were not taken, if something is awaited."""


def relay_message(work: Work, received: Received) -> None:
    """Log the message, countersign it and pass its unchanged bytes on («ЭҮШ арқылы» / «через ШЭП»).

    Raises ``RejectedMessage`` (``message-id-of-another``): what is logged of one system is not overwritten by another.
    """
    message = received.message
    logged = work.get(MESSAGES, message.id)
    if logged is not None and logged.source != message.source:
        raise RejectedMessage("message-id-of-another", f"{logged.source} has sent a message with this id")
    jws_gateway = work.relay(received)
    work.put(
        MESSAGES,
        LoggedMessage(
            message_id=message.id,
            source=message.source.value,
            destination=message.destination.value,
            type=message.type.value,
            messagetype=message.messagetype.value,
            serviceid=message.serviceid,
            subject=message.subject,
            correlationid=message.correlationid,
            causationid=message.causationid,
            digest=received.digest,
            sent_at=message.time,
            relayed_at=work.now,
            journaled=written(received.journaled),
        ),
    )
    report = received.report.as_dict()
    work.put(EVIDENCE, Evidence(message.id, received.record.value, received.jws, jws_gateway, report))


def loads_relayed(received: Received) -> list[StateKey]:
    """What the log has under the id of the message."""
    return [(MESSAGES, received.message.id)]


def loads_messages(items: Sequence[ReceiptItem]) -> list[StateKey]:
    """The logged messages that receipts name."""
    return [(MESSAGES, item.message_id) for item in items]


def note_deliveries(work: Work, items: Sequence[ReceiptItem]) -> None:
    """Receipts have come for relayed messages: note their delivery state."""
    for item in items:
        logged = work.get(MESSAGES, item.message_id)
        if logged is not None and logged.delivery_state != DeliveryState.DELIVERED:
            work.put(MESSAGES, replace(logged, delivery_state=item.state.value, delivered_at=work.now))
            work.touch(logged.message_id)


def loads_journal(received: Received) -> list[StateKey]:
    """The places of the events of a record."""
    recorded, message = cast(JournalRecorded, received.payload), received.message
    numbers = range(recorded.first, recorded.first + len(recorded.events))
    return [(JOURNAL, place_of(message.source.value, number, message.subject)) for number in numbers]


def keep_journal(work: Work, received: Received) -> None:
    """Write the events of a system into the journal, each in its place; a system can only journal for itself.

    Raises ``RejectedMessage``: ``policy`` for a step of another system, ``schema`` for one of another application or
    without a number, ``journal-rewritten`` if another event stands in its place.
    """
    recorded, message = cast(JournalRecorded, received.payload), received.message
    last = recorded.first + len(recorded.events) - 1
    if last > MOST:
        raise RejectedMessage("schema", f"a system has at most {MOST} events about an application")
    known = written(joined(received.journaled, {message.source.value: last}))
    for number, event in enumerate(recorded.events, recorded.first):
        if event.actor != message.source:
            raise RejectedMessage("policy", f"{message.source} journals a step of {event.actor}")
        if event.application != message.subject:
            raise RejectedMessage("schema", f"a record about {message.subject} has an event about another application")
        entry = JournalEntry(
            **dict(event),
            place=place_of(event.actor, number, event.application),
            number=number,
            journaled=known,
            recorded_at=message.time,
            set_back_s=recorded.set_back_s or 0.0,
        )
        before = work.get(JOURNAL, entry.place)
        if before is None:
            work.put(JOURNAL, entry)
        elif not entry.says_the_same_as(before):
            raise RejectedMessage("journal-rewritten", f"event {number} of {event.actor} was journaled otherwise")
        work.touch(event.application)


def journal_keeper(regulations: Regulations) -> Handle:
    """``keep_journal`` for events that a verdict can be given on."""

    def keep(work: Work, received: Received) -> None:
        for event in cast(JournalRecorded, received.payload).events:
            try:
                regulations.find(event.regulation, event.channel)
            except StandError as unknown:
                raise RejectedMessage("unknown-regulation", unknown.detail) from unknown
        keep_journal(work, received)

    return keep


class GatewayService:
    """What the gateway answers over HTTP."""

    def __init__(self, regulations: Regulations, calendars: Calendars, changes: Changes) -> None:
        self._regulations = regulations
        self._calendars = calendars
        self._changes = changes

    def open(self, database: Database) -> None:
        """Answer from ``database`` from now on."""
        self._database = database

    async def message(self, message_id: str, *, of: System | None = None) -> tuple[LoggedMessage, Evidence]:
        """A relayed message with bytes, signatures and report; with ``of`` only if that system has sent it or is sent
        it. Raises ``NotFound``."""
        async with self._database.session() as session:
            found = await repository.find_message(session, message_id)
        if found is None or of not in (None, found[0].source, found[0].destination):
            raise NotFound("the gateway has relayed no such message")
        return found

    async def search(
        self, wanted: dict[str, str], *, limit: int, before: str | None, of: System | None = None
    ) -> list[LoggedMessage]:
        """Relayed messages by source, destination, type, subject or delivery state, newest first; with ``of`` those
        that this system has sent or is sent."""
        async with self._database.session() as session:
            return await repository.search_messages(session, wanted, of=of, limit=limit, before=before)

    async def latest(self, *, before: int | None, limit: int) -> list[tuple[str, int]]:
        """The applications whose journal grew last, each with the number of its newest entry; ``before`` such a
        number."""
        async with self._database.session() as session:
            return await repository.latest_applications(session, before=before, limit=limit)

    async def journal(self, application: str, *, wait: float = 0, until: str = FINAL) -> JournalView:
        """The journal and the verdict; waits up to ``wait`` seconds for the run to end, or ``until`` more is
        journaled. Raises ``NotFound`` if nothing is known."""
        seen: list[int] = []

        def done(found: JournalView | None) -> bool:
            seen.append(len(found.run.entries) if found else 0)
            ended = found is not None and found.run.verdict.outcome is not None
            return ended or (until == CHANGE and seen[-1] != seen[0])

        view = await wait_until(
            lambda: self._view(application),
            done,
            wait,
            self._changes,
            application,
            share="journal",
        )
        if view is None:
            raise NotFound("nothing is journaled under this id")
        return view

    async def _view(self, application: str) -> JournalView | None:
        async with self._database.session() as session:
            entries = await repository.journal_of(session, application)
            messages = await repository.messages_of(session, entries) if entries else []
        if not entries:
            return None
        # What was journaled under a regulation that is not loaded any more has no verdict: 404, or 409 for its channel.
        regulation, channel = law_of(entries, self._regulations)
        judged = partial(judge_run, regulation, channel, entries, messages, self._calendars)
        run = judged()
        if run.contested_end is not None:
            run = judged(await self._told_end(application, run.contested_end))
        rejected: Sequence[RejectedRecord] = ()
        if run.awaited:
            async with self._database.session() as session:
                rejected = await repository.rejected_records(session, application)
        return JournalView(application, regulation.id, channel, run, rejected)

    async def _told_end(self, application: str, place: str) -> str:
        """The end that is told of a contested run: ``place``, or whatever was told before."""
        async with self._database.session() as session:
            told = await repository.told_end(session, application)
        if told is not None:
            return told
        async with self._database.transaction() as session:
            return await repository.tell_end(session, application, place)
