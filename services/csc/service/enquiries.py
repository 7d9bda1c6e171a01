"""Process 3, condition 1 and process 4: the registries are asked through the gateway, and their answers judged."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import cast

from pydantic import TypeAdapter, ValidationError

from services.csc.domain.enquiry import Backoff, Enquiry, enquiry_key
from services.csc.domain.findings import Judgement, findings, told
from services.csc.domain.matter import Matter, State
from services.csc.domain.people import Operator
from services.csc.repository import ENQUIRIES, MATTERS
from services.csc.service.context import CHANNEL, Context, checked_id, log_look
from shared.crypto.canonical import canonical_json
from shared.crypto.policy import SignedByBIN
from shared.db.states import StateKey
from shared.kit.errors import RejectedMessage
from shared.kit.ids import sha256_hex
from shared.messages.control import MessageRejected
from shared.messages.extracts import PersonExtract, PowersOfAttorneyExtract
from shared.messages.payload import SignedDocument
from shared.messages.registry import REGISTRY_BINS, Ground, Part, RegistryAnswered, RegistryRequested, Search
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.documents import open_document
from shared.messaging.records import Received
from shared.messaging.steps import step_of, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.registries import due

ABOUTS = ("applicant", "child", "power_of_attorney")
"""What can be asked about; there is at most one question each."""
_SEARCH: TypeAdapter[Search] = TypeAdapter(Search)


def extract_file(content: str, signature: str) -> bytes:
    """An extract with its signature as one file: what is attached to the application."""
    return canonical_json({"content": content, "signature": signature})


class Enquiries:
    """Use cases around the registries."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self._rule = Backoff(timedelta(seconds=settings.registry_retry_s), settings.registry_attempts)

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
            asking = matter.asking([query.about for query, _ in questions], work.now)
            log_look(work, operator, asking, "registries_asked")
            take_step(work, regulation, CHANNEL, Action.ENTER_APPLICANT, matter.id, at=asking.entered_at)
            asked = [f"{query.registry.value}: {query.about}" for query, _ in questions]
            take_step(work, regulation, CHANNEL, Action.QUERY_REGISTRIES, matter.id, detail=", ".join(asked))
            for query, search in questions:
                enquiry = Enquiry(
                    key=enquiry_key(matter.id, query.about),
                    matter=matter.id,
                    about=query.about,
                    system=query.registry.value,
                    search=search.model_dump(mode="json", exclude_none=True),
                    include=[part.value for part in query.include],
                    clause=query.clause,
                )
                self._request(work, asking, enquiry, operator.login)
            return _kept(work, asking)

    async def retry(self, operator: Operator, matter_id: str) -> Matter:
        """The operator has silent registries asked again. Raises ``NotFound``, ``WrongState``."""
        async with self._context.platform.runtime.work(loads_for(checked_id(matter_id))) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator).asking_again(work.now)
            for enquiry in _enquiries(work, matter):
                if enquiry.state != "answered":
                    self._request(work, matter, enquiry.begun_again(), operator.login)
            return _kept(work, matter)

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
            if matter.awaits_registries and enquiry.may_ask(self._rule):
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
        answer = cast("RegistryAnswered", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        enquiry = self._answered_enquiry(work, received, answer, matter)
        if matter is None or enquiry.state == "answered" or not matter.awaits_registries:
            return
        if answer.record is not None:
            self._check_extract(work, enquiry, matter, answer.record)
        record = None if answer.record is None else (answer.record.content, answer.record.signature)
        file = None if record is None else extract_file(*record)
        described = None if file is None else (sha256_hex(file), len(file))
        work.put(ENQUIRIES, enquiry.answered(answer.found, answer.not_found_reason, record, described, work.now))
        work.touch(matter.id)
        enquiries = _enquiries(work, matter)
        if all(item.state == "answered" for item in enquiries):
            self._conclude(work, matter, enquiries)
        else:
            self._note_silence(work, matter)

    def note_rejection(self, work: Work, received: Received) -> bool:
        """A registry, or the gateway, does not take a request of ours; whether it was one. The operator decides."""
        rejection = cast("MessageRejected", received.payload)
        matter = work.get(MATTERS, received.message.subject)
        for enquiry in () if matter is None else _enquiries(work, matter):
            if enquiry.was_asked(rejection.message_id, rejection.digest):
                if matter is not None and enquiry.state == "waiting":
                    work.put(ENQUIRIES, enquiry.fell_silent(f"{received.message.source}: {rejection.reason}"))
                    self._note_silence(work, matter)
                return True
        return False

    # -- how -------------------------------------------------------------------------------------------------

    def _request(self, work: Work, matter: Matter, enquiry: Enquiry, login: str) -> None:
        """One signed request through the gateway."""
        registry = System(enquiry.system)
        message = work.send(
            MessageType.REGISTRY_REQUESTED,
            registry,
            matter.id,
            RegistryRequested(
                search=_SEARCH.validate_python(enquiry.search),
                include=tuple(Part(part) for part in enquiry.include),
                ground=Ground(
                    regulation=matter.service,
                    clause=enquiry.clause,
                    application=matter.id,
                    system=System.CSC,
                    asked_by=login,
                    consent=(matter.consent or {}).get("id"),
                ),
            ),
            regulation=matter.service,
        )
        digest = work.effects.sendings[-1].digest
        work.put(ENQUIRIES, enquiry.requested(message.id, digest, work.now, self._rule))

    def _answered_enquiry(
        self, work: Work, received: Received, answer: RegistryAnswered, matter: Matter | None
    ) -> Enquiry:
        """The question that is answered: the answer has to name one of our requests, and be bound to its bytes."""
        asked = [] if matter is None else _enquiries(work, matter)
        of_registry = [item for item in asked if item.system == received.message.source == answer.registry]
        named = [item for item in of_registry if any(a["message_id"] == answer.request_id for a in item.asked)]
        if not named:
            raise RejectedMessage("not-requested", "no such request was sent to this registry")
        if not named[0].was_asked(answer.request_id, received.message.requestdigest):
            raise RejectedMessage("request-digest", "the answer is bound to other bytes than those of the request")
        return named[0]

    def _check_extract(self, work: Work, enquiry: Enquiry, matter: Matter, signed: SignedDocument) -> None:
        """The extract is signed by the registry, answers our request and is about whom we asked."""
        registry = System(enquiry.system)
        directory, policy = self._context.platform.directory, SignedByBIN(REGISTRY_BINS[registry])
        opened = open_document(signed, directory=directory, at=work.now, policy=policy)
        model = PersonExtract if registry is System.PERSONS else PowersOfAttorneyExtract
        try:
            extract = model.model_validate(opened.fields)
        except ValidationError as error:
            raise RejectedMessage("document", f"not an extract: {error.error_count()} faults") from error
        if not enquiry.was_asked(extract.request.message_id, extract.request.digest):
            raise RejectedMessage("request-digest", "the extract answers another request")
        told_of = (extract.registry, extract.application, extract.regulation, extract.signed_by.bin)
        if told_of != (registry, matter.id, matter.service, opened.signer_bin):
            raise RejectedMessage("document", "the extract is of another registry, matter or signer")
        if isinstance(extract, PersonExtract) and extract.record.iin != enquiry.search.get("iin", extract.record.iin):
            raise RejectedMessage("document", "the extract is about another person")

    def _conclude(self, work: Work, matter: Matter, enquiries: Sequence[Enquiry]) -> None:
        """Condition 1: is there everything the law asks of the registries? If not, process 4."""
        regulation, channel = self._context.law_of(matter)
        today = work.now.astimezone(self._context.zone).date()
        basis = Judgement(matter.service, matter.form or {}, channel.representation, today, work.now)
        found = findings(enquiries, basis)
        detail = ", ".join(finding.value for finding in found) or None
        take_step(work, regulation, CHANNEL, Action.CHECK_REGISTRY_DATA, matter.id, passed=not found, detail=detail)
        if not found:
            _kept(work, matter.obtained(work.now))
            return
        take_step(work, regulation, CHANNEL, Action.REFUSE_NO_REGISTRY_DATA, matter.id)
        step = step_of(regulation, CHANNEL, Action.REFUSE_NO_REGISTRY_DATA)
        closing = {
            "step": step.id,
            "clause": step.clause,
            "text": step.text.model_dump(),
            "findings": told(regulation, CHANNEL, found),
        }
        _kept(work, matter.not_obtained(closing, work.now))

    def _note_silence(self, work: Work, matter: Matter) -> None:
        """If nothing is awaited any more and not everything was answered, the operator has to decide."""
        enquiries = _enquiries(work, matter)
        waiting = any(enquiry.state == "waiting" for enquiry in enquiries)
        silent = any(enquiry.state == "silent" for enquiry in enquiries)
        if silent and not waiting and matter.state is State.QUERYING:
            _kept(work, matter.fell_silent(work.now))


def loads_for(matter_id: str) -> list[StateKey]:
    """The matter and everything that can have been asked in it."""
    return [(MATTERS, matter_id), *((ENQUIRIES, enquiry_key(matter_id, about)) for about in ABOUTS)]


def _enquiries(work: Work, matter: Matter) -> list[Enquiry]:
    found: Iterable[Enquiry | None] = (work.get(ENQUIRIES, enquiry_key(matter.id, about)) for about in matter.enquiries)
    return [enquiry for enquiry in found if enquiry is not None]


def _kept(work: Work, matter: Matter) -> Matter:
    work.put(MATTERS, matter)
    work.touch(matter.id)
    return matter
