"""Receipts for the visitor, and the refusal to accept an incomplete package."""

import asyncio
from typing import Any, Literal
from xml.sax.saxutils import escape

from services.csc.domain.matter import Matter
from services.csc.domain.papers import missing
from services.csc.domain.people import Operator
from services.csc.domain.receipts import ReceiptBasis, receipt
from services.csc.domain.terms import closed
from services.csc.errors import PackageComplete
from services.csc.repository import COUNTERS, MATTERS, queries
from services.csc.service.context import Context, checked_id, log_look
from services.csc.service.journal import journal_step, put
from services.csc.service.operators import Operators
from services.csc.service.submission import next_number, number_counter
from shared.db.states import StateKey
from shared.kit.errors import NotFound
from shared.kit.text import Text
from shared.messaging.steps import step_of
from shared.printing.page import Page, PrintLanguage, print_page
from shared.printing.receipt import LABELS
from shared.regulations.actions import Action
from shared.regulations.grounds import grounds_at

ReceiptKind = Literal["acceptance", "refusal"]

_LABELS = LABELS | {"employee_names": Text(kk="Орталық қызметкері", ru="Работник центра", en="Worker of the centre")}


class Receipts:
    """Use cases around receipts."""

    def __init__(self, context: Context, operators: Operators) -> None:
        self._context = context
        self._operators = operators

    async def refuse_acceptance(self, operator: Operator, matter_id: str) -> Matter:
        """The package is incomplete: the application is not accepted, and the receipt says what is missing. Done
        before, the answer is the same.

        Raises ``NotFound``, ``WrongState``, ``PackageComplete``: for nothing else acceptance may be refused.
        """
        seen = await self._context.own(operator, matter_id)
        async with self._context.platform.database.session() as session:
            enquiries = await queries.enquiries_of(session, seen)
        now = self._context.clock.now()
        counter = number_counter(operator.centre, now.astimezone(self._context.zone).year)
        loads: list[StateKey] = [(MATTERS, checked_id(matter_id)), (COUNTERS, counter)]
        async with self._context.platform.runtime.work(loads) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            regulation, channel = self._context.law_of(matter)
            step = step_of(regulation, matter.channel, Action.REFUSE_PACKAGE)
            if (matter.closing or {}).get("step") == step.id:
                return matter
            lacking = missing(matter, channel, enquiries)
            grounds = grounds_at(regulation, matter.channel, Action.REFUSE_PACKAGE)
            closing = {
                "step": step.id,
                "clause": step.clause,
                "text": step.text.model_dump(),
                "missing": lacking,
                "grounds": [ground.model_dump(include={"code", "text", "clause"}) for ground in grounds],
            }
            number = next_number(work, operator.centre, self._context)
            refused = matter.acceptance_refused(closing, number, operator.login, work.now)
            if not lacking:
                raise PackageComplete("acceptance is refused only if documents are missing")
            if not matter.reached("querying"):
                journal_step(work, regulation, matter, Action.ENTER_APPLICANT, at=matter.entered_at)
            detail = ", ".join(item["document"] for item in lacking)
            journal_step(work, regulation, matter, Action.ACCEPT_PACKAGE, passed=False, detail=detail)
            journal_step(work, regulation, matter, Action.REFUSE_PACKAGE, detail=detail)
            return put(work, closed(refused))

    async def receipt(self, operator: Operator, matter_id: str, kind: ReceiptKind) -> dict[str, Any]:
        """The receipt of acceptance, or of its refusal, group by group; the look is noted. Raises ``NotFound``, also
        while there is none."""
        async with self._context.platform.runtime.work([(MATTERS, checked_id(matter_id))]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            found = self._receipt(matter, kind)
            log_look(work, operator, matter, "receipt_read")
        return found

    async def printed(self, operator: Operator, matter_id: str, kind: ReceiptKind, language: PrintLanguage) -> bytes:
        """The receipt as a PDF. Raises ``NotFound``."""
        found = await self.receipt(operator, matter_id, kind)
        return await asyncio.to_thread(_print, found, language)

    def _receipt(self, matter: Matter, kind: ReceiptKind) -> dict[str, Any]:
        regulation, channel = self._context.law_of(matter)
        form = channel.receipt(kind)
        accepted = matter.ready_by is not None
        refused = matter.reached("refused") and matter.accepted_at is not None and not accepted
        if form is None or not (accepted if kind == "acceptance" else refused):
            raise NotFound("there is no such receipt")
        centre = self._context.centres[matter.centre]
        names = self._operators.names_of(matter.accepted_by)
        return receipt(form, ReceiptBasis(matter, regulation, channel, centre, names, self._context.zone))


def _print(found: dict[str, Any], language: PrintLanguage) -> bytes:
    items = {name: value for group in found["groups"] for name, value in group["items"].items()}
    rows = [(_LABELS[name].pick(language), _words(value, language)) for name, value in items.items()]
    subtitle = _LABELS["number"].pick(language) + f" {items['number']}"
    return print_page(Page(found["name"][language], subtitle, rows, str(items["number"]), language))


def _words(value: Any, language: PrintLanguage) -> str:
    if isinstance(value, list):
        return "<br/>".join(f"{n}. {_words(item, language)}" for n, item in enumerate(value, start=1)) or "—"
    return escape(str(value[language] if isinstance(value, dict) else value))
