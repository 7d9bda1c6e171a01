"""Use cases of the gateway."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from services.gateway import repository
from services.gateway.domain import Evidence, JournalEntry, LoggedMessage, in_order
from services.gateway.repository import EVIDENCE, JOURNAL, MESSAGES
from shared.db.engine import Database
from shared.db.states import StateKey
from shared.kit.errors import NotFound, RejectedMessage
from shared.messages.control import DeliveryState, JournalRecorded, ReceiptItem
from shared.messaging.records import Received
from shared.messaging.work import Work
from shared.regulations.calendar import Calendars
from shared.regulations.conformance import Verdict
from shared.regulations.judgement import judge
from shared.regulations.loader import Regulations
from shared.web.until import CHANGE, FINAL
from shared.web.wait import Changes, wait_until


@dataclass(frozen=True)
class JournalView:
    """The journal of one application with the verdict on it."""

    application: str
    entries: list[JournalEntry]
    verdict: Verdict


def relay_message(work: Work, received: Received) -> None:
    """Log the message, countersign it and pass its unchanged bytes on («ЭҮШ арқылы» / «через ШЭП»)."""
    message = received.message
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
        ),
    )
    report = received.report.as_dict()
    work.put(EVIDENCE, Evidence(message.id, received.record.value, received.jws, jws_gateway, report))


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


def keep_journal(work: Work, received: Received) -> None:
    """Append the step events of a system to the journal; a system can only journal for itself."""
    recorded = cast(JournalRecorded, received.payload)
    for event in recorded.events:
        if event.actor != received.message.source:
            raise RejectedMessage("policy", f"{received.message.source} journals a step of {event.actor}")
        entry = JournalEntry(**dict(event), recorded_at=received.message.time, set_back_s=recorded.set_back_s or 0.0)
        work.put(JOURNAL, entry)
        work.touch(event.application)


class GatewayService:
    """What the gateway answers over HTTP."""

    def __init__(self, regulations: Regulations, calendars: Calendars, changes: Changes) -> None:
        self._regulations = regulations
        self._calendars = calendars
        self._changes = changes

    def open(self, database: Database) -> None:
        """Answer from ``database`` from now on."""
        self._database = database

    async def message(self, message_id: str) -> tuple[LoggedMessage, Evidence]:
        """A relayed message with bytes, signatures and report. Raises ``NotFound``."""
        async with self._database.session() as session:
            found = await repository.find_message(session, message_id)
        if found is None:
            raise NotFound("the gateway has relayed no such message")
        return found

    async def search(self, wanted: dict[str, str], *, limit: int, before: str | None) -> list[LoggedMessage]:
        """Relayed messages by source, destination, type, subject or delivery state, newest first."""
        async with self._database.session() as session:
            return await repository.search_messages(session, wanted, limit=limit, before=before)

    async def latest(self, limit: int) -> list[str]:
        """The applications whose journal grew last."""
        async with self._database.session() as session:
            return await repository.latest_applications(session, limit=limit)

    async def journal(self, application: str, *, wait: float = 0, until: str = FINAL) -> JournalView:
        """The journal and the verdict; waits up to ``wait`` seconds for the run to end, or ``until`` more is
        journaled. Raises ``NotFound`` if nothing is known."""
        seen: list[int] = []

        def done(found: JournalView | None) -> bool:
            seen.append(len(found.entries) if found else 0)
            ended = found is not None and found.verdict.outcome is not None
            return ended or (until == CHANGE and seen[-1] != seen[0])

        view = await wait_until(
            lambda: self._view(application),
            done,
            wait,
            self._changes,
            application,
        )
        if view is None:
            raise NotFound("nothing is journaled under this id")
        return view

    async def _view(self, application: str) -> JournalView | None:
        async with self._database.session() as session:
            entries = await repository.journal_of(session, application)
        if not entries:
            return None
        ordered = in_order(entries)
        regulation = self._regulations[entries[0].regulation]
        verdict = judge(regulation, entries[0].channel, ordered, self._calendars)
        return JournalView(application, ordered, verdict)
