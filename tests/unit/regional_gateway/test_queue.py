"""The queue: numbers without gaps, also for who came over a counter; who leaves moves everybody behind up."""

from collections.abc import Callable
from typing import Any

import pytest

from services.regional_gateway.domain import JournalEntry
from services.regional_gateway.repository import ENTRIES, PLACES
from services.regional_gateway.service.gateway import RegionalGateway
from shared.db.states import StateKey, StateKind, States
from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage
from shared.messages.application import QueuePlacementMade, QueuePlacementRequested, QueuePlaceReleased
from shared.messages.envelope import Message
from shared.messages.payload import Payload
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.work import Work
from shared.regulations.issuers import load_issuers
from shared.regulations.loader import load_regulations
from tests.factories.received import received

SERVICE, QUEUE = "national/preschool-queue-2012", "preschool_2012"
PERSON = "180504500012"


class Kept(States):
    """Records in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[StateKey, Any] = {}

    def get(self, kind: StateKind[Any], key: str) -> Any:
        return self.records.get((kind, key))


ISSUERS = load_issuers(None)


class Bench:
    """A regional gateway without a database; each message is handled as a unit of work of its own."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.gateway = RegionalGateway(load_regulations(), clock, "Asia/Almaty", ISSUERS)
        self.kept = Kept()
        self.sent: list[Message] = []

    def received(self, kind: MessageType, application: str, payload: Payload, regulation: str) -> Received:
        return received(
            self.clock,
            kind,
            application,
            payload,
            source=System.PROVIDER,
            destination=System.REGIONAL_GATEWAY,
            hop=System.PROVIDER,
            regulation=regulation,
        )

    def handle(self, handler: Callable[[Work, Received], None], received: Received) -> None:
        work = Work(System.REGIONAL_GATEWAY, self.clock, lambda *_args, **_named: (), self.kept, received)
        handler(work, received)
        self.kept.records.update(work.effects.changes)
        self.sent += [Message.decode(sending.value) for sending in work.effects.sendings]

    def ask(self, application: str, *, queue: str = QUEUE, regulation: str = SERVICE) -> QueuePlacementMade:
        """Ask for a number; the answer."""
        request = QueuePlacementRequested(queue=queue, person_iin=PERSON)
        message = self.received(MessageType.QUEUE_PLACEMENT_REQUESTED, application, request, regulation)
        self.handle(self.gateway.place_on_queue, message)
        assert self.sent[-1].requestdigest == message.digest
        return QueuePlacementMade.model_validate(self.sent[-1].data)

    def release(self, application: str, number: int) -> None:
        """Somebody leaves."""
        payload = QueuePlaceReleased(queue=QUEUE, number=number, reason="voucher", released_at=self.clock.now())
        message = self.received(MessageType.QUEUE_PLACE_RELEASED, application, payload, SERVICE)
        self.handle(self.gateway.release_place, message)


@pytest.fixture
def bench(clock: Clock) -> Bench:
    return Bench(clock)


def test_who_came_over_the_counter_gets_the_next_number_and_keeps_it(bench: Bench) -> None:
    made = [bench.ask(f"application-{n}") for n in (1, 2, 1)]
    assert [(answer.number, answer.place) for answer in made] == [(1, 1), (2, 2), (1, 1)]


def test_numbers_go_on_and_places_move_up_when_somebody_leaves(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.ask(f"application-{number}")
    bench.release("application-1", 1)
    bench.release("application-1", 1)  # told twice, once
    following = bench.ask("application-4")
    assert (following.number, following.place) == (4, 3)
    assert bench.kept.records[PLACES, "application-1"].released_for == "voucher"


def test_a_place_that_nobody_has_is_not_released(bench: Bench) -> None:
    bench.ask("application-1")
    for application, number in (("application-1", 2), ("application-9", 1)):
        with pytest.raises(RejectedMessage) as rejected:
            bench.release(application, number)
        assert rejected.value.reason == "unknown-place"


@pytest.mark.parametrize(
    ("queue", "regulation"), [("preschool", SERVICE), (QUEUE, "karaganda/rehabilitation"), (QUEUE, "no/such")]
)
def test_a_queue_that_the_service_does_not_keep(bench: Bench, queue: str, regulation: str) -> None:
    with pytest.raises(RejectedMessage) as rejected:
        bench.ask("application-1", queue=queue, regulation=regulation)
    assert rejected.value.reason == "unknown-queue"


def test_what_was_registered_here_is_placed_under_its_entry(bench: Bench, clock: Clock) -> None:
    entry = JournalEntry(
        application="application-1",
        entry_number="2026-000001",
        regulation=SERVICE,
        channel="portal",
        sender="portal",
        request_digest="x",
        received_at=clock.now(),
        registered_at=clock.now(),
    )
    bench.kept.records[ENTRIES, "application-1"] = entry
    assert bench.ask("application-1").number == 1
