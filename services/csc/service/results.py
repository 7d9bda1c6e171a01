"""Process 9 and what may come instead: the result is handed out, or goes to the provider when nobody came for it."""

from pathlib import Path
from typing import Any, Literal

from services.csc.domain.documents import IssuedDocument
from services.csc.domain.enquiry import Enquiry
from services.csc.domain.findings import covers
from services.csc.domain.matter import Matter, State
from services.csc.domain.people import Operator
from services.csc.errors import NotEntitled
from services.csc.repository import ISSUED_DOCUMENTS, MATTERS, queries
from services.csc.service.context import CHANNEL, Context, checked_id, log_look
from shared.db.states import StateKey
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput, NotFound
from shared.messages.application import ResultReturned
from shared.messages.extracts import DocumentStatus, PersonExtract, PowersOfAttorneyExtract
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.printables import Printables, PrintLanguage
from shared.messaging.steps import take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action

Receiver = Literal["applicant", "representative"]


class Results:
    """Use cases around the provider's acts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._printables = Printables(context.printed, context.settings.provider_url)

    async def act(self, operator: Operator, matter_id: str) -> IssuedDocument:
        """The result, or the reasoned refusal; the look is noted. Raises ``NotFound``, also while there is none."""
        loads: list[StateKey] = [(MATTERS, checked_id(matter_id)), (ISSUED_DOCUMENTS, matter_id)]
        async with self._context.platform.runtime.work(loads) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            found = work.get(ISSUED_DOCUMENTS, matter.id)
            if found is None:
                raise NotFound("there is no result yet")
            log_look(work, operator, matter, "result_read")
        return found

    async def printed(self, operator: Operator, matter_id: str, language: PrintLanguage) -> Path:
        """The printed form signed by the provider. Raises ``NotFound``, ``Unavailable``."""
        act = await self.act(operator, matter_id)
        return await self._printables.printable(self._context.platform, act.sha256, act.provider_bin, language)

    async def hand_out(self, operator: Operator, matter_id: str, who: Receiver, document_number: str) -> Matter:
        """Process 9: the visitor receives the result from the operator, against an identity document. The message that
        refuses the service (process 8) is handed out in the same way.

        Raises ``NotFound``, ``WrongState``, ``NotEntitled``, ``InvalidInput`` for a document that is not the
        applicant's.
        """
        seen = await self._context.own(operator, matter_id)
        async with self._context.platform.database.session() as session:
            enquiries = {item.about: item for item in await queries.enquiries_of(session, seen)}
        async with self._context.platform.runtime.work([(MATTERS, matter_id)]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            person = (matter.form or {}).get(who)
            handing_out: dict[str, Any] = {
                "who": who,
                "iin": (person or {}).get("iin"),
                "identity_document": document_number,
                "at": rfc3339(work.now),
                "operator": operator.login,
            }
            given = matter.handed_out(handing_out, work.now)
            if person is None:
                raise NotEntitled("nobody represents the applicant in this matter")
            if who == "applicant":
                self._check_document(enquiries.get("applicant"), document_number)
            else:
                self._check_power(enquiries.get("power_of_attorney"), matter)
            log_look(work, operator, matter, "handed_out")
            if matter.state is State.READY:
                regulation, _ = self._context.law_of(matter)
                take_step(work, regulation, CHANNEL, Action.HAND_OUT_RESULT, matter.id, detail=who)
            work.journal(matter.id, matter.service, CHANNEL, "handed_out", mark=True)
            work.put(MATTERS, given)
            work.touch(matter.id)
        return given

    def return_uncollected(self, work: Work, matter_id: str) -> None:
        """Nobody came within the time of storage: the result goes to the provider for further keeping."""
        matter, act = work.get(MATTERS, matter_id), work.get(ISSUED_DOCUMENTS, matter_id)
        if matter is None or act is None or matter.state is not State.READY or matter.kept_until is None:
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
        )
        returned = matter.returned(work.effects.sendings[-1].digest, work.now)
        regulation, _ = self._context.law_of(matter)
        take_step(work, regulation, CHANNEL, Action.RETURN_UNCOLLECTED, matter.id, message_id=message.id)
        work.put(MATTERS, returned)
        work.touch(matter.id)

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
