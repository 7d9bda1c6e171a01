"""What is printed at the counter: the receipt for the documents, and the contract with the recipient."""

import asyncio
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from services.provider.domain.matter import Matter
from services.provider.service.desk import Desk
from services.provider.service.matters import Matters
from services.provider.service.officers import Officer
from services.provider.service.organisations import Signatory
from services.provider.service.requests import form_of
from services.provider.service.results import names_of, person_fields
from shared.kit.errors import NotFound
from shared.kit.text import Text
from shared.messaging.platform import Platform
from shared.printing.page import Page, PrintLanguage, print_page
from shared.printing.receipt import print_receipt, receipt_of
from shared.regulations.model import Regulation
from shared.regulations.procedure import TaskPlan
from shared.regulations.terms import Act

_CONTRACT = Text(kk="Шарт", ru="Договор", en="Contract")
_ROWS = {
    "number": Text(kk="Шарттың нөмірі", ru="Номер договора", en="Number of the contract"),
    "date": Text(kk="Жасалған күні", ru="Дата заключения", en="Concluded on"),
    "provider": Text(kk="Көрсетілетін қызметті беруші", ru="Услугодатель", en="Service provider"),
    "recipient": Text(kk="Көрсетілетін қызметті алушы", ru="Услугополучатель", en="Service recipient"),
    "child": Text(kk="Бала", ru="Ребёнок", en="Child"),
    "subject": Text(kk="Шарттың мәні", ru="Предмет договора", en="Subject of the contract"),
    "term": Text(kk="Қызмет көрсету мерзімі", ru="Срок оказания", en="Term"),
    "clause": Text(kk="Регламенттің тармағы", ru="Пункт регламента", en="Clause of the regulation"),
    "signed_by": Text(kk="Қол қойған", ru="Подписал", en="Signed by"),
}
_DAYS = Text(
    kk="күнтізбелік {least} күннен {most} күнге дейін",
    ru="от {least} до {most} календарных дней",
    en="from {least} to {most} calendar days",
)


class Papers:
    """The receipt and the contract of a matter. A matter of another organisation does not exist (``NotFound``)."""

    def __init__(self, matters: Matters, desk: Desk) -> None:
        self._context = matters.context
        self._desk = desk
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def receipt(self, officer: Officer, application: str) -> dict[str, Any]:
        """The receipt of acceptance, group by group. Raises ``NotFound`` where the text has none, or nothing was taken
        over the counter."""
        matter = (await self._desk.view(officer, application)).matter
        regulation = self._context.regulations[matter.regulation]
        form = regulation.channel(matter.channel).receipt("acceptance")
        if form is None or matter.intake is None:
            raise NotFound("there is no such receipt")
        return receipt_of(form, self._items(matter), matter.regulation, matter.application)

    async def printed_receipt(self, officer: Officer, application: str, language: PrintLanguage) -> bytes:
        """The receipt as a PDF. Raises ``NotFound``."""
        found = await self.receipt(officer, application)
        return await asyncio.to_thread(print_receipt, found, language)

    async def printed_contract(self, officer: Officer, application: str, language: PrintLanguage) -> bytes:
        """The contract as a PDF with the signature of the organisation's authorised person. Raises ``NotFound`` if none
        was concluded, ``Unavailable`` before the key is enrolled."""
        matter = (await self._desk.view(officer, application)).matter
        organisation = self._context.organisations.of_bin(matter.provider_bin)
        if matter.contract is None or organisation is None:
            raise NotFound("there is no contract in this matter")
        signatory = self._context.organisations.signatory(organisation)
        return await asyncio.to_thread(self._contract, matter, signatory, language)

    def _items(self, matter: Matter) -> dict[str, Any]:
        """Everything a receipt can state that exists in this matter; texts in three languages, times local."""
        assert matter.intake is not None
        regulation = self._context.regulations[matter.regulation]
        organisation = self._context.organisations.of_bin(matter.provider_bin)
        names = {document.code: document.name.model_dump() for document in regulation.channel(matter.channel).documents}
        form = form_of(matter.document)
        representative = form.get("representative") or {}
        taken_at = self._context.local(matter.registered_at)
        ready = self._context.local(matter.due_at) if matter.due_at else None
        return {
            "number": matter.register_number,
            "date": f"{taken_at:%d.%m.%Y %H:%M}",
            "service": regulation.service.model_dump(),
            "document_count": len(matter.intake["papers"]),
            "document_names": [names[code] for code in matter.intake["papers"]],
            "issue_date": f"{ready:%d.%m.%Y}" if ready else None,
            "issue_time": f"{ready:%H:%M}" if ready else None,
            "issue_place": _issue_place(regulation, form, organisation.name if organisation else None),
            "employee_names": matter.intake["name"],
            "applicant_names": names_of(form.get("applicant") or {}),
            "applicant_phone": (form.get("applicant") or {}).get("phone"),
            "representative_names": names_of(representative),
            "representative_phone": representative.get("phone"),
        }

    def _contract(self, matter: Matter, signatory: Signatory, language: PrintLanguage) -> bytes:
        regulation = self._context.regulations[matter.regulation]
        organisation = self._context.organisations.of_bin(matter.provider_bin)
        contract, plans = matter.contract or {}, self._context.chain_of(matter).plans
        form, person = form_of(matter.document), organisation.authorised_person if organisation else None
        concluding = next((plan for plan in plans if Act.CONCLUDE_CONTRACT in plan.acts), None)
        values = {
            "number": contract["number"],
            "date": contract["concluded_at"][:10],
            "provider": organisation.name.pick(language) if organisation else "",
            "recipient": names_of(person_fields(form.get("applicant"))),
            "child": names_of(person_fields(form.get("child"))),
            "subject": regulation.service.pick(language),
            "term": _term(next((plan for plan in plans if Act.RENDER in plan.acts), None), language),
            "clause": concluding.clause if concluding else "",
            "signed_by": f"{person.surname} {person.given_name}, {person.role.pick(language)}" if person else "",
        }
        rows = [(_ROWS[name].pick(language), escape(str(value))) for name, value in values.items() if value]
        title = f"{_CONTRACT.pick(language)} № {contract['number']}"
        page = print_page(Page(title, regulation.title.pick(language), rows, contract["number"], language))
        assert self._platform is not None, "papers are printed once the provider is open"
        return signatory.sign_pdf(page, self._platform.clock.now(), f"TEST {contract['number']}")


def _issue_place(regulation: Regulation, form: Mapping[str, Any], organisation: Text | None) -> dict[str, str] | None:
    """Where the result is given; with address, telephone and hours where the text has a list of its places."""
    if organisation is None:
        return None
    place = regulation.place_of(form)
    described = regulation.places.described(place, organisation) if regulation.places and place else organisation
    return described.model_dump()


def _term(rendering: TaskPlan | None, language: PrintLanguage) -> str:
    duration = rendering.duration if rendering else None
    if duration is None or duration.minimum is None or duration.maximum is None:
        return ""
    return _DAYS.pick(language).format(least=duration.minimum, most=duration.maximum)
