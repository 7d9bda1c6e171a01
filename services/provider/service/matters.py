"""What the provider does with an application: takes it in, checks it (condition 3), decides, issues the act.

Everything here works on a unit of work and does no I/O, so a message, an officer and the attachment fetcher all decide
the same way.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from services.provider.domain import (
    AUTOPILOT,
    Attachment,
    AttachmentState,
    Matter,
    MatterState,
    Ruling,
    find_grounds,
    violations_ground,
)
from services.provider.repository import ATTACHMENTS, MATTERS
from services.provider.service import documents
from services.provider.service.organisations import Organisation, Organisations
from shared.crypto.directory import CertificateDirectory
from shared.db.states import StateKey
from shared.kit.errors import NotFound, RejectedMessage
from shared.messages import application as payloads
from shared.messages.control import MessageRejected
from shared.messages.payload import SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.records import Received
from shared.messaging.steps import take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation

FETCH = "attachments-to-fetch"
"""Key that is touched when there are attachments to fetch."""


@dataclass
class Autopilot:
    """Whether matters are decided at once by rule. A switch of the running process; matters under review stay there."""

    on: bool


class Matters:
    """The use cases. Raises ``LookupError`` at once if a regulation that is served could not be refused."""

    def __init__(
        self,
        regulations: Regulations,
        organisations: Organisations,
        autopilot: Autopilot,
        *,
        verification_url: str,
        timezone: str,
        centres: Collection[str] = (),
    ) -> None:
        self._regulations = regulations
        self._organisations = organisations
        self._autopilot = autopilot
        self._centres = frozenset(centres)
        self._verification_url = verification_url
        self._zone = ZoneInfo(timezone)
        self._directory: CertificateDirectory | None = None
        for organisation in organisations:
            for name in organisation.serves:
                for channel, part in regulations[name].channels.items():
                    if any(step.action is Action.CHECK_DOCUMENTS for step in part.steps):
                        violations_ground(regulations[name], channel)

    def open(self, directory: CertificateDirectory) -> None:
        """Verify with ``directory`` from now on."""
        self._directory = directory

    def loads(self, received: Received) -> list[StateKey]:
        """The matter of the application."""
        return [(MATTERS, received.message.subject)]

    def regulation_of(self, matter: Matter) -> Regulation:
        """The regulation a matter is decided by."""
        return self._regulations[matter.regulation]

    # -- messages --------------------------------------------------------------------------------------------

    def receive_application(self, work: Work, received: Received) -> None:
        """The registered document reaches the provider (process 6); without attachments it is checked at once."""
        message, assigned = received.message, cast("payloads.ApplicationAssigned", received.payload)
        if work.get(MATTERS, message.subject) is not None:
            return  # assigned again: the matter goes its way
        regulation, organisation = self._addressed(message.regulation, assigned.channel)
        request = documents.read_request(assigned.document.content)
        documents.check_request(request, assigned, message.subject, regulation.id)
        if regulation.queue is not None:
            documents.queued_person(request.form)
        assert self._directory is not None
        policy = documents.signer_policy(request, self._centres)
        report = documents.verify_request(assigned.document, request, assigned.registered_at, self._directory, policy)
        matter = Matter(
            application=message.subject,
            provider_bin=organisation.bin,
            regulation=regulation.id,
            channel=assigned.channel,
            entry_number=assigned.entry_number,
            registered_at=assigned.registered_at,
            received_at=work.now,
            document=assigned.document.content,
            signature=assigned.document.signature,
            signature_report=report.as_dict(),
            assignment_id=message.id,
            assignment_digest=received.digest,
        )
        work.put(MATTERS, matter)
        if not assigned.attachments:
            self._examine(work, matter, ())
            return
        for index, reference in enumerate(assigned.attachments):
            key = f"{message.subject}/{index:03d}"
            work.put(ATTACHMENTS, Attachment(key=key, application=message.subject, **reference.model_dump()))
        work.touch(FETCH)

    def accept_placement(self, work: Work, received: Received) -> None:
        """The child stands on the queue (clause 9(4)); the act is formed."""
        placement = cast("payloads.QueuePlacementMade", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        if matter is None or matter.placement_digest is None:
            raise RejectedMessage("not-requested", "no queue number was asked for this application")
        if received.message.requestdigest != matter.placement_digest:
            raise RejectedMessage("wrong-request", "the answer is not to the request of this provider")
        if matter.state != MatterState.PLACING:
            return  # it has its number
        self._issue(work, matter.placed(placement.number, placement.place))

    def take_back(self, work: Work, received: Received) -> None:
        """A result that nobody collected at the centre comes back for further keeping."""
        returned = cast("payloads.ResultReturned", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        if matter is None or matter.decision != "granted" or matter.act_sha256 != returned.document_sha256:
            raise RejectedMessage("not-issued", "this provider has issued no such result")
        if matter.returned_at is None:
            self._keep(work, replace(matter, returned_at=returned.returned_at))

    def note_rejection(self, work: Work, received: Received) -> None:
        """The regional gateway did not take a message of ours: noted for officers. Forged reports name other bytes."""
        rejection = cast("MessageRejected", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        if matter is not None and rejection.digest in (matter.placement_digest, matter.decision_digest):
            work.put(MATTERS, replace(matter, trouble=f"{received.message.source}: {rejection.reason}"))

    # -- condition 3 and the decision ------------------------------------------------------------------------

    def note_attachment(self, work: Work, key: str, state: AttachmentState, attachments: Sequence[Attachment]) -> None:
        """An attachment was fetched, or is not what was signed; with the last one the documents are checked."""
        current = [work.get(ATTACHMENTS, attachment.key) or attachment for attachment in attachments]
        changed = [replace(item, state=state.value) if item.key == key else item for item in current]
        for before, after in zip(current, changed, strict=True):
            if before.state == AttachmentState.PENDING and after != before:
                work.put(ATTACHMENTS, after)
        matter = work.get(MATTERS, changed[0].application) if changed else None
        complete = all(attachment.state != AttachmentState.PENDING for attachment in changed)
        if matter is not None and complete and matter.state == MatterState.RECEIVED:
            self._examine(work, matter, changed)

    def decide(self, work: Work, matter: Matter, ruling: Ruling) -> Matter:
        """Grant or refuse, once. Raises ``AlreadyDecided`` or ``IllegalMove``; returns the matter as it is then."""
        regulation = self.regulation_of(matter)
        matter = matter.rule(ruling)
        granted = ruling.decision == "granted"
        take_step(
            work,
            regulation,
            matter.channel,
            Action.CHECK_DOCUMENTS,
            matter.application,
            passed=granted,
            detail=", ".join(ground.code for ground in ruling.grounds) or None,
            message_id=matter.assignment_id,
        )
        if granted and regulation.queue is not None:
            return self._request_placement(work, matter, regulation.queue.code)
        return self._issue(work, matter)

    def _examine(self, work: Work, matter: Matter, attachments: Sequence[Attachment]) -> None:
        """Condition 3: do the documents fit item 9 of the standard, and are there grounds for the service?"""
        form = documents.read_request(matter.document).form
        found = find_grounds(
            self.regulation_of(matter), matter.channel, form, attachments, self._local(matter.registered_at)
        )
        started_at = work.now
        matter = matter.start_review(started_at, found)
        if self._autopilot.on:
            self.decide(work, matter, Ruling("refused" if found else "granted", started_at, AUTOPILOT, tuple(found)))
            return
        self._keep(work, matter)
        work.send(
            MessageType.REVIEW_STARTED,
            System.REGIONAL_GATEWAY,
            matter.application,
            payloads.ReviewStarted(started_at=started_at),
            regulation=matter.regulation,
        )

    def _request_placement(self, work: Work, matter: Matter, queue: str) -> Matter:
        work.send(
            MessageType.QUEUE_PLACEMENT_REQUESTED,
            System.REGIONAL_GATEWAY,
            matter.application,
            payloads.QueuePlacementRequested(
                queue=queue, person_iin=documents.queued_person(documents.read_request(matter.document).form)
            ),
            regulation=matter.regulation,
        )
        return self._keep(work, matter.await_placement(work.effects.sendings[-1].digest))

    def _issue(self, work: Work, matter: Matter) -> Matter:
        """Form and sign the act: the result (process 8) or the reasoned refusal (process 7)."""
        regulation = self.regulation_of(matter)
        organisation = self._organisations.of_bin(matter.provider_bin)
        if organisation is None or matter.decision is None or matter.decided_at is None:
            raise LookupError(f"nobody can sign for the organisation {matter.provider_bin}")
        fields = documents.act_fields(matter, regulation, organisation, self._verification_url)
        act = documents.sign_act(fields, self._organisations.signatory(organisation), work.now)
        sent = work.send(
            MessageType.DECISION_MADE,
            System.REGIONAL_GATEWAY,
            matter.application,
            payloads.DecisionMade(
                decision=cast("payloads.Decision", matter.decision),
                document=SignedDocument(content=act.content, signature=act.signature),
                review_started_at=matter.review_started_at or matter.decided_at,
                decided_at=matter.decided_at,
            ),
            regulation=matter.regulation,
            request_digest=matter.assignment_digest,
        )
        if matter.decision == "refused":
            take_step(work, regulation, matter.channel, Action.REFUSE_SERVICE, matter.application, message_id=sent.id)
        return self._keep(work, matter.close(act, work.effects.sendings[-1].digest))

    def _keep(self, work: Work, matter: Matter) -> Matter:
        work.put(MATTERS, matter)
        work.touch(matter.application)
        return matter

    def _addressed(self, regulation_id: str | None, channel: str) -> tuple[Regulation, Organisation]:
        try:
            regulation, _ = self._regulations.find(regulation_id or "", channel)
        except NotFound as error:
            raise RejectedMessage("unknown-regulation", error.detail) from error
        organisation = self._organisations.serving(regulation.id)
        if organisation is None:
            raise RejectedMessage("not-served", f"no organisation here renders {regulation.id}")
        return regulation, organisation

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)
