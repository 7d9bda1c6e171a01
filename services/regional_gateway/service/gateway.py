"""What the regional gateway does with messages, as the regulations name it. Synchronous, without I/O."""

from dataclasses import replace
from typing import cast

from services.regional_gateway.domain import (
    Counter,
    EntryStatus,
    JournalEntry,
    QueuePlace,
    entry_number,
    length_counter,
    queue_counter,
    year_counter,
)
from services.regional_gateway.repository import COUNTERS, ENTRIES, PLACES
from services.regional_gateway.service.passing import pass_on, pass_rejection, sent
from shared.crypto.directory import CertificateDirectory
from shared.db.states import StateKey
from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage
from shared.messages import application as payloads
from shared.messages.payload import SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.documents import open_act
from shared.messaging.records import Received
from shared.messaging.requests import require_request
from shared.messaging.steps import find_step, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.issuers import Issuers
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation

CHANNELS: dict[System, frozenset[str]] = {
    System.PORTAL: frozenset({"portal", "mobile"}),
    System.CSC: frozenset({"csc", "employment_centre"}),
}
"""Who may send applications of which channel. Whose signature the provider expects depends on the channel, so nobody
may claim another one's."""
PROACTIVE = "proactive"
"""The channel in which the provider begins: it offers the service to somebody who did not ask."""
OFFER = "proactive_offer"
"""The kind of notice with which it does."""


class RegionalGateway:
    """What the regional gateway does with messages. ``open`` comes before the first one."""

    def __init__(self, regulations: Regulations, clock: Clock, timezone: str, issuers: Issuers) -> None:
        """``issuers``: who may sign the acts that pass."""
        self._regulations = regulations
        self._clock = clock
        self._timezone = timezone
        self._issuers = issuers
        self._directory: CertificateDirectory | None = None

    def open(self, directory: CertificateDirectory) -> None:
        """Verify with ``directory`` from now on."""
        self._directory = directory

    # -- what must be loaded ---------------------------------------------------------------------------------

    def loads_registration(self, received: Received) -> list[StateKey]:
        """The entry, if there is one, and the year's counter."""
        # The year may turn between loading and numbering; both counters are at hand then.
        years = {year_counter(self._clock.now(), self._timezone), year_counter(received.message.time, self._timezone)}
        return [(ENTRIES, received.message.subject), *((COUNTERS, name) for name in sorted(years))]

    def loads_entry(self, received: Received) -> list[StateKey]:
        """The entry of the application."""
        return [(ENTRIES, received.message.subject)]

    def loads_placement(self, received: Received) -> list[StateKey]:
        """Entry, place and counter of the queue."""
        subject = received.message.subject
        queue = cast(payloads.QueuePlacementRequested, received.payload).queue
        counters = ((COUNTERS, name) for name in sorted((queue_counter(queue), length_counter(queue))))
        return [(ENTRIES, subject), (PLACES, subject), *counters]

    def loads_release(self, received: Received) -> list[StateKey]:
        """The place, and how many stand on its queue."""
        queue = cast(payloads.QueuePlaceReleased, received.payload).queue
        return [(PLACES, received.message.subject), (COUNTERS, length_counter(queue))]

    # -- use cases -------------------------------------------------------------------------------------------

    def register_application(self, work: Work, received: Received) -> None:
        """Register the electronic document and pass it to the provider (process 6 of diagram 2, process 7 of diagram
        1)."""
        payload = cast(payloads.ApplicationSubmitted, received.payload)
        message = received.message
        regulation = self._regulation(message.regulation, payload.channel)
        if payload.channel not in CHANNELS.get(message.source, ()):
            raise RejectedMessage("channel", f"{message.source} sends nothing for the channel {payload.channel!r}")
        if work.get(ENTRIES, message.subject) is not None:
            raise RejectedMessage("already-registered", "this application stands in the registration journal")
        entry = self._enter(work, message.subject, regulation, payload.channel, message.source, received.digest)
        if find_step(regulation, entry.channel, Action.REGISTER_DOCUMENT) is None:
            self._mark_registered(work, entry)
        else:
            take_step(
                work, regulation, entry.channel, Action.REGISTER_DOCUMENT, entry.application, detail=entry.entry_number
            )
        entry = self._tell_registered(work, entry)
        assigned = pass_on(
            work,
            received,
            entry,
            MessageType.APPLICATION_ASSIGNED,
            System.PROVIDER,
            payloads.ApplicationAssigned(
                channel=entry.channel,
                entry_number=entry.entry_number,
                registered_at=entry.registered_at,
                document=payload.document,
                attachments=payload.attachments,
                submitted_at=payload.submitted_at or message.time,
            ),
            request_digest=None,
        )
        work.put(ENTRIES, replace(assigned, provider_digest=assigned.passed[-1]["digest"]))

    def note_review(self, work: Work, received: Received) -> None:
        """The provider has taken the application into work; its sender is told."""
        entry = self._entry(work, received)
        require_request(received, entry.provider_digest)
        if entry.decided:
            return
        entry = replace(entry, status=EntryStatus.IN_REVIEW.value)
        work.put(ENTRIES, pass_on(work, received, entry, MessageType.REVIEW_STARTED, System(entry.sender)))

    def place_on_queue(self, work: Work, received: Received) -> None:
        """The provider puts a child on the queue (clause 9(4)): the next number, without gaps; asked twice, the same
        number."""
        request = cast(payloads.QueuePlacementRequested, received.payload)
        application, entry = received.message.subject, work.get(ENTRIES, received.message.subject)
        # What came over the provider's own counter stands in its register, not in the journal here.
        regulation = self._regulations.get(entry.regulation if entry else received.message.regulation or "")
        queue = regulation.queue if regulation else None
        if regulation is None or queue is None or queue.code != request.queue:
            raise RejectedMessage("unknown-queue", f"there is no queue {request.queue!r} for this service")
        if entry is None and not _over_the_counter(regulation):
            raise RejectedMessage("unknown-application", "nothing is registered under this application id")
        place = work.get(PLACES, application)
        if place is None:
            name = queue_counter(request.queue)
            counter = (work.get(COUNTERS, name) or Counter(name)).next()
            standing = length_counter(request.queue)
            length = (work.get(COUNTERS, standing) or Counter(standing)).next()
            place = QueuePlace(application, request.queue, counter.last, length.last, request.person_iin, work.now)
            work.put(COUNTERS, length)
            work.put(COUNTERS, counter)
            work.put(PLACES, place)
        work.send(
            MessageType.QUEUE_PLACEMENT_MADE,
            System.PROVIDER,
            application,
            payloads.QueuePlacementMade(
                queue=place.queue, number=place.number, place=place.place, placed_at=place.placed_at
            ),
            regulation=regulation.id,
            request_digest=received.digest,
        )

    def release_place(self, work: Work, received: Received) -> None:
        """Somebody leaves the queue; everybody behind moves up. Told twice, once."""
        released = cast(payloads.QueuePlaceReleased, received.payload)
        place = work.get(PLACES, received.message.subject)
        if place is None or place.queue != released.queue or place.number != released.number:
            raise RejectedMessage("unknown-place", f"nobody stands on {released.queue!r} as {released.number}")
        if place.released_at is not None:
            return
        name = length_counter(released.queue)
        length = work.get(COUNTERS, name) or Counter(name)
        work.put(COUNTERS, replace(length, last=max(0, length.last - 1)))
        work.put(PLACES, replace(place, released_at=released.released_at, released_for=released.reason))
        work.touch(place.application)

    def pass_decision(self, work: Work, received: Received) -> None:
        """The provider's signed result or refusal goes back the way the application came, bound to its request.

        Raises ``RejectedMessage`` as the recipient's system would: ``request-digest``, ``document-signature``,
        ``document``; the provider learns of it at once. ``already-decided`` for a second answer.
        """
        decision = cast(payloads.DecisionMade, received.payload)
        entry = self._entry(work, received)
        require_request(received, entry.provider_digest)
        if entry.decided:
            raise RejectedMessage("already-decided", f"{entry.entry_number} is {entry.status}")
        self._require_act(work, decision.document, entry.application, entry.regulation)
        granted = decision.decision == "granted"
        entry = replace(entry, status=decision.decision, decided_at=decision.decided_at, rejection=None)
        work.touch(entry.application)
        answer = payloads.ResultDelivered if granted else payloads.RefusalIssued
        answered = pass_on(
            work,
            received,
            entry,
            MessageType.RESULT_DELIVERED if granted else MessageType.REFUSAL_ISSUED,
            System(entry.sender),
            answer(
                document=decision.document,
                review_started_at=decision.review_started_at,
                decided_at=decision.decided_at,
            ),
        )
        work.put(ENTRIES, answered)

    def pass_return(self, work: Work, received: Received) -> None:
        """A result or a refusal that nobody collected goes from the centre to the provider."""
        entry = self._entry(work, received)
        if entry.sender != received.message.source or not entry.decided:
            raise RejectedMessage("not-theirs", f"{received.message.source} has no result of {entry.entry_number}")
        require_request(received, entry.request_digest)
        work.put(ENTRIES, pass_on(work, received, entry, MessageType.RESULT_RETURNED, System.PROVIDER))

    def pass_notice(self, work: Work, received: Received) -> None:
        """The provider's notice goes to the system that applied, bound to its request. An offer of a service nobody
        applied for opens an entry of its own and goes to the portal."""
        notice = cast(payloads.NoticeIssued, received.payload)
        entry = work.get(ENTRIES, received.message.subject)
        if entry is None and notice.kind == OFFER:
            self._open_offer(work, received, notice)
            return
        entry = self._entry(work, received)
        require_request(received, entry.provider_digest)
        if notice.document is not None:
            self._require_act(work, notice.document, entry.application, entry.regulation)
        work.put(ENTRIES, pass_on(work, received, entry, MessageType.NOTICE_ISSUED, System(entry.sender)))

    def pass_supplement(self, work: Work, received: Received) -> None:
        """What the recipient supplies afterwards goes to the provider: only from the system that applied, and for
        exactly its request. The first answer to an offer registers the application."""
        supplement = cast(payloads.ApplicationSupplemented, received.payload)
        entry = self._entry(work, received)
        message = received.message
        if message.source != entry.sender or supplement.channel != entry.channel:
            raise RejectedMessage("not-theirs", f"{message.source} has not applied for {entry.entry_number}")
        require_request(received, entry.request_digest)
        answers_offer = entry.status == EntryStatus.OFFERED
        if answers_offer:
            entry = replace(entry, status=EntryStatus.REGISTERED.value, registered_at=work.now)
            self._mark_registered(work, entry)
            entry = self._tell_registered(work, entry)
        work.touch(entry.application)
        entry = pass_on(work, received, entry, MessageType.APPLICATION_SUPPLEMENTED, System.PROVIDER)
        if answers_offer:  # what the provider says from now on goes back to the consent
            entry = replace(entry, provider_digest=entry.passed[-1]["digest"])
        work.put(ENTRIES, entry)

    def note_rejection(self, work: Work, received: Received) -> None:
        """Another system did not take a message about the application: whoever can act is told, and it is noted."""
        entry = work.get(ENTRIES, received.message.subject)
        if entry is not None:
            pass_rejection(work, received, entry)

    def _open_offer(self, work: Work, received: Received, notice: payloads.NoticeIssued) -> None:
        """Pass the offer on under an entry of its own. What the portal answers is bound to the offer as it got it."""
        subject = received.message.subject
        regulation = self._regulation(received.message.regulation, PROACTIVE)
        if notice.document is not None:
            self._require_act(work, notice.document, subject, regulation.id)
        entry = self._enter(work, subject, regulation, PROACTIVE, System.PORTAL, "")
        entry = replace(entry, status=EntryStatus.OFFERED.value, provider_digest=received.digest)
        entry = pass_on(work, received, entry, MessageType.NOTICE_ISSUED, System.PORTAL, request_digest=None)
        work.put(ENTRIES, replace(entry, request_digest=entry.passed[-1]["digest"]))

    def _require_act(self, work: Work, document: SignedDocument, application: str, regulation: str) -> None:
        assert self._directory is not None, "opened with the platform"
        open_act(document, application, regulation, issuers=self._issuers, directory=self._directory, at=work.now)

    def _enter(
        self, work: Work, application: str, regulation: Regulation, channel: str, sender: System, digest: str
    ) -> JournalEntry:
        """The next line of the registration journal; ``digest``: of what every answer is bound to."""
        now = work.now
        name = year_counter(now, self._timezone)
        counter = (work.get(COUNTERS, name) or Counter(name)).next()
        entry = JournalEntry(
            application=application,
            entry_number=entry_number(counter),
            regulation=regulation.id,
            channel=channel,
            sender=sender.value,
            request_digest=digest,
            received_at=now,
            registered_at=now,
        )
        work.put(COUNTERS, counter)
        work.put(ENTRIES, entry)
        work.touch(entry.application)
        return entry

    def _mark_registered(self, work: Work, entry: JournalEntry) -> None:
        """The text of this channel has no step for it, so it is journaled as a mark on the way."""
        work.journal(
            entry.application,
            entry.regulation,
            entry.channel,
            EntryStatus.REGISTERED.value,
            detail=entry.entry_number,
            mark=True,
        )

    def _tell_registered(self, work: Work, entry: JournalEntry) -> JournalEntry:
        message = work.send(
            MessageType.APPLICATION_REGISTERED,
            System(entry.sender),
            entry.application,
            payloads.ApplicationRegistered(
                entry_number=entry.entry_number, received_at=entry.received_at, registered_at=entry.registered_at
            ),
            regulation=entry.regulation,
            request_digest=entry.request_digest,
        )
        return sent(work, message, entry)

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


def _over_the_counter(regulation: Regulation) -> bool:
    return any(step.action is Action.ACCEPT_APPLICATION for part in regulation.channels.values() for step in part.steps)
