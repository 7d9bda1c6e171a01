"""Process 3, condition 1 and process 4: the registries are asked through the gateway, and their answers judged."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.csc.domain.findings import Judgement, findings, told
from services.csc.domain.matter import Matter
from services.csc.domain.people import Operator
from services.csc.domain.states import State
from services.csc.repository import ENQUIRIES, MATTERS
from services.csc.service.context import Context, checked_id, log_look
from services.csc.service.journal import journal_step, put
from shared.db.states import StateKey
from shared.messages.systems import System
from shared.messaging.questions import Questions
from shared.messaging.records import Received
from shared.messaging.steps import find_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.enquiry import Backoff, Enquiry, enquiry_key, new_enquiry
from shared.regulations.registries import due

ABOUTS = ("applicant", "child", "power_of_attorney")
"""What can be asked about; there is at most one question each."""


class Enquiries:
    """Use cases around the registries."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        rule = Backoff(timedelta(seconds=settings.registry_retry_s), settings.registry_attempts)
        self._questions = Questions(System.CSC, ENQUIRIES, rule)

    # -- the operator ----------------------------------------------------------------------------------------

    async def ask(self, operator: Operator, matter_id: str) -> Matter:
        """Process 3. Asked again while answers are awaited, nothing more is sent.

        Raises ``NotFound``, ``ConsentMissing``, ``WrongState``.
        """
        async with self._context.platform.runtime.work(loads_for(checked_id(matter_id))) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            if matter.awaits_registries:
                return matter
            regulation, channel = self._context.law_of(matter)
            questions = due(channel.registry_queries, matter.form or {})
            abouts = [query.about for query, _ in questions]
            asking = matter.asking(abouts, work.now, consent=channel.consent is not None)
            log_look(work, operator, asking, "registries_asked")
            journal_step(work, regulation, asking, Action.ENTER_APPLICANT, at=asking.entered_at)
            asked = [f"{query.registry.value}: {query.about}" for query, _ in questions]
            journal_step(work, regulation, asking, Action.QUERY_REGISTRIES, detail=", ".join(asked))
            for query, search in questions:
                enquiry = new_enquiry(matter.id, query, search)
                self._request(work, asking, enquiry, operator.login)
            if not questions:  # every answer the law wants is there
                self._conclude(work, asking, [])
                return _found(work, matter)
            return put(work, asking)

    async def retry(self, operator: Operator, matter_id: str) -> Matter:
        """The operator has silent registries asked again. Raises ``NotFound``, ``WrongState``."""
        async with self._context.platform.runtime.work(loads_for(checked_id(matter_id))) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator).asking_again(work.now)
            for enquiry in _enquiries(work, matter):
                if enquiry.state != "answered":
                    self._request(work, matter, enquiry.begun_again(), operator.login)
            return put(work, matter)

    # -- time ------------------------------------------------------------------------------------------------

    def ask_again(self, work: Work, matter_id: str) -> None:
        """A registry has not answered in time: it is asked anew, with a longer pause each time, until it is the
        operator's turn to decide."""
        matter = work.get(MATTERS, matter_id)
        if matter is None:
            return
        for enquiry in _enquiries(work, matter):
            if enquiry.due_at is None or enquiry.due_at > work.now:
                continue
            if matter.awaits_registries and enquiry.may_ask(self._questions.rule):
                self._request(work, matter, enquiry, matter.operator)
            else:
                work.put(ENQUIRIES, enquiry.fell_silent())
        self._note_silence(work, matter)

    # -- messages --------------------------------------------------------------------------------------------

    def loads(self, received: Received) -> list[StateKey]:
        """The matter and what was asked in it."""
        return loads_for(received.message.subject)

    def accept_answer(self, work: Work, received: Received) -> None:
        """A registry has answered: late, twice or out of order. With the last answer condition 1 is checked.

        Raises ``RejectedMessage``: ``not-requested``, ``request-digest``, ``document-signature``, ``document``; the
        matter then goes on waiting for an answer that is one.
        """
        matter = work.get(MATTERS, received.message.subject)
        enquiry = self._questions.named(received, [] if matter is None else _enquiries(work, matter))
        if matter is None or enquiry.state == "answered" or not matter.awaits_registries:
            return
        directory = self._context.platform.directory
        self._questions.answered(work, received, enquiry, regulation=matter.service, directory=directory)
        work.touch(matter.id)
        enquiries = _enquiries(work, matter)
        if all(item.state == "answered" for item in enquiries):
            self._conclude(work, matter, enquiries)
        else:
            self._note_silence(work, matter)

    def note_rejection(self, work: Work, received: Received) -> bool:
        """A registry, or the gateway, does not take a request of ours; whether it was one. The operator decides."""
        matter = work.get(MATTERS, received.message.subject)
        if matter is None or self._questions.rejected(work, received, _enquiries(work, matter)) is None:
            return False
        self._note_silence(work, matter)
        return True

    # -- how -------------------------------------------------------------------------------------------------

    def _request(self, work: Work, matter: Matter, enquiry: Enquiry, login: str) -> None:
        """One signed request through the gateway."""
        consent = (matter.consent or {}).get("id")
        self._questions.ask(work, enquiry, regulation=matter.service, asked_by=login, consent=consent)

    def _conclude(self, work: Work, matter: Matter, enquiries: Sequence[Enquiry]) -> None:
        """Condition 1: is there everything the law asks of the registries? If not, process 4."""
        regulation, channel = self._context.law_of(matter)
        today = work.now.astimezone(self._context.zone).date()
        basis = Judgement(matter.service, matter.form or {}, channel.representation, today, work.now)
        found = findings(enquiries, basis)
        detail = ", ".join(finding.value for finding in found) or None
        journal_step(work, regulation, matter, Action.CHECK_REGISTRY_DATA, passed=not found, detail=detail)
        refusing = find_step(regulation, matter.channel, Action.REFUSE_NO_REGISTRY_DATA)
        # Where the text ends nothing here, what the registries do not have is handed in on paper.
        if not found or refusing is None:
            put(work, matter.obtained(work.now))
            return
        step = refusing
        journal_step(work, regulation, matter, Action.REFUSE_NO_REGISTRY_DATA)
        closing = {
            "step": step.id,
            "clause": step.clause,
            "text": step.text.model_dump(),
            "findings": told(regulation, matter.channel, found),
        }
        put(work, matter.not_obtained(closing, work.now))

    def _note_silence(self, work: Work, matter: Matter) -> None:
        """If nothing is awaited any more and not everything was answered, the operator has to decide."""
        enquiries = _enquiries(work, matter)
        waiting = any(enquiry.state == "waiting" for enquiry in enquiries)
        silent = any(enquiry.state == "silent" for enquiry in enquiries)
        if silent and not waiting and matter.state is State.QUERYING:
            put(work, matter.fell_silent(work.now))


def loads_for(matter_id: str) -> list[StateKey]:
    """The matter and everything that can have been asked in it."""
    return [(MATTERS, matter_id), *((ENQUIRIES, enquiry_key(matter_id, about)) for about in ABOUTS)]


def _enquiries(work: Work, matter: Matter) -> list[Enquiry]:
    found: Iterable[Enquiry | None] = (work.get(ENQUIRIES, enquiry_key(matter.id, about)) for about in matter.enquiries)
    return [enquiry for enquiry in found if enquiry is not None]


def _found(work: Work, before: Matter) -> Matter:
    found = work.get(MATTERS, before.id)
    return found if found is not None else before
