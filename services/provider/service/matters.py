"""What comes to the provider by message: applications, queue numbers, what recipients supply, what comes back.

Everything here works on a unit of work and does no I/O.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import orjson

from services.provider.domain.attachments import SUPPLEMENT, Attachment, AttachmentState
from services.provider.domain.grounds import claimed_moment, find_grounds, violations_ground
from services.provider.domain.matter import Matter, MatterState, Ruling
from services.provider.errors import AttachmentsAwaited
from services.provider.repository import ATTACHMENTS, MATTERS
from services.provider.service import procedure, rejections, requests, stages
from services.provider.service.acts import Doing
from services.provider.service.context import NUMBERED, REGISTER, Case, Context
from services.provider.service.enquiries import Enquiries, loads_for
from services.provider.service.journal import mark
from services.provider.service.judging import judged
from services.provider.service.organisations import Organisation
from services.provider.service.requests import SignedRequest, SignedSupplement
from shared.crypto.directory import CertificateDirectory
from shared.db.states import StateKey
from shared.kit.errors import NotFound, RejectedMessage
from shared.messages import application as payloads
from shared.messages.control import MessageRejected
from shared.messaging.records import Received
from shared.messaging.requests import require_request
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.errors import ChannelNotOffered
from shared.regulations.grounds import may_refuse
from shared.regulations.model import Regulation

MISSING = "attachments_missing"
"""The mark in the journal: the examination began without attachments that were asked for in vain."""
FETCH = "attachments-to-fetch"
"""Key that is touched when there are attachments to fetch."""


class Matters:
    """The use cases. Raises ``LookupError`` at once if a regulation that is served could not be refused as it says."""

    def __init__(self, context: Context, enquiries: Enquiries) -> None:
        self.context = context
        self._enquiries = enquiries
        self._directory: CertificateDirectory | None = None
        for name, channel in context.organisations.served():
            regulation = context.regulations[name]
            checks = any(step.action is Action.CHECK_DOCUMENTS for step in regulation.channel(channel).steps)
            if checks and may_refuse(regulation, channel) is not None:
                violations_ground(regulation, channel)

    def open(self, directory: CertificateDirectory) -> None:
        """Verify with ``directory`` from now on."""
        self._directory = directory

    # -- what must be loaded ---------------------------------------------------------------------------------

    def loads_rejected(self, received: Received) -> list[StateKey]:
        """The matter and what registries were asked in it."""
        return loads_for(received.message.subject)

    def loads(self, received: Received) -> list[StateKey]:
        """The matter of the application, and whether the autopilot is on."""
        return [(MATTERS, received.message.subject), *self.context.autopilot.loads]

    def loads_assigned(self, received: Received) -> list[StateKey]:
        """The matter, and the register of the organisation it is for."""
        found = self.loads(received)
        assigned = cast("payloads.ApplicationAssigned", received.payload)
        try:
            form = orjson.loads(assigned.document.content)["form"]
            organisation = self.context.organisations.serving(
                received.message.regulation or "", assigned.channel, dict(form)
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return found  # the handler rejects it
        if organisation is not None:
            registers = {REGISTER, *self._registers(received.message.regulation or "")}
            found += self.context.counters([organisation.bin], received.message.time, registers)
            regulation = self.context.regulations[received.message.regulation or ""]
            found += self.context.place_loads(regulation, organisation.bin)
        return found

    def loads_onward(self, received: Received) -> list[StateKey]:
        """The matter, and the registers its procedure may enter something in when it goes on: of every organisation
        that renders the service, for which of them it is for is not known yet."""
        found = self.loads(received)
        regulation = received.message.regulation or ""
        registers = self._registers(regulation)
        if registers:
            bins = self.context.organisations.rendering(regulation)
            found += self.context.counters(bins, received.message.time, {REGISTER, *registers})
        return found

    def loads_supplement(self, received: Received) -> list[StateKey]:
        """As ``loads_onward``, and the register: the answer to an offer is what is registered."""
        regulation = received.message.regulation or ""
        bins = self.context.organisations.rendering(regulation)
        registers = {REGISTER, *self._registers(regulation)}
        return [*self.loads(received), *self.context.counters(bins, received.message.time, registers)]

    def _registers(self, regulation_id: str) -> set[str]:
        """The registers of their own that a procedure enters something in."""
        regulation = self.context.regulations.get(regulation_id)
        acts = {act for step in regulation.procedure for act in step.acts} if regulation else set()
        return {name for act, name in NUMBERED.items() if act in acts and name != REGISTER}

    # -- messages --------------------------------------------------------------------------------------------

    def receive_application(self, work: Work, received: Received) -> None:
        """The registered document reaches the provider; without attachments it is taken to work at once."""
        message, assigned = received.message, cast("payloads.ApplicationAssigned", received.payload)
        if work.get(MATTERS, message.subject) is not None:
            return  # assigned again: the matter goes its way
        regulation = self._regulation(message.regulation, assigned.channel)
        request = requests.read_request(assigned.document.content)
        requests.check_request(request, assigned, message.subject, regulation.id)
        organisation = self._addressed(regulation, request)
        if regulation.queue is not None:
            requests.queued_person(request.form)
        requests.check_directories(regulation, assigned.channel, request.form)
        assert self._directory is not None
        policy = requests.signer_policy(request, self.context.centres)
        # Nothing was registered after it came here: a time ahead of ours is none to verify by, or to count terms from.
        registered_at = min(assigned.registered_at, work.now)
        report = requests.verify_request(assigned.document, request.created_at, registered_at, self._directory, policy)
        matter = Matter(
            application=message.subject,
            provider_bin=organisation.bin,
            regulation=regulation.id,
            channel=assigned.channel,
            entry_number=assigned.entry_number,
            registered_at=registered_at,
            submitted_at=claimed_moment(assigned.submitted_at, request.created_at, registered_at),
            received_at=work.now,
            document=assigned.document.content,
            signature=assigned.document.signature,
            signature_report=report.as_dict(),
            assignment_id=message.id,
            assignment_digest=received.digest,
            variant=regulation.variant_of(assigned.channel, request.facts),
            recipient_iin=request.applicant_iin,
        )
        case = self.context.case(work, matter, request.form)
        procedure.receive(case)
        self._enquiries.ask(case)
        if not assigned.attachments:
            procedure.begin(case, ())
            procedure.go_on(case)
            return
        case.keep()
        for index, reference in enumerate(assigned.attachments):
            key = f"{message.subject}/{index:03d}"
            work.put(ATTACHMENTS, Attachment(key=key, application=message.subject, **reference.model_dump()))
        work.touch(FETCH)

    def accept_placement(self, work: Work, received: Received) -> None:
        """The child stands on the queue; the task that waited for the number goes on."""
        placement = cast("payloads.QueuePlacementMade", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        if matter is None or matter.placement_digest is None:
            raise RejectedMessage("not-requested", "no queue number was asked for this application")
        require_request(received, matter.placement_digest)
        if matter.state != MatterState.PLACING or matter.queue_number is not None:
            return  # it has its number
        case = self.context.case(
            work, matter.placed(placement.number, placement.place), requests.form_of(matter.document)
        )
        if matter.driver is None and matter.asker is not None and matter.task is not None:
            # The officer who put the child on the queue has done the task, once the number is there.
            procedure.complete(case, matter.task, Doing(matter.asker))
        procedure.go_on(case)

    def receive_supplement(self, work: Work, received: Received) -> None:
        """What the recipient supplies afterwards, such as the proof that the fee is paid."""
        supplement = cast("payloads.ApplicationSupplemented", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        if matter is None:
            raise RejectedMessage("unknown-application", "nothing of this application is here")
        require_request(received, matter.assignment_digest)
        signed = requests.read_supplement(
            supplement, matter.application, matter.regulation, matter.channel, self.context.centres
        )
        assert self._directory is not None
        requests.verify_request(supplement.document, signed.created_at, work.now, self._directory, signed.policy)
        if signed.kind == "consent":
            self._answered(work, received, matter, signed)
            return
        awaited = matter.awaits["document"] if matter.awaits else None
        proofs = [reference for reference in supplement.attachments if reference.document == awaited]
        if not matter.owes or not proofs:
            raise RejectedMessage("nothing-awaited", "nothing like that is awaited from the recipient")
        case = self.context.case(work, matter, requests.form_of(matter.document))
        proof = proofs[0]
        stages.supply(case, proof.document, {"sha256": proof.sha256, "name": proof.name, "size": proof.size})
        key = f"{matter.application}/{SUPPLEMENT}{proof.sha256[:12]}"
        work.put(ATTACHMENTS, Attachment(key=key, application=matter.application, **proof.model_dump()))
        work.touch(FETCH)
        procedure.go_on(case)

    def _answered(self, work: Work, received: Received, matter: Matter, signed: SignedSupplement) -> None:
        """The recipient consents to what was offered, and the procedure begins; or does not, which is a ground."""
        if matter.state != MatterState.OFFERED:
            raise RejectedMessage("nothing-awaited", "there is no offer to answer")
        answered = replace(
            matter,
            state=MatterState.RECEIVED.value,
            registered_at=work.now,
            submitted_at=None,
            received_at=work.now,
            assignment_id=received.message.id,
            assignment_digest=received.digest,
        )
        case = self.context.case(work, answered, requests.form_of(matter.document))
        procedure.receive(case)
        ground = None if signed.given else stages.withheld(case, signed.reason)
        if not signed.given and ground is None:
            # The text has no refusal for that; the offer is simply not taken.
            work.put(MATTERS, replace(matter, trouble="the recipient did not consent"))
            return
        procedure.begin(case, (), found=[ground] if ground else None)
        if case.matter.entry_number == "":
            case.change(entry_number=case.matter.register_number or matter.application)
        procedure.go_on(case)

    def take_back(self, work: Work, received: Received) -> None:
        """A result or a refusal that nobody collected at the centre comes back for further keeping."""
        returned = cast("payloads.ResultReturned", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        if matter is None or matter.decision is None or matter.act_sha256 != returned.document_sha256:
            raise RejectedMessage("not-issued", "this provider has issued no such result")
        require_request(received, matter.assignment_digest)
        if matter.returned_at is None:
            work.put(MATTERS, replace(matter, returned_at=returned.returned_at))
            work.touch(matter.application)

    def note_rejection(self, work: Work, received: Received) -> None:
        """Another system did not take a message of ours: the matter shows it, and is open for another one. Forged
        reports name other bytes."""
        if self._enquiries.note_rejection(work, received):
            return
        matter = work.get(MATTERS, received.message.subject)
        message = rejections.which(matter, cast("MessageRejected", received.payload).digest) if matter else None
        if matter is not None and message is not None:
            rejections.note(self.case(work, matter), received, message)

    # -- commands --------------------------------------------------------------------------------------------

    def note_attachment(self, work: Work, key: str, state: AttachmentState, attachments: Sequence[Attachment]) -> None:
        """An attachment was fetched, or is not what was signed; with the last one the documents are checked."""
        if not attachments or work.get(MATTERS, attachments[0].application) is None:
            return  # a reset took it away
        current = [work.get(ATTACHMENTS, attachment.key) or attachment for attachment in attachments]
        changed = [replace(item, state=state.value, trouble=None) if item.key == key else item for item in current]
        for before, after in zip(current, changed, strict=True):
            if before.state == AttachmentState.PENDING and after != before:
                work.put(ATTACHMENTS, after)
        matter = work.get(MATTERS, changed[0].application) if changed else None
        complete = all(attachment.state != AttachmentState.PENDING for attachment in changed)
        if matter is not None and complete and matter.state == MatterState.RECEIVED:
            case = self.case(work, matter)
            procedure.begin(case, changed)
            procedure.go_on(case)
        elif matter is not None and matter.state == MatterState.IN_REVIEW and matter.decision is None:
            self._came_late(self.case(work, matter), key, changed)

    def _came_late(self, case: Case, key: str, attachments: Sequence[Attachment]) -> None:
        """What an officer has begun the examination without is here, and may not be what was signed."""
        if any(item.key == key and not item.supplement for item in attachments):
            at = case.context.local(case.matter.registered_at)
            filed = [item for item in attachments if not item.supplement]
            found = find_grounds(case.regulation, case.matter.channel, case.form, filed, at)
            case.change(findings=[ground.model_dump() for ground in judged(case, found)])
            case.keep()

    def note_missing(self, work: Work, key: str, trouble: str) -> None:
        """An attachment was asked for in vain: who has it, and what they say."""
        attachment = work.get(ATTACHMENTS, key)
        if attachment is not None and attachment.state == AttachmentState.PENDING:
            work.put(ATTACHMENTS, replace(attachment, trouble=trouble))
            work.touch(attachment.application)

    def begin_without(self, case: Case, attachments: Sequence[Attachment], officer: str) -> Matter:
        """An officer (login) begins the examination without the attachments that their keeper does not give, and goes
        on by hand. They count as handed in: it is not the recipient who has lost them.

        Raises ``AttachmentsAwaited`` for those that are only on their way, ``IllegalMove``.
        """
        coming = [item.name for item in attachments if item.on_its_way]
        if coming:
            raise AttachmentsAwaited(f"on their way: {', '.join(coming)}", attachments=coming)
        missing = ", ".join(f"{item.name} ({item.trouble})" for item in attachments if item.missing)
        procedure.begin(case, attachments)
        case.change(driver=None)
        mark(case.work, case.matter, MISSING, detail=f"{officer}: {missing}")
        return procedure.go_on(case)

    def decide(self, work: Work, matter: Matter, ruling: Ruling) -> Matter:
        """Grant or refuse, once, and do everything else in the officer's name as far as it goes.

        A decision that was not taken is signed and sent again. Raises ``AlreadyDecided`` or ``IllegalMove``; returns
        the matter as it is then.
        """
        case = self.case(work, matter)
        if matter.to_send_again:
            return rejections.decide_again(case, ruling)
        procedure.require_answers(matter)
        matter.rule(ruling)  # whether it may be decided at all
        case.change(driver=ruling.by)
        procedure.drive(case, ruling)
        if case.matter.decision is None:
            # Something before the decision has its least time: the decision is kept and takes effect then.
            procedure.rule(case, ruling)
        return case.keep()

    def case(self, work: Work, matter: Matter) -> Case:
        """The matter at work."""
        return self.context.case(work, matter, requests.form_of(matter.document))

    def _regulation(self, regulation_id: str | None, channel: str) -> Regulation:
        try:
            return self.context.regulations.find(regulation_id or "", channel)[0]
        except (NotFound, ChannelNotOffered) as error:
            raise RejectedMessage("unknown-regulation", error.detail) from error

    def _addressed(self, regulation: Regulation, request: SignedRequest) -> Organisation:
        organisation = self.context.organisations.serving(regulation.id, request.channel, request.form)
        if organisation is None:
            raise RejectedMessage("not-served", f"no organisation here renders {regulation.id} in this case")
        return organisation
