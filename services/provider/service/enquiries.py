"""What the provider asks of the state's registries itself, where the text says that it takes the data from there.

It is asked when the application arrives, and the procedure goes on meanwhile: only the decision waits for the answers.
A silent registry is asked again and again; after some attempts an officer may decide without it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import ValidationError

from services.provider.domain.matter import Matter, MatterState
from services.provider.domain.registries import Asked, questions
from services.provider.repository import ENQUIRIES, MATTERS
from services.provider.service import procedure, requests
from services.provider.service.context import Case, Context
from services.provider.service.journal import mark
from services.provider.service.judging import judged
from services.provider.settings import Settings
from shared.crypto.directory import CertificateDirectory
from shared.db.states import StateKey
from shared.kit.errors import RejectedMessage
from shared.messages.systems import System
from shared.messaging.questions import Questions
from shared.messaging.records import Received
from shared.messaging.work import Work
from shared.regulations.enquiry import Backoff, Enquiry, enquiry_key, new_enquiry
from shared.regulations.extracts import judge_answer, obtained_documents
from shared.regulations.grounds import FoundGround

ABOUTS = ("applicant", "child")
"""What can be asked about; there is at most one question each."""
ASKED, ANSWERED, SILENT = "registries_asked", "registry_answered", "registries_silent"
"""The marks in the journal."""


class Enquiries:
    """Use cases around the registries. ``open`` comes before the first answer."""

    def __init__(self, context: Context, settings: Settings) -> None:
        self._context = context
        rule = Backoff(
            timedelta(seconds=settings.registry_retry_s),
            settings.registry_attempts,
            timedelta(seconds=settings.registry_longest_pause_s),
        )
        self._questions = Questions(System.PROVIDER, ENQUIRIES, rule)
        self._directory: CertificateDirectory | None = None

    def open(self, directory: CertificateDirectory) -> None:
        """Verify with ``directory`` from now on."""
        self._directory = directory

    # -- asking ----------------------------------------------------------------------------------------------

    def ask(self, case: Case) -> None:
        """Ask what the text has the provider take from the registries, if anything.

        Raises ``RejectedMessage`` (``document``) for a form that names nobody to ask about.
        """
        matter = case.matter
        try:
            asking = questions(case.regulation.channel(matter.channel), case.form)
        except ValidationError as error:
            raise RejectedMessage("document", f"the form names nobody to ask about: {error.error_count()}") from error
        if not asking:
            return
        for query, search in asking:
            enquiry = new_enquiry(matter.application, query, search)
            self._questions.ask(case.work, enquiry, regulation=matter.regulation, asked_by=self._asker(matter))
        abouts = tuple(query.about for query, _ in asking)
        case.change(registries=Asked(asked=abouts, awaited=abouts).kept())
        told = ", ".join(f"{query.registry.value}: {query.about}" for query, _ in asking)
        mark(case.work, case.matter, ASKED, detail=told, clause=asking[0][0].clause)

    def ask_again(self, work: Work, application: str, officer: str | None = None) -> None:
        """A registry has not answered in time: it is asked anew, with a longer pause each time; at once if an
        ``officer`` (login) has it asked."""
        matter = work.get(MATTERS, application)
        if matter is None:
            return
        for enquiry in enquiries_of(work, matter):
            if enquiry.state == "answered" or not (officer or _due(enquiry, work.now)):
                continue
            if matter.decision is not None:
                work.put(ENQUIRIES, enquiry.fell_silent())
                continue
            if officer is None and not enquiry.may_ask(self._questions.rule):
                self._fell_silent(work, matter)
                matter = work.get(MATTERS, application) or matter
            again = enquiry.begun_again() if officer else enquiry
            self._questions.ask(work, again, regulation=matter.regulation, asked_by=officer or self._asker(matter))
        work.touch(application)

    def _asker(self, matter: Matter) -> str:
        """In whose name it is asked: of whoever took the application, else of the organisation."""
        organisation = self._context.organisations.of_bin(matter.provider_bin)
        taken_by = (matter.intake or {}).get("by")
        return str(taken_by or (organisation.code if organisation else matter.provider_bin))

    # -- answers ---------------------------------------------------------------------------------------------

    def loads(self, received: Received) -> list[StateKey]:
        """The matter, what was asked in it, and what its procedure may need when it goes on."""
        found = loads_for(received.message.subject)
        regulation = self._context.regulations.get(received.message.regulation or "")
        if regulation is not None:
            for number in self._context.organisations.rendering(regulation.id):
                found += self._context.place_loads(regulation, number)
        return found

    def accept_answer(self, work: Work, received: Received) -> None:
        """A registry has answered: late, twice or out of order. With the last answer the decision may fall.

        Raises ``RejectedMessage``: ``not-requested``, ``request-digest``, ``document-signature``, ``document``; the
        matter then goes on waiting for an answer that is one.
        """
        matter = work.get(MATTERS, received.message.subject)
        enquiry = self._questions.named(received, [] if matter is None else enquiries_of(work, matter))
        if matter is None or matter.registries is None or enquiry.state == "answered":
            return
        assert self._directory is not None, "enquiries are opened with the platform"
        kept = self._questions.answered(
            work, received, enquiry, regulation=matter.regulation, directory=self._directory
        )
        case = self._context.case(work, matter, requests.form_of(matter.document))
        channel = case.regulation.channel(matter.channel)
        on = case.context.local(work.now).date()
        findings = judge_answer(kept, case.form, on)
        asked = Asked.of(matter.registries).answered(kept.about, obtained_documents(channel, kept, case.form), findings)
        case.change(registries=asked.kept())
        told = f"{kept.system}: {kept.about}: {', '.join(findings) or 'in order'}"
        mark(case.work, case.matter, ANSWERED, detail=told, clause=kept.clause)
        if asked.awaited or matter.state != MatterState.IN_REVIEW or matter.decision is not None:
            case.keep()
            return
        found = [FoundGround.model_validate(finding) for finding in matter.findings]
        case.change(findings=[ground.model_dump() for ground in judged(case, found)])
        procedure.go_on(case)

    def note_rejection(self, work: Work, received: Received) -> bool:
        """A registry, or the gateway, does not take a request of ours; whether it was one. An officer decides."""
        matter = work.get(MATTERS, received.message.subject)
        if matter is None or self._questions.rejected(work, received, enquiries_of(work, matter)) is None:
            return False
        if matter.awaits_registries:
            self._fell_silent(work, matter)
        return True

    def _fell_silent(self, work: Work, matter: Matter) -> None:
        """Enough was asked: whoever examines may decide without the answer, and the recipient learns that it is in
        work."""
        if matter.registries is None or matter.registries["silent"]:
            return
        case = self._context.case(work, matter, requests.form_of(matter.document))
        case.change(registries=replace(Asked.of(matter.registries), silent=True).kept())
        mark(case.work, matter, SILENT, detail=", ".join(matter.registries["awaited"]))
        procedure.go_on(case)


def _due(enquiry: Enquiry, now: datetime) -> bool:
    return enquiry.due_at is not None and enquiry.due_at <= now


def loads_for(application: str) -> list[StateKey]:
    """The matter and everything that can have been asked in it."""
    return [(MATTERS, application), *((ENQUIRIES, enquiry_key(application, about)) for about in ABOUTS)]


def enquiries_of(work: Work, matter: Matter) -> list[Enquiry]:
    """What was asked in the matter, as far as it is loaded."""
    abouts = matter.registries["asked"] if matter.registries else ()
    found = (work.get(ENQUIRIES, enquiry_key(matter.application, about)) for about in abouts)
    return [enquiry for enquiry in found if enquiry is not None]
