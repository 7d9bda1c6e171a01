"""The printed form of an act: one page in Kazakh or Russian with the fields the text names, the document's hash and a
QR code.

Takes some ten milliseconds; call it in a thread.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from services.provider.service.results import names_of
from shared.kit.text import Text
from shared.printing.page import Page, PrintLanguage, print_page
from shared.regulations.fields import FormField
from shared.regulations.model import Regulation
from shared.regulations.results import ResultForm

__all__ = ["PrintLanguage", "print_act"]

_REFUSAL_TITLE = Text(
    kk="Мемлекеттік қызметті көрсетуден бас тарту туралы дәлелді жауап",
    ru="Мотивированный отказ в оказании государственной услуги",
    en="Reasoned refusal of a public service",
)
_LABELS = {
    "entry_number": Text(kk="Тіркеу нөмірі", ru="Регистрационный номер", en="Entry number"),
    "application": Text(kk="Өтініш", ru="Заявление", en="Application"),
    "recipient": Text(kk="Көрсетілетін қызметті алушы", ru="Услугополучатель", en="Service recipient"),
    "child": Text(kk="Бала", ru="Ребёнок", en="Child"),
    "queue_number": Text(kk="Кезектегі нөмірі", ru="Номер очередности", en="Queue number"),
    "queue_place": Text(kk="Берілген сәттегі орны", ru="Место на момент выдачи", en="Place when given"),
    "valid_until": Text(kk="Жарамдылық мерзімі", ru="Действует до", en="Valid until"),
    "seal": Text(kk="Мөр", ru="Печать", en="Seal"),
    "grounds": Text(kk="Бас тарту негіздері", ru="Основания отказа", en="Grounds for refusal"),
    "clause": Text(kk="Регламенттің тармағы", ru="Пункт регламента", en="Clause of the regulation"),
    "provider": Text(kk="Көрсетілетін қызметті беруші", ru="Услугодатель", en="Service provider"),
    "signed_by": Text(kk="Қол қойған уәкілетті тұлға", ru="Подписано уполномоченным лицом", en="Signed by"),
    "decided_at": Text(kk="Шешім қабылданған уақыт (UTC)", ru="Решение принято (UTC)", en="Decided at (UTC)"),
    "sha256": Text(
        kk="Электрондық құжаттың SHA-256", ru="SHA-256 электронного документа", en="SHA-256 of the document"
    ),
}
_CHECK = Text(kk="Түпнұсқалығын тексеру:", ru="Проверка подлинности:", en="Check it here:")
_IIN, _BIN = Text(kk="ЖСН", ru="ИИН", en="IIN"), Text(kk="БСН", ru="БИН", en="BIN")
_BORN = Text(kk="туған күні", ru="дата рождения", en="born on")
_CLAUSE = Text(kk="{}-тармақ", ru="пункт {}", en="clause {}")


def print_act(
    act: Mapping[str, Any],
    sha256: str,
    *,
    regulation: Regulation,
    channel: str,
    sealed: bool,
    language: PrintLanguage,
) -> bytes:
    """The page as an unsigned PDF: with the form of the result if the text has one."""
    address = f"{act['verification_url'].rstrip('/')}/{sha256}"
    result = regulation.result(act.get("result") or act["kind"])
    form = result.form if result else None
    if act.get("grounds") and (form is None or form.statement is None):
        title = _REFUSAL_TITLE
    else:
        title = form.title if form else result.name if result else Text(kk=act["kind"], ru=act["kind"], en=act["kind"])
    rows = [(escape(label), text) for label, text in _form_rows(act, form, regulation, channel, language)]
    rows += [(_LABELS[name].pick(language), text) for name, text in _fields(act, sha256, language)]
    if sealed:
        rows.append((_LABELS["seal"].pick(language), "М.О." if language == "kk" else "М.П."))
    check = _CHECK.pick(language), address
    service = regulation.service.pick(language)
    return print_page(Page(title.pick(language), service, rows, act["entry_number"], language, check))


def _form_rows(
    act: Mapping[str, Any], form: ResultForm | None, regulation: Regulation, channel: str, language: PrintLanguage
) -> Iterator[tuple[str, str]]:
    if form is None:
        return
    if form.annex is not None:
        yield "", escape(form.annex.pick(language))
    if form.statement is not None:
        yield "", escape(form.statement.pick(language))
    values = act.get("values", {})
    for field in form.fields:
        if field.code in values:
            chosen = _option(regulation, channel, field.value, values[field.code])
            yield field.label.pick(language), escape(_words(chosen or values[field.code], language))


def _option(regulation: Regulation, channel: str, pointer: str, value: object) -> dict[str, str] | None:
    """What the value of a choice is called, if the field of the application is one."""
    form = regulation.channel(channel).form
    fields: tuple[FormField, ...] = form.fields if form and pointer.startswith("/") else ()
    found: FormField | None = None
    for name in pointer.split("/")[1:]:
        found = next((field for field in fields if field.name == name), None)
        fields = found.fields if found else ()
    options = found.options if found else ()
    return next((option.label.model_dump() for option in options if option.value == value), None)


def _words(value: object, language: PrintLanguage) -> str:
    if isinstance(value, list):
        return ", ".join(_words(item, language) for item in value)
    if isinstance(value, Mapping):
        return str(value[language]) if language in value else ", ".join(str(item) for item in value.values())
    return str(value)


def _fields(act: Mapping[str, Any], sha256: str, language: PrintLanguage) -> list[tuple[str, str]]:
    provider, signer, queue = act["provider"], act["signed_by"], act.get("queue")
    found = [("entry_number", escape(act["entry_number"])), ("recipient", _person(act["recipient"], language))]
    if act.get("child"):
        found.append(("child", _person(act["child"], language)))
    if queue:
        found += [("queue_number", f'<font size="14">{queue["number"]}</font>'), ("queue_place", str(queue["place"]))]
    if act.get("valid_until"):
        found.append(("valid_until", escape(act["valid_until"][:10])))
    if act.get("grounds"):
        found.append(("grounds", "<br/>".join(_ground(ground, language) for ground in act["grounds"])))
    return [
        *found,
        ("clause", escape(act["clause"])),
        ("provider", f"{escape(provider['name'][language])}, {_BIN.pick(language)} {provider['bin']}"),
        ("signed_by", escape(f"{signer['name']}, {signer['role'][language]}")),
        ("decided_at", escape(act["decided_at"][:19].replace("T", " "))),
        ("application", escape(act["application"])),
        ("sha256", sha256),
    ]


def _person(person: Mapping[str, str], language: PrintLanguage) -> str:
    parts = [names_of(person), f"{_IIN.pick(language)} {person['iin']}" if person.get("iin") else ""]
    if person.get("birth_date"):
        parts.append(f"{_BORN.pick(language)} {person['birth_date']}")
    return escape(", ".join(part for part in parts if part))


def _ground(ground: Mapping[str, Any], language: PrintLanguage) -> str:
    detail = ground.get("detail")
    found = f"; {detail[language]}" if detail else ""
    return escape(f"— {ground['text'][language]} ({_CLAUSE.pick(language).format(ground['clause'])}){found}")
