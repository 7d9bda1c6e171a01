"""The printed form of an act: one page in Kazakh or Russian with the document's hash and a QR code.

Takes some ten milliseconds; call it in a thread.
"""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from shared.kit.text import Text
from shared.printing.page import Page, PrintLanguage, print_page

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


def print_act(act: Mapping[str, Any], sha256: str, *, service: Text, result: Text, language: PrintLanguage) -> bytes:
    """The page as an unsigned PDF. ``service`` and ``result`` are the regulation's names of the two."""
    address = f"{act['verification_url'].rstrip('/')}/{sha256}"
    title = (_REFUSAL_TITLE if act.get("grounds") else result).pick(language)
    rows = [(_LABELS[name].pick(language), text) for name, text in _fields(act, sha256, language)]
    check = _CHECK.pick(language), address
    return print_page(Page(title, service.pick(language), rows, act["entry_number"], language, check))


def _fields(act: Mapping[str, Any], sha256: str, language: PrintLanguage) -> list[tuple[str, str]]:
    provider, signer, queue = act["provider"], act["signed_by"], act.get("queue")
    found = [("entry_number", escape(act["entry_number"])), ("recipient", _person(act["recipient"], language))]
    if act.get("child"):
        found.append(("child", _person(act["child"], language)))
    if queue:
        found += [("queue_number", f'<font size="14">{queue["number"]}</font>'), ("queue_place", str(queue["place"]))]
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
    names = " ".join(person[part] for part in ("surname", "given_name", "patronymic") if person.get(part))
    parts = [names, f"{_IIN.pick(language)} {person['iin']}" if person.get("iin") else ""]
    if person.get("birth_date"):
        parts.append(f"{_BORN.pick(language)} {person['birth_date']}")
    return escape(", ".join(part for part in parts if part))


def _ground(ground: Mapping[str, Any], language: PrintLanguage) -> str:
    detail = ground.get("detail")
    found = f"; {detail[language]}" if detail else ""
    return escape(f"— {ground['text'][language]} ({_CLAUSE.pick(language).format(ground['clause'])}){found}")
