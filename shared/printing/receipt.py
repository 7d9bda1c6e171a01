"""Receipts for visitors: the groups of fields a regulation lists, as data and as a printed page."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from xml.sax.saxutils import escape

from shared.kit.text import Text
from shared.printing.page import Page, PrintLanguage, print_page


class Group(Protocol):
    """One group of fields of a receipt."""

    @property
    def code(self) -> str: ...
    @property
    def text(self) -> Text: ...
    @property
    def items(self) -> Sequence[str]: ...


class Form(Protocol):
    """A receipt as a regulation describes it."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> Text: ...
    @property
    def clause(self) -> str: ...
    @property
    def groups(self) -> Sequence[Group]: ...


LABELS = {
    "number": Text(kk="Нөмірі", ru="Номер", en="Number"),
    "date": Text(kk="Күні", ru="Дата", en="Date"),
    "service": Text(kk="Мемлекеттік көрсетілетін қызмет", ru="Государственная услуга", en="Public service"),
    "document_count": Text(kk="Құжаттар саны", ru="Количество документов", en="Number of documents"),
    "document_names": Text(kk="Құжаттар", ru="Документы", en="Documents"),
    "missing_documents": Text(kk="Жетіспейтін құжаттар", ru="Недостающие документы", en="Missing documents"),
    "issue_date": Text(kk="Берілетін күні", ru="Дата выдачи", en="Date of issue"),
    "issue_time": Text(kk="Берілетін уақыты", ru="Время выдачи", en="Time of issue"),
    "issue_place": Text(kk="Берілетін орны", ru="Место выдачи", en="Place of issue"),
    "employee_names": Text(kk="Қабылдаған қызметкер", ru="Принявший работник", en="Accepted by"),
    "applicant_names": Text(kk="Көрсетілетін қызметті алушы", ru="Услугополучатель", en="Service recipient"),
    "applicant_phone": Text(kk="Алушының телефоны", ru="Телефон услугополучателя", en="Recipient's telephone"),
    "representative_names": Text(kk="Уәкілетті өкіл", ru="Уполномоченный представитель", en="Representative"),
    "representative_phone": Text(kk="Өкілдің телефоны", ru="Телефон представителя", en="Representative's telephone"),
}


def receipt_of(form: Form, items: Mapping[str, Any], regulation: str, application: str) -> dict[str, Any]:
    """The receipt group by group, in the order of the regulation. What is not among ``items`` is left out."""
    return {
        "kind": form.kind,
        "name": form.name.model_dump(),
        "clause": form.clause,
        "regulation": regulation,
        "application": application,
        "groups": [
            {
                "code": group.code,
                "text": group.text.model_dump(),
                "items": {name: items[name] for name in group.items if items.get(name) not in (None, "")},
            }
            for group in form.groups
        ],
    }


def print_receipt(found: Mapping[str, Any], language: PrintLanguage) -> bytes:
    """The receipt as an unsigned PDF. Takes some ten milliseconds; call it in a thread."""
    items = {name: value for group in found["groups"] for name, value in group["items"].items()}
    rows = [(LABELS[name].pick(language), _words(value, language)) for name, value in items.items()]
    number = str(items.get("number", ""))
    subtitle = f"{LABELS['number'].pick(language)} {number}" if number else ""
    return print_page(Page(found["name"][language], subtitle, rows, number or found["application"], language))


def _words(value: Any, language: PrintLanguage) -> str:
    if isinstance(value, list | tuple):
        return "<br/>".join(f"{n}. {_words(item, language)}" for n, item in enumerate(value, start=1)) or "—"
    return escape(str(value[language] if isinstance(value, Mapping) else value))
