"""The printed form of an act: one page in Kazakh or Russian with the stand's mark, the document's hash and a QR code.

Takes some ten milliseconds; call it in a thread.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Literal
from xml.sax.saxutils import escape

import qrcode
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from shared.kit.text import Text

PrintLanguage = Literal["kk", "ru"]

_FONT = "DejaVuSans"
# The fonts of the PDF standard have no Kazakh letters (Ә Ғ Қ Ң Ө Ұ Ү Һ І).
_FONT_FILE = Path(__file__).parents[1] / "fonts" / "DejaVuSans.ttf"
_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=9.5, leading=13)
_LABEL = ParagraphStyle("label", parent=_BODY, textColor=colors.HexColor("#555555"))
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7.5, leading=10)
_TITLE = ParagraphStyle(
    "title", parent=_BODY, fontSize=14, leading=18, alignment=1, spaceBefore=4 * mm, spaceAfter=2 * mm
)
_MIDDLE = ParagraphStyle("middle", parent=_BODY, alignment=1)
_MARK_STYLE = ParagraphStyle(
    "mark", parent=_BODY, alignment=1, borderColor=colors.HexColor("#b45309"), borderWidth=1, borderPadding=4
)
_QR_SIZE = 32 * mm
_PRINTING = Lock()
"""reportlab's fonts remember the document they are used in; one page at a time is quick enough."""

_TEST_MARK = Text(
    kk="ТЕСТ · СЫНАҚ СТЕНДІ. Мемлекеттік құжат емес, заңдық күші жоқ.",
    ru="ТЕСТ · ИСПЫТАТЕЛЬНЫЙ СТЕНД. Не является государственным документом, юридической силы не имеет.",
    en="TEST · TEST STAND. Not a state document, without legal force.",
)
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
    output = BytesIO()
    with _PRINTING:
        _register_font()
        check = Paragraph(f"{_CHECK.pick(language)}<br/>{escape(address)}", _SMALL)
        story: list[Flowable] = [
            Paragraph(_TEST_MARK.pick(language), _MARK_STYLE),
            Spacer(0, 4 * mm),
            Paragraph(escape(title[:1].upper() + title[1:]), _TITLE),
            Paragraph(escape(service.pick(language)), _MIDDLE),
            Spacer(0, 6 * mm),
            _table(_fields(act, sha256, language), language),
            Spacer(0, 6 * mm),
            Table(
                [[_qr(address), check]],
                colWidths=[_QR_SIZE + 6 * mm, None],
                style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
            ),
        ]
        document = SimpleDocTemplate(
            output,
            pagesize=A4,
            leftMargin=20 * mm,
            rightMargin=20 * mm,
            topMargin=18 * mm,
            bottomMargin=15 * mm,
            title=f"TEST {act['entry_number']}",
            author="TEST",
            lang=language,
            invariant=1,  # otherwise the machine's clock is written into the file
        )
        document.build(story, onFirstPage=_watermark, onLaterPages=_watermark)
    return output.getvalue()


def _table(fields: Sequence[tuple[str, str]], language: PrintLanguage) -> Table:
    rows = [[Paragraph(_LABELS[name].pick(language), _LABEL), Paragraph(text, _BODY)] for name, text in fields]
    table = Table(rows, colWidths=[55 * mm, 115 * mm])
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.lightgrey)])
    )
    return table


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


def _qr(content: str) -> Drawing:
    code = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(content)
    matrix = code.get_matrix()
    unit = _QR_SIZE / len(matrix)
    drawing = Drawing(_QR_SIZE, _QR_SIZE)
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            if dark:
                top = _QR_SIZE - (row + 1) * unit
                drawing.add(
                    Rect(column * unit, top, unit, unit, strokeWidth=0, strokeColor=None, fillColor=colors.black)
                )
    return drawing


def _watermark(canvas: Canvas, _document: object) -> None:
    canvas.saveState()
    canvas.setFont(_FONT, 110)
    canvas.setFillColor(colors.HexColor("#b45309"), alpha=0.08)
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(45)
    canvas.drawCentredString(0, 0, "ТЕСТ")
    canvas.restoreState()


@lru_cache(maxsize=1)
def _register_font() -> None:
    pdfmetrics.registerFont(TTFont(_FONT, _FONT_FILE))
