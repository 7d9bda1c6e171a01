"""Process 6 and what stands for it in the short form: the package is accepted, handed over and sent."""

import base64
import json
from contextlib import AbstractAsyncContextManager

from services.csc.domain.course import course_of
from services.csc.domain.documents import SignedRequest
from services.csc.domain.matter import Matter
from services.csc.domain.people import Operator
from services.csc.domain.states import State
from services.csc.domain.terms import closed
from services.csc.domain.visits import Counter
from services.csc.errors import WrongCourse
from services.csc.repository import COUNTERS, MATTERS, SIGNED_REQUESTS
from services.csc.service.certification import Certification, Certified, Draft
from services.csc.service.context import Context, checked_id
from services.csc.service.journal import journal_step, put
from services.csc.service.terms import Terms
from shared.db.states import StateKey
from shared.kit.errors import Conflict, NotFound
from shared.messages.application import ApplicationSubmitted
from shared.messages.payload import AttachmentReference, SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.errors import WrongState


class Submission:
    """Use cases of accepting and sending."""

    def __init__(self, context: Context, certification: Certification) -> None:
        self._context = context
        self._certification = certification
        self._terms = Terms(context)

    async def submit(self, operator: Operator, matter_id: str, signature: str | None) -> Matter:
        """Process 6: the certified request leaves through the gateway; sent already, the answer is the same. Without
        ``signature`` (DER in base64) it is made at the workplace.

        Raises as ``sign``; ``SignatureMismatch`` if the signature is not the operator's over exactly these bytes,
        ``WrongCourse`` where the package is accepted in a step of its own.
        """
        matter = await self._of_course(operator, matter_id, accepts=False)
        if matter.message_id is not None:
            return matter
        draft, certified = await self._certification.certify(operator, matter_id, signature)
        return await self._keep(operator, draft, certified)

    async def accept(self, operator: Operator, matter_id: str, signature: str | None) -> Matter:
        """The short form: the complete package is accepted against the receipt, and certified by the operator; accepted
        already, the answer is the same. It stays at the centre until it is handed over, if the text says so.

        Raises as ``submit``, ``ConsentMissing``.
        """
        matter = await self._of_course(operator, matter_id, accepts=True)
        if matter.ready_by is not None:
            return matter
        draft, certified = await self._certification.certify(operator, matter_id, signature)
        return await self._keep(operator, draft, certified)

    async def hand_over(self, operator: Operator, matter_id: str) -> Matter:
        """The accepted package goes to the provider: as the signed request through the gateway. Where a courier brings
        it, it is with the courier first. Done before, the answer is the same. Raises ``NotFound``, ``WrongState``,
        ``WrongCourse``."""
        await self._of_course(operator, matter_id, accepts=True)
        async with self._loaded(matter_id) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            if matter.message_id is not None or matter.state is State.PACKAGE_WITH_COURIER:
                return matter
            if matter.state is not State.ACCEPTED:
                raise WrongState("there is no accepted package", state=matter.state.value)
            if self._terms.has_courier(matter, Action.HAND_TO_PROVIDER):
                gone = matter.package_sent_off(work.now)
                return put(work, self._terms.with_courier(gone, Action.HAND_TO_PROVIDER, work.now))
            return self._send_kept(work, matter)

    async def courier_delivered(self, operator: Operator, matter_id: str) -> Matter:
        """The courier has brought the package to the provider. Raises ``NotFound``, ``WrongState``."""
        await self._context.own(operator, matter_id)
        async with self._loaded(matter_id) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            if matter.state is not State.PACKAGE_WITH_COURIER:
                raise WrongState("the package is not with a courier", state=matter.state.value)
            return self._send_kept(work, matter)

    async def _of_course(self, operator: Operator, matter_id: str, *, accepts: bool) -> Matter:
        matter = await self._context.own(operator, matter_id)
        course = course_of(self._context.law_of(matter)[1])
        if course.accepts is not accepts:
            raise WrongCourse(
                "the package is accepted in a step of its own" if course.accepts else "there is no acceptance here",
                actions=sorted(course.actions),
            )
        return matter

    async def _keep(self, operator: Operator, draft: Draft, certified: Certified) -> Matter:
        """The package is accepted, with its receipt; it leaves at once unless handing it over is a step of its own."""
        now = self._context.clock.now()
        counter = number_counter(operator.centre, now.astimezone(self._context.zone).year)
        async with self._loaded(draft.matter.id, (COUNTERS, counter)) as work:
            matter = self._context.owned(work.get(MATTERS, draft.matter.id), operator)
            if matter.ready_by is not None:
                return matter
            if self._certification.content(operator, matter, draft.enquiries) != certified.content:
                raise Conflict("the matter was changed while it was being submitted")
            regulation, channel = self._context.law_of(matter)
            request = SignedRequest(
                matter.id,
                certified.content.decode(),
                base64.b64encode(certified.der).decode(),
                certified.certificate.der,
                certified.report.as_dict(),
                operator.login,
                work.now,
            )
            work.put(SIGNED_REQUESTS, request)
            journal_step(work, regulation, matter, Action.ACCEPT_PACKAGE, passed=True)
            journal_step(work, regulation, matter, Action.COMPLETE_REQUEST)
            number, asks = next_number(work, operator.centre, self._context), self._certification.asks(matter)
            terms = self._terms.plan(matter, work.now)
            accepted = matter.accepted(number, operator.login, terms, work.now, asks=asks)
            if course_of(channel).hands_over:
                return put(work, self._terms.opened(accepted, Action.HAND_TO_PROVIDER, work.now))
            return self._send(work, accepted, request)

    def _send_kept(self, work: Work, matter: Matter) -> Matter:
        request = work.get(SIGNED_REQUESTS, matter.id)
        if request is None:
            raise NotFound("nothing was accepted here")
        return self._send(work, matter, request)

    def _send(self, work: Work, matter: Matter, request: SignedRequest) -> Matter:
        """The signed request leaves through the gateway, as it was certified."""
        regulation, _ = self._context.law_of(matter)
        references = tuple(
            AttachmentReference.kept_by(System.CSC, **item) for item in json.loads(request.content)["attachments"]
        )
        message = work.send(
            MessageType.APPLICATION_SUBMITTED,
            System.REGIONAL_GATEWAY,
            matter.id,
            ApplicationSubmitted(
                channel=matter.channel,
                document=SignedDocument(content=request.content, signature=request.signature),
                attachments=references,
                submitted_at=matter.accepted_at,
            ),
            regulation=regulation.id,
        )
        digest = work.effects.sendings[-1].digest
        for action in (Action.HAND_TO_PROVIDER, Action.SEND_REQUEST):
            journal_step(work, regulation, matter, action, message_id=message.id)
        return put(work, closed(matter).submitted((message.id, digest), work.now))

    def _loaded(self, matter_id: str, *more: StateKey) -> AbstractAsyncContextManager[Work]:
        loads: list[StateKey] = [(MATTERS, checked_id(matter_id)), (SIGNED_REQUESTS, matter_id), *more]
        return self._context.platform.runtime.work(loads)


def number_counter(centre: str, year: int) -> str:
    """Name of the counter of a centre's receipt numbers in a calendar year."""
    return f"receipts:{centre}:{year}"


def next_number(work: Work, centre: str, context: Context) -> str:
    """The next number of a receipt, e.g. ``ALMALY-2026-000001``. Its counter has to be loaded."""
    year = work.now.astimezone(context.zone).year
    name = number_counter(centre, year)
    counter = (work.get(COUNTERS, name) or Counter(name)).next()
    work.put(COUNTERS, counter)
    return f"{centre.upper()}-{year}-{counter.last:06d}"
