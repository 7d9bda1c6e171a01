"""Two plain pages of every service: the front page and the offline list of operations. No script, no network."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from shared.kit.text import Language, Text, negotiate
from shared.web.access import PUBLIC
from shared.web.operations_page import operations_page

_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Vary": "Accept-Language"}
_NOT_STATE = Text(
    kk="Сынақ стенді. Бұл мемлекеттік жүйе емес: адамдар ойдан шығарылған, қолтаңбалардың заңдық күші жоқ.",
    ru="Испытательный стенд. Это не государственная система: люди вымышлены, подписи не имеют юридической силы.",
    en="Test stand; not a state system: the people are made up and the signatures have no legal force.",
)
_DOCS = Text(kk="HTTP операциялары", ru="Операции HTTP", en="HTTP operations")
_READY = Text(kk="Дайындығы", ru="Готовность", en="Readiness")
_METRICS = Text(kk="Көрсеткіштер", ru="Показатели", en="Metrics")
_TOOLS = Text(kk="Стенд сағаты", ru="Часы стенда", en="The stand's clock")
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
.stand{border:2px solid #b45309;background:#fff7ed;padding:.6rem 1rem;border-radius:.3rem}
code{background:#f3f4f6;padding:0 .25rem}.operation{border-top:1px solid #d4d4d4;padding:.5rem 0}
.method{font-weight:bold;display:inline-block;min-width:4rem}small{color:#555}
pre{background:#f3f4f6;padding:.5rem;overflow:auto;font-size:.85rem;max-height:22rem}summary{cursor:pointer}
"""


def pages_router() -> APIRouter:
    """``/`` and ``/docs``; both stay out of the OpenAPI document because they are for people."""
    router = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @router.get("/", response_class=HTMLResponse)
    async def get_front_page(request: Request) -> HTMLResponse:
        language = _language(request)
        links = [("/docs", _DOCS), ("/readyz", _READY), ("/metrics", _METRICS)]
        if request.app.state.tools:
            links.append(("/__stand/clock", _TOOLS))
        items = "".join(f'<li><a href="{href}">{escape(text.pick(language))}</a></li>' for href, text in links)
        return page(request, request.app.title, f"<p>{escape(request.app.summary)}</p><ul>{items}</ul>")

    @router.get("/docs", response_class=HTMLResponse)
    async def get_operations(request: Request) -> HTMLResponse:
        body = operations_page(request.app.openapi(), request.app.state.neighbours, request.app.state.code)
        return page(request, f"{request.app.title}: {_DOCS.pick(_language(request))}", body)

    return router


def page(request: Request, heading: str, body: str) -> HTMLResponse:
    """A page with the stand's mark; ``heading`` is escaped here, ``body`` is HTML of the caller's."""
    language = _language(request)
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(heading)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(heading)}</h1>"
        f'<p class="stand">{escape(_NOT_STATE.pick(language))}</p>{body}</body></html>',
        headers={**_POLICY, "Content-Language": language},
    )


def _language(request: Request) -> Language:
    return negotiate(request.headers.get("accept-language"))
