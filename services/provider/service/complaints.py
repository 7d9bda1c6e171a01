"""Complaints: taken with what the text requires, against a slip; answered in writing. Only where the text has them."""

import asyncio
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from services.provider import repository
from services.provider.domain.complaints import Complaint
from services.provider.domain.register import Counter, counter_name, register_number
from services.provider.errors import ComplaintNotProvided, IllegalMove, WrongRole
from services.provider.repository import COMPLAINTS, COUNTERS
from services.provider.service.context import Context
from services.provider.service.officers import Officer, Officers
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput, NotFound
from shared.kit.text import Text
from shared.messaging.platform import Platform
from shared.printing.page import Page, PrintLanguage, print_page
from shared.regulations.complaints import Complaints as StatedComplaints
from shared.regulations.terms import Role

_HEADS = frozenset({Role.HEAD, Role.AKIM, Role.HEAD_OF_PROVIDER})
_SLIP = Text(kk="Шағымның қабылданғаны туралы талон", ru="Талон о приёме жалобы", en="Slip for the complaint")
_ANSWER = Text(kk="Шағымға жауап", ru="Ответ на жалобу", en="Answer to the complaint")
_ROWS = {
    "number": Text(kk="Нөмірі", ru="Номер", en="Number"),
    "accepted_at": Text(kk="Қабылданған күні мен уақыты", ru="Дата и время приёма", en="Accepted at"),
    "accepted_by": Text(kk="Қабылдаған адам", ru="Принял", en="Accepted by"),
    "complainant": Text(kk="Шағымданушы", ru="Заявитель", en="Complainant"),
    "postal_address": Text(kk="Пошталық мекенжайы", ru="Почтовый адрес", en="Postal address"),
    "addressee": Text(kk="Кімге", ru="Кому", en="Addressee"),
    "about": Text(kk="Шағым кімге", ru="На кого", en="About"),
    "answer": Text(kk="Жауап", ru="Ответ", en="Answer"),
    "answered_at": Text(kk="Жауап берілген күні", ru="Дата ответа", en="Answered on"),
    "court": Text(kk="Сотқа жүгіну құқығы", ru="Право на обращение в суд", en="Right to go to court"),
}


class Complaints:
    """Use cases of complaints. What was taken by another organisation does not exist (``NotFound``)."""

    def __init__(self, context: Context, officers: Officers) -> None:
        self._context = context
        self._officers = officers
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def take(
        self,
        officer: Officer,
        regulation: str,
        level: str,
        content: Mapping[str, Any],
        application: str | None,
        *,
        signed: bool,
    ) -> Complaint:
        """Take a complaint over the counter; whoever hands it in gets the slip.

        Raises ``NotFound``, ``ComplaintNotProvided`` where the text has none, or no such level; ``InvalidInput``
        for one without the complainant's signature.
        """
        stated = self._stated(regulation, level)
        if not signed:
            message = f"the complaint has to be signed (clause {stated.fields_clause})"
            raise InvalidInput(faults=[{"in": "body", "path": "/signed", "message": message}])
        platform, own = self._opened(), self._officers.organisation_of(officer).bin
        at = self._context.local(platform.clock.now())
        names = [counter_name("complaints", own, at.year + ahead) for ahead in (0, 1)]
        async with platform.runtime.work([(COUNTERS, name) for name in names]) as work:
            at = self._context.local(work.now)
            name = counter_name("complaints", own, at.year)
            counter = (work.get(COUNTERS, name) or Counter(name)).next()
            work.put(COUNTERS, counter)
            complaint = Complaint(
                id=work.new_id(),
                number=register_number(at, counter.last),
                provider_bin=own,
                regulation=regulation,
                level=level,
                application=application,
                content={**content, "clause": stated.fields_clause},
                accepted_at=work.now,
                accepted_by=officer.login,
                accepted_by_name=officer.name,
            )
            work.put(COMPLAINTS, complaint)
        return complaint

    async def answer(self, officer: Officer, complaint_id: str, text: str, *, justified: bool) -> Complaint:
        """The head answers in writing, once; the answer goes by post.

        Raises ``WrongRole`` for anybody else, ``IllegalMove`` for another answer than the first.
        """
        if not _HEADS & set(officer.roles):
            raise WrongRole("the head answers a complaint", role=Role.HEAD.value)
        async with self._opened().runtime.work([(COMPLAINTS, complaint_id)]) as work:
            complaint = self._own(officer, work.get(COMPLAINTS, complaint_id))
            answer = {
                "text": text,
                "justified": justified,
                "by": officer.login,
                "name": officer.name,
                "sent_by": "post",
            }
            if complaint.answer is not None:
                if complaint.answer == answer:
                    return complaint
                raise IllegalMove("the complaint has its answer", state="answered")
            answered = complaint.answered(answer, work.now)
            work.put(COMPLAINTS, answered)
        return answered

    async def listed(self, officer: Officer, *, before: str | None, limit: int) -> list[Complaint]:
        """Those taken at the officer's organisation, newest first."""
        own = self._officers.organisation_of(officer).bin
        async with self._opened().database.session() as session:
            return await repository.list_complaints(session, own, before=before, limit=limit)

    async def printed(self, officer: Officer, complaint_id: str, language: PrintLanguage, *, answer: bool) -> bytes:
        """The slip, or the written answer, as a PDF. Raises ``NotFound``."""
        async with self._opened().database.session() as session:
            found = (await COMPLAINTS.load(session, [complaint_id])).get(complaint_id)
        complaint = self._own(officer, found)
        if answer and complaint.answer is None:
            raise NotFound("the complaint is not answered yet")
        return await asyncio.to_thread(self._print, complaint, language, answer)

    def slip(self, complaint: Complaint) -> dict[str, Any]:
        """What the slip states: date and time, and who took the complaint."""
        stated = self._stated(complaint.regulation, complaint.level)
        return {
            "number": complaint.number,
            "accepted_at": rfc3339(complaint.accepted_at),
            "accepted_by": complaint.accepted_by_name,
            "clause": stated.slip_clause,
        }

    def _print(self, complaint: Complaint, language: PrintLanguage, answer: bool) -> bytes:
        stated = self._stated(complaint.regulation, complaint.level)
        content, at = complaint.content, self._context.local(complaint.accepted_at)
        level = next(known for known in stated.levels if known.code == complaint.level)
        values = {
            "number": complaint.number,
            "accepted_at": f"{at:%d.%m.%Y %H:%M}",
            "accepted_by": complaint.accepted_by_name,
            "complainant": content["names"],
        }
        if answer and complaint.answer is not None and complaint.answered_at is not None:
            values |= {
                "postal_address": content["postal_address"],
                "addressee": level.addressee.pick(language),
                "about": content["about"],
                "answer": complaint.answer["text"],
                "answered_at": f"{self._context.local(complaint.answered_at):%d.%m.%Y}",
                "court": stated.court.pick(language),
            }
        rows = [(_ROWS[name].pick(language), escape(str(value))) for name, value in values.items()]
        title, service = _ANSWER if answer else _SLIP, self._context.regulations[complaint.regulation].service
        return print_page(Page(title.pick(language), service.pick(language), rows, complaint.number, language))

    def _stated(self, regulation_id: str, level: str) -> StatedComplaints:
        regulation = self._context.regulations.get(regulation_id)
        if regulation is None:
            raise NotFound(f"there is no regulation {regulation_id!r}")
        if regulation.complaints is None:
            raise ComplaintNotProvided(f"{regulation_id} says nothing of complaints")
        if level not in [known.code for known in regulation.complaints.levels]:
            levels = [{"level": known.code, "clause": known.clause} for known in regulation.complaints.levels]
            raise ComplaintNotProvided(f"{regulation_id} has no complaint of the level {level!r}", levels=levels)
        return regulation.complaints

    def _own(self, officer: Officer, complaint: Complaint | None) -> Complaint:
        if complaint is None or complaint.provider_bin != self._officers.organisation_of(officer).bin:
            raise NotFound("there is no such complaint")
        return complaint

    def _opened(self) -> Platform:
        assert self._platform is not None, "complaints are opened with the platform"
        return self._platform
