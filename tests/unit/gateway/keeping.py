"""A gateway without database and network: it takes messages as they come out of verification."""

from typing import Any

from services.gateway.domain.ends import law_of
from services.gateway.domain.journal import JournalEntry
from services.gateway.domain.messages import LoggedMessage
from services.gateway.domain.run import Run, judge_run
from services.gateway.repository import JOURNAL, MESSAGES
from services.gateway.service import keep_journal, loads_journal, loads_relayed, note_deliveries, relay_message
from shared.db.states import StateKey, States
from shared.kit.clock import Clock
from shared.kit.ids import uuid7
from shared.messages.control import DeliveryState, JournalEvent, JournalRecorded, ReceiptItem
from shared.messages.journaled import read
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.work import Work
from shared.regulations.loader import load_regulations
from tests.factories.journals import CALENDARS
from tests.factories.received import received

REGULATIONS = load_regulations()
QUEUE = "almaty-city/preschool-queue"


class Kept(States):
    """States in memory; what a handler did not ask for is a defect, as ever."""

    def __init__(self) -> None:
        self.records: dict[StateKey, Any] = {}
        self.asked: set[StateKey] = set()

    def get(self, kind: Any, key: str) -> Any:
        """The record, if it was asked for."""
        if (kind, key) not in self.asked:
            raise LookupError(f"{kind.record.__name__} {key!r} was not loaded for this unit of work")
        return self.records.get((kind, key))


class Gateway:
    """What the gateway knows after each message it was given."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.kept = Kept()
        self.told_ends: dict[str, str] = {}

    def take(self, item: Received) -> None:
        """Handle a message. Raises ``RejectedMessage``; then nothing has happened."""
        work = Work(System.GATEWAY, self.clock, _unsigned, self.kept, item)
        if item.message.type is MessageType.JOURNAL_RECORDED:
            self.kept.asked |= set(loads_journal(item))
            keep_journal(work, item)
        else:
            self.kept.asked |= set(loads_relayed(item))
            relay_message(work, item)
        self.kept.records.update(work.effects.changes)

    def receipt(self, item: Received, state: Any = DeliveryState.DELIVERED) -> None:
        """The receiver of a relayed message has it."""
        work = Work(System.GATEWAY, self.clock, _unsigned, self.kept)
        self.kept.asked.add((MESSAGES, item.message.id))
        note_deliveries(work, [ReceiptItem(message_id=item.message.id, digest=item.digest, state=state)])
        self.kept.records.update(work.effects.changes)

    @property
    def entries(self) -> list[JournalEntry]:
        """The journal in order of arrival."""
        return [record for (kind, _), record in self.kept.records.items() if kind is JOURNAL]

    def run(self, application: str) -> Run | None:
        """How the run of one application stands, if anything is journaled of it."""
        entries = [entry for entry in self.entries if entry.application == application]
        if not entries:
            return None
        about: list[LoggedMessage] = [record for (kind, _), record in self.kept.records.items() if kind is MESSAGES]
        regulation, channel = law_of(entries, REGULATIONS)
        told = self.told_ends.get(application)
        run = judge_run(regulation, channel, entries, about, CALENDARS, told)
        if run.contested_end is not None:
            self.told_ends.setdefault(application, run.contested_end)
        return run


def recorded(
    gateway: Gateway, source: System, first: int, *steps: str, application: str = "a-1", told: str = "", **fields: Any
) -> Received:
    """A journal record of ``source``; ``fields`` go into its events."""
    events = tuple(
        JournalEvent(
            **{
                "event_id": uuid7(gateway.clock),
                "kind": "step",
                "application": application,
                "regulation": QUEUE,
                "channel": "portal",
                "step": step,
                "clause": "1",
                "actor": source.value,
                "at": gateway.clock.now(),
                **fields,
            }
        )
        for step in steps
    )
    payload = JournalRecorded(first=first, events=events)
    return received(
        gateway.clock,
        MessageType.JOURNAL_RECORDED,
        application,
        payload,
        source=source,
        destination=System.GATEWAY,
        hop=source,
        journaled=read(told),
    )


def _unsigned(*_arguments: Any, **_named: Any) -> tuple[tuple[str, bytes], ...]:
    return (("jws", b""), ("jws-gateway", b""))
