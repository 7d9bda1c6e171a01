"""Use cases of the regional gateway, as the regulations name them."""

from dataclasses import replace
from typing import cast

from services.regional_gateway import repository
from services.regional_gateway.domain import (
    Counter,
    EntryStatus,
    JournalEntry,
    QueuePlace,
    entry_number,
    queue_counter,
    year_counter,
)
from services.regional_gateway.repository import COUNTERS, ENTRIES, PLACES
from shared.db.engine import Database
from shared.db.states import StateKey
from shared.kit.clock import Clock
from shared.kit.errors import NotFound, RejectedMessage
from shared.messages import application as payloads
from shared.messages.control import MessageRejected
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.steps import take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation


class RegionalGateway:
    """What the regional gateway does with messages."""

    def __init__(self, regulations: Regulations, clock: Clock, timezone: str) -> None:
        self._regulations = regulations
        self._clock = clock
        self._timezone = timezone

    # -- what must be loaded ---------------------------------------------------------------------------------

    def loads_registration(self, received: Received) -> list[StateKey]:
        """The entry, if there is one, and the year's counter."""
        # The year may turn between loading and numbering; both counters are at hand then.
        years = {year_counter(self._clock.now(), self._timezone), year_counter(received.message.time, self._timezone)}
        return [(ENTRIES, received.message.subject), *((COUNTERS, name) for name in years)]

    def loads_entry(self, received: Received) -> list[StateKey]:
        """The entry of the application."""
        return [(ENTRIES, received.message.subject)]

    def loads_placement(self, received: Received) -> list[StateKey]:
        """Entry, place and counter of the queue."""
        subject = received.message.subject
        queue = cast(payloads.QueuePlacementRequested, received.payload).queue
        return [(ENTRIES, subject), (PLACES, subject), (COUNTERS, queue_counter(queue))]

    # -- use cases -------------------------------------------------------------------------------------------

    def register_application(self, work: Work, received: Received) -> None:
        """Register the electronic document and pass it to the provider (process 6 of diagram 2, process 7 of diagram
        1)."""
        payload = cast(payloads.ApplicationSubmitted, received.payload)
        message = received.message
        regulation = self._regulation(message.regulation, payload.channel)
        if payload.channel != message.source.value:
            # Whose signature the provider expects depends on the channel, so nobody may claim another one's.
            raise RejectedMessage("channel", f"{message.source} sends nothing for the channel {payload.channel!r}")
        if work.get(ENTRIES, message.subject) is not None:
            raise RejectedMessage("already-registered", "this application stands in the registration journal")
        now = work.now
        name = year_counter(now, self._timezone)
        counter = (work.get(COUNTERS, name) or Counter(name)).next()
        entry = JournalEntry(
            application=message.subject,
            entry_number=entry_number(counter),
            regulation=regulation.id,
            channel=payload.channel,
            sender=message.source.value,
            request_digest=received.digest,
            received_at=now,
            registered_at=now,
        )
        work.put(COUNTERS, counter)
        work.put(ENTRIES, entry)
        work.touch(entry.application)
        take_step(
            work, regulation, entry.channel, Action.REGISTER_DOCUMENT, entry.application, detail=entry.entry_number
        )
        work.send(
            MessageType.APPLICATION_REGISTERED,
            message.source,
            entry.application,
            payloads.ApplicationRegistered(entry_number=entry.entry_number, received_at=now, registered_at=now),
            regulation=regulation.id,
        )
        work.send(
            MessageType.APPLICATION_ASSIGNED,
            System.PROVIDER,
            entry.application,
            payloads.ApplicationAssigned(
                channel=entry.channel,
                entry_number=entry.entry_number,
                registered_at=now,
                document=payload.document,
                attachments=payload.attachments,
            ),
            regulation=regulation.id,
        )

    def note_review(self, work: Work, received: Received) -> None:
        """The provider has taken the application into work; its sender is told."""
        entry = self._entry(work, received)
        if entry.decided:
            return
        work.put(ENTRIES, replace(entry, status=EntryStatus.IN_REVIEW.value))
        work.send(
            MessageType.REVIEW_STARTED,
            System(entry.sender),
            entry.application,
            received.payload,
            regulation=entry.regulation,
        )

    def place_on_queue(self, work: Work, received: Received) -> None:
        """The provider puts a child on the queue (clause 9(4)): the next number, without gaps; asked twice, the same
        number."""
        request = cast(payloads.QueuePlacementRequested, received.payload)
        entry = self._entry(work, received)
        queue = self._regulations[entry.regulation].queue
        if queue is None or queue.code != request.queue:
            raise RejectedMessage("unknown-queue", f"{entry.regulation} keeps no queue {request.queue!r}")
        place = work.get(PLACES, entry.application)
        if place is None:
            name = queue_counter(request.queue)
            counter = (work.get(COUNTERS, name) or Counter(name)).next()
            # Nobody has left the queue yet, so the number is the place.
            place = QueuePlace(
                entry.application, request.queue, counter.last, counter.last, request.person_iin, work.now
            )
            work.put(COUNTERS, counter)
            work.put(PLACES, place)
        work.send(
            MessageType.QUEUE_PLACEMENT_MADE,
            System.PROVIDER,
            entry.application,
            payloads.QueuePlacementMade(
                queue=place.queue, number=place.number, place=place.place, placed_at=place.placed_at
            ),
            regulation=entry.regulation,
            request_digest=received.digest,
        )

    def pass_decision(self, work: Work, received: Received) -> None:
        """The provider's signed result or refusal goes back the way the application came, bound to its request."""
        decision = cast(payloads.DecisionMade, received.payload)
        entry = self._entry(work, received)
        if entry.decided:
            raise RejectedMessage("already-decided", f"{entry.entry_number} is {entry.status}")
        granted = decision.decision == "granted"
        work.put(ENTRIES, replace(entry, status=decision.decision, decided_at=decision.decided_at))
        work.touch(entry.application)
        answer = payloads.ResultDelivered if granted else payloads.RefusalIssued
        work.send(
            MessageType.RESULT_DELIVERED if granted else MessageType.REFUSAL_ISSUED,
            System(entry.sender),
            entry.application,
            answer(
                document=decision.document,
                review_started_at=decision.review_started_at,
                decided_at=decision.decided_at,
            ),
            regulation=entry.regulation,
            request_digest=entry.request_digest,
        )

    def pass_return(self, work: Work, received: Received) -> None:
        """A result that nobody collected goes from the centre to the provider."""
        entry = self._entry(work, received)
        if entry.sender != received.message.source or entry.status != EntryStatus.GRANTED:
            raise RejectedMessage("not-theirs", f"{received.message.source} has no result of {entry.entry_number}")
        work.send(
            MessageType.RESULT_RETURNED,
            System.PROVIDER,
            entry.application,
            received.payload,
            regulation=entry.regulation,
        )

    def note_rejection(self, work: Work, received: Received) -> None:
        """Another system did not take a message about the application: noted for whoever looks after the stand."""
        entry = work.get(ENTRIES, received.message.subject)
        if entry is not None:
            rejection = cast(MessageRejected, received.payload)
            work.put(ENTRIES, replace(entry, rejection=f"{received.message.source}: {rejection.reason}"))

    def _entry(self, work: Work, received: Received) -> JournalEntry:
        entry = work.get(ENTRIES, received.message.subject)
        if entry is None:
            raise RejectedMessage("unknown-application", "nothing is registered under this application id")
        return entry

    def _regulation(self, regulation_id: str | None, channel: str) -> Regulation:
        regulation = self._regulations.get(regulation_id or "")
        if regulation is None or channel not in regulation.channels:
            raise RejectedMessage("unknown-regulation", f"no regulation {regulation_id!r} with channel {channel!r}")
        return regulation


class RegistrationDesk:
    """What the workplace (АЖО / АРМ) of the regional gateway shows."""

    def open(self, database: Database) -> None:
        """Answer from ``database`` from now on."""
        self._database = database

    async def entries(
        self, *, status: str | None, regulation: str | None, before: str | None, limit: int
    ) -> list[JournalEntry]:
        """The registration journal, newest first."""
        async with self._database.session() as session:
            return await repository.search_entries(
                session, status=status, regulation=regulation, before=before, limit=limit
            )

    async def entry(self, number: str) -> JournalEntry:
        """One entry. Raises ``NotFound``."""
        async with self._database.session() as session:
            found = await repository.find_entry(session, number)
        if found is None:
            raise NotFound("the registration journal has no such number")
        return found

    async def queue(self, queue: str, *, after: int, limit: int) -> tuple[int, list[QueuePlace]]:
        """Length of a queue and the places after number ``after``."""
        async with self._database.session() as session:
            return (
                await repository.queue_length(session, queue),
                await repository.places(session, queue, after=after, limit=limit),
            )
