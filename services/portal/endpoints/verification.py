"""The public page on which anybody can check an act they hold, e.g. by the QR code of the printable form."""

import json
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.portal.domain.documents import IssuedDocument, requisites
from services.portal.endpoints.access import AskedLanguage
from services.portal.service.results import Results
from shared.kit.clock import rfc3339
from shared.kit.text import Language, Text
from shared.web.access import PUBLIC
from shared.web.pages import page

_HEADING = Text(
    kk="Электрондық құжатты тексеру", ru="Проверка электронного документа", en="Check of an electronic document"
)
_VERDICTS = {
    "passed": Text(kk="Қолтаңба расталды", ru="Подпись подтверждена", en="The signature is confirmed"),
    "failed": Text(kk="Қолтаңба расталмады", ru="Подпись не подтверждена", en="The signature is not confirmed"),
    "indeterminate": Text(
        kk="Қолтаңбаны тексеру мүмкін болмады",
        ru="Подпись не удалось проверить",
        en="The signature could not be checked",
    ),
}
_CHECKED = Text(kk="Тексерілген уақыты", ru="Проверено", en="Checked at")
_LABELS = {
    "kind": Text(kk="Құжат түрі", ru="Вид документа", en="Kind of document"),
    "service": Text(kk="Қызмет", ru="Услуга", en="Service"),
    "application": Text(kk="Өтініш", ru="Заявление", en="Application"),
    "entry_number": Text(kk="Тіркеу нөмірі", ru="Регистрационный номер", en="Registration number"),
    "decided_at": Text(kk="Шешім уақыты", ru="Дата решения", en="Decided at"),
    "provider": Text(kk="Көрсетілетін қызметті беруші", ru="Услугодатель", en="Service provider"),
    "queue_number": Text(kk="Кезек нөмірі", ru="Номер очерёдности", en="Queue number"),
    "recipient": Text(kk="Көрсетілетін қызметті алушы", ru="Услугополучатель", en="Service recipient"),
}


def verification_router(results: Results) -> APIRouter:
    """Open to everybody; shows no personal data."""
    router = APIRouter(tags=["verification"], dependencies=[PUBLIC])

    @router.get("/verify/{reference}", response_class=HTMLResponse, summary="Check an act by its SHA-256")
    async def verify_act(reference: str, request: Request, language: AskedLanguage) -> HTMLResponse:
        """Also takes the id of the application. 404 if this portal has delivered no such act."""
        act = await results.known_act(reference)
        return page(request, _HEADING.pick(language), _body(act, language))

    return router


def _body(act: IssuedDocument, language: Language) -> str:
    verdict = _VERDICTS[act.report["indication"]].pick(language)
    rows = [
        (_LABELS[name].pick(language), value) for name, value in requisites(json.loads(act.content), language).items()
    ]
    rows += [("SHA-256", act.sha256), (_CHECKED.pick(language), rfc3339(act.received_at))]
    lines = "".join(f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in rows)
    return f"<p><strong>{escape(verdict)}</strong></p><table>{lines}</table>"
