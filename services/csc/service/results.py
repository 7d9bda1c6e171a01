"""Process 9 and what may come instead: the result is handed out, or goes to the provider when nobody came for it."""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from services.csc.domain.course import course_of
from services.csc.domain.documents import IssuedDocument
from services.csc.domain.findings import covers
from services.csc.domain.matter import Matter
from services.csc.domain.people import Operator
from services.csc.domain.states import UNCOLLECTED, State
from services.csc.domain.terms import closed
from services.csc.errors import NotEntitled, WrongCourse
from services.csc.repository import ISSUED_DOCUMENTS, MATTERS, VISITS, queries
from services.csc.service.attendance import attend
from services.csc.service.context import Context, checked_id, log_look
from services.csc.service.journal import journal_overdue, journal_step, put
from services.csc.service.terms import Terms
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput, NoResult, NotFound
from shared.messages.application import ResultReturned
from shared.messages.extracts import DocumentStatus, PersonExtract, PowersOfAttorneyExtract
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.printables import Printables, PrintLanguage
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.enquiry import Enquiry
from shared.regulations.errors import OutsideHours, WrongState
from shared.regulations.hours import counter_closed
from shared.regulations.judgement import RETURNED
from shared.regulations.visits import SERVICE

Receiver = Literal["applicant", "representative"]


class Results:
    """Use cases around the provider's acts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._printables = Printables(context.printed, context.settings.provider_url)
        self._terms = Terms(context)

    async def act(self, operator: Operator, matter_id: str) -> IssuedDocument:
        """The result, or the reasoned refusal; the look is noted. Raises ``NotFound``, also while there is none, and
        ``NoResult`` if none will come."""
        loads: list[StateKey] = [(MATTERS, checked_id(matter_id)), (ISSUED_DOCUMENTS, matter_id)]
        async with self._context.platform.runtime.work(loads) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            found = work.get(ISSUED_DOCUMENTS, matter.id)
            if found is None:
                if matter.state.terminal:
                    raise NoResult(matter.state.value, matter.closing)
                raise NotFound(f"there is no result yet: the matter is {matter.state.value}")
            log_look(work, operator, matter, "result_read")
        return found

    async def printed(self, operator: Operator, matter_id: str, language: PrintLanguage) -> Path:
        """The printed form signed by the provider. Raises ``NotFound``, ``Unavailable``."""
        act = await self.act(operator, matter_id)
        return await self._printables.printable(self._context.platform, act.sha256, act.provider_bin, language)

    async def collect(self, operator: Operator, matter_id: str) -> Matter:
        """The worker receives the provider's act for the centre. Where a courier brings it to the branch, it is with
        the courier first. Done before, the answer is the same. Raises ``NotFound``, ``WrongState``, ``WrongCourse``."""
        async with self._context.platform.runtime.work([(MATTERS, checked_id(matter_id))]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            course = course_of(self._context.law_of(matter)[1])
            if not course.collects:
                raise WrongCourse("there is nothing to collect here", actions=sorted(course.actions))
            if matter.state is State.RESULT_WITH_COURIER or matter.received_at is not None:
                return matter
            if self._terms.has_courier(matter, Action.COLLECT_RESULT):
                gone = matter.result_sent_off(work.now)
                return put(work, self._terms.with_courier(gone, Action.COLLECT_RESULT, work.now))
            return self._collected(work, matter)

    async def courier_arrived(self, operator: Operator, matter_id: str) -> Matter:
        """The courier has brought the act to the branch. Raises ``NotFound``, ``WrongState``."""
        async with self._context.platform.runtime.work([(MATTERS, checked_id(matter_id))]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            if matter.state is not State.RESULT_WITH_COURIER:
                raise WrongState("no result is with a courier", state=matter.state.value)
            return self._collected(work, matter)

    def _collected(self, work: Work, matter: Matter) -> Matter:
        there = closed(matter.collected(self._terms.kept_until(matter, work.now), work.now))
        if matter.decision == "granted":  # a run that was refused has ended with the refusal
            journal_step(work, self._context.law_of(matter)[0], matter, Action.COLLECT_RESULT)
        work.journal(matter.id, matter.service, matter.channel, "collected", mark=True)
        return put(work, there)

    async def hand_out(
        self, operator: Operator, matter_id: str, who: Receiver, document_number: str, visit_id: str | None = None
    ) -> Matter:
        """Process 9: the visitor receives the result from the operator, against an identity document. The message that
        refuses the service (process 8) is handed out in the same way. ``visit_id``: the visit in the electronic queue
        with which the visitor came for it; the term of the step runs from the call.

        Raises ``NotFound``, ``WrongState``, ``NotEntitled``, ``InvalidInput`` for a document that is not the
        applicant's, ``OutsideHours`` when the text lets no result be given out.
        """
        seen = await self._context.own(operator, matter_id)
        async with self._context.platform.database.session() as session:
            enquiries = {item.about: item for item in await queries.enquiries_of(session, seen)}
        loads: list[StateKey] = [(MATTERS, matter_id), *([(VISITS, checked_id(visit_id))] if visit_id else [])]
        async with self._context.platform.runtime.work(loads) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            called_at = self._called_at(work, operator, matter, visit_id)
            person = (matter.form or {}).get(who)
            handing_out: dict[str, Any] = {
                "who": who,
                "iin": (person or {}).get("iin"),
                "identity_document": document_number,
                "at": rfc3339(work.now),
                "operator": operator.login,
            }
            given = matter.handed_out(handing_out, work.now)
            self._require_open(matter, work.now)
            if person is None:
                raise NotEntitled("nobody represents the applicant in this matter")
            if who == "applicant":
                self._check_document(enquiries.get("applicant"), document_number)
            else:
                self._check_power(enquiries.get("power_of_attorney"), matter)
            log_look(work, operator, matter, "handed_out")
            if matter.state is State.READY:
                regulation, _ = self._context.law_of(matter)
                due = self._terms.due(matter, Action.HAND_OUT_RESULT, called_at)
                times = {"started_at": called_at, "due_at": due}
                journal_step(work, regulation, matter, Action.HAND_OUT_RESULT, detail=who, **times)
                if due is not None and due < work.now:
                    journal_overdue(work, matter, SERVICE, due)
            work.journal(matter.id, matter.service, matter.channel, "handed_out", mark=True)
            return put(work, given)

    def _require_open(self, matter: Matter, at: datetime) -> None:
        regulation, _ = self._context.law_of(matter)
        calendar = self._context.working(self._context.centre_of(matter), regulation)
        closed_now = counter_closed(regulation, matter.channel, calendar, at)
        if closed_now is not None:
            raise OutsideHours(opens_at=rfc3339(closed_now.opens_at), clause=closed_now.clause)

    def _called_at(self, work: Work, operator: Operator, matter: Matter, visit_id: str | None) -> datetime:
        """When the visitor who stands at the window was called; without a visit, now."""
        if visit_id is None:
            return work.now
        return attend(work, self._context, operator, matter, visit_id).called_at or work.now

    def return_uncollected(self, work: Work, matter_id: str) -> None:
        """Nobody came within the time of storage: the result, or the reasoned refusal, which is a result as well, goes
        to the provider for further keeping."""
        matter, act = work.get(MATTERS, matter_id), work.get(ISSUED_DOCUMENTS, matter_id)
        if matter is None or act is None or matter.state not in UNCOLLECTED or matter.kept_until is None:
            return
        if matter.kept_until > work.now:
            return
        message = work.send(
            MessageType.RESULT_RETURNED,
            System.REGIONAL_GATEWAY,
            matter.id,
            ResultReturned(
                document_sha256=act.sha256,
                received_at=act.received_at,
                returned_at=work.now,
                centre_bin=self._context.centres[matter.centre].bin,
            ),
            regulation=matter.service,
            request_digest=matter.message_digest,
        )
        returned = matter.returned(work.effects.sendings[-1].digest, work.now)
        regulation, _ = self._context.law_of(matter)
        if matter.state is State.READY:
            journal_step(work, regulation, matter, Action.RETURN_UNCOLLECTED, message_id=message.id)
        else:  # a run that was refused has ended with the refusal; what became of the paper is told all the same
            work.journal(matter.id, matter.service, matter.channel, RETURNED, mark=True)
        put(work, returned)

    def _check_document(self, enquiry: Enquiry | None, number: str) -> None:
        """The identity document is one the persons registry knows as the applicant's, and still good."""
        if enquiry is None or enquiry.content is None:
            return
        today = self._context.clock.now().astimezone(self._context.zone).date()
        documents = PersonExtract.model_validate_json(enquiry.content).record.identity_documents
        if documents is None:
            return
        for document in documents:
            lasts = document.expires_on is None or document.expires_on >= today
            if document.number == number and document.status is DocumentStatus.VALID and lasts:
                return
        message = "the persons registry knows no such valid document of the applicant"
        raise InvalidInput(message, faults=[{"in": "body", "path": "/identity_document", "message": message}])

    def _check_power(self, enquiry: Enquiry | None, matter: Matter) -> None:
        """A notarised power of attorney has to cover receiving the result. Another kind was seen on paper only."""
        rule = self._context.law_of(matter)[1].representation
        code = rule.collection_power_code if rule else None
        if enquiry is None or enquiry.content is None or code is None:
            return
        powers = PowersOfAttorneyExtract.model_validate_json(enquiry.content).record.powers_of_attorney
        if not any(covers(power, code, matter.service) for power in powers):
            raise NotEntitled("the power of attorney does not cover receiving the result")
