"""A page with a title, a table of labelled values and, if there is one, a QR code: what every printed form here is.

Takes some ten milliseconds; call it in a thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
_FONT_FILE = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
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


@dataclass(frozen=True)
class Page:
    """What stands on a page. Labels and values of ``rows`` are markup of reportlab: escape what comes from outside.

    ``check``: an address, printed as a QR code too, and the words before it.
    """

    title: str
    subtitle: str
    rows: Sequence[tuple[str, str]]
    name: str
    """Of the document, in the properties of the file."""
    language: PrintLanguage
    check: tuple[str, str] | None = None


def print_page(page: Page) -> bytes:
    """The page as an unsigned PDF; the same content gives the same bytes."""
    output = BytesIO()
    with _PRINTING:
        _register_font()
        story: list[Flowable] = [
            Paragraph(_TEST_MARK.pick(page.language), _MARK_STYLE),
            Spacer(0, 4 * mm),
            Paragraph(escape(page.title[:1].upper() + page.title[1:]), _TITLE),
            Paragraph(escape(page.subtitle), _MIDDLE),
            Spacer(0, 6 * mm),
            _table(page.rows),
            *_check(page.check),
        ]
        document = SimpleDocTemplate(
            output,
            pagesize=A4,
            leftMargin=20 * mm,
            rightMargin=20 * mm,
            topMargin=18 * mm,
            bottomMargin=15 * mm,
            title=f"TEST {page.name}",
            author="TEST",
            lang=page.language,
            invariant=1,  # otherwise the machine's clock is written into the file
        )
        document.build(story, onFirstPage=_watermark, onLaterPages=_watermark)
    return output.getvalue()


def _table(rows: Sequence[tuple[str, str]]) -> Table:
    cells: list[Any] = [[Paragraph(label, _LABEL), Paragraph(text, _BODY)] for label, text in rows]
    table = Table(cells, colWidths=[55 * mm, 115 * mm])
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.lightgrey)])
    )
    return table


def _check(check: tuple[str, str] | None) -> list[Flowable]:
    if check is None:
        return []
    words, address = check
    return [
        Spacer(0, 6 * mm),
        Table(
            [[_qr(address), Paragraph(f"{words}<br/>{escape(address)}", _SMALL)]],
            colWidths=[_QR_SIZE + 6 * mm, None],
            style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
        ),
    ]


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
