"""From an exception to its problem document. Nothing of a defect's inside reaches the caller; the log has it."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.db.faults import DatabaseSilent, unfit_value
from shared.db.missed import NotLoaded
from shared.kit.durable import StorageFails, storage_fault
from shared.kit.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StandError,
    TooLarge,
    TooManyAttempts,
    Unauthorised,
    Unavailable,
    UnsupportedMedia,
)
from shared.kit.text import Text
from shared.web.again import handle_again
from shared.web.border import is_json
from shared.web.json_body import json_pointer
from shared.web.limits import HeadersTooLarge, Malformed, TargetTooLong, TooSlow
from shared.web.problems import problem_response, stand_problem
from shared.web.wait import NoRoom

_LOG = logging.getLogger(__name__)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_BY_STATUS: dict[int, type[StandError]] = {
    error.status_code: error
    for error in (
        InvalidInput,
        Unauthorised,
        Forbidden,
        NotFound,
        Conflict,
        TooLarge,
        UnsupportedMedia,
        TooManyAttempts,
        Unavailable,
        TargetTooLong,
        HeadersTooLarge,
        TooSlow,
    )
}
_MALFORMED = (Malformed.code, Malformed.title)
_OF_HTTP: dict[int, tuple[str, Text]] = {
    400: _MALFORMED,
    405: ("method-not-allowed", Text(kk="Әдіс қолданылмайды", ru="Метод не поддерживается", en="Method not allowed")),
    406: ("not-acceptable", Text(kk="Мұндай пішін жоқ", ru="Такого формата нет", en="Not available in that form")),
}


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document; needs ``app.state.code``."""
    app.add_exception_handler(StandError, _on_stand_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(NotLoaded, handle_again)
    app.add_exception_handler(DBAPIError, _on_database_error)
    app.add_exception_handler(OSError, _on_system_error)
    app.add_exception_handler(Exception, _on_defect)


def faults_of(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Every fault FastAPI found: ``in`` (body, query, path, header, cookie), ``path`` inside it, ``message``."""
    faults = []
    for error in errors:
        where, *inside = error["loc"] or ("body",)
        message = error["msg"]
        if error["type"] == "json_invalid":
            # The location is then a position in the text, which is no pointer.
            message, inside = f"not JSON: {error['ctx']['error']} at character {inside[0]}", []
        faults.append({"in": str(where), "path": json_pointer(inside), "message": message})
    return faults


async def _on_defect(request: Request, error: Exception) -> Response:
    _LOG.error("defect in %s %s", request.method, request.url.path, exc_info=error)
    return stand_problem(request, StandError())


async def _on_stand_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StandError)
    if error.status_code >= 500 and not isinstance(error, NoRoom):
        # Where in our code a disk or a database failed is of no interest.
        cause = None if isinstance(error, StorageFails | DatabaseSilent) else error.__cause__
        _LOG.warning("%s %s: %s", request.method, request.url.path, error, exc_info=cause)
    return stand_problem(request, error)


async def _on_database_error(request: Request, error: Exception) -> Response:
    """A value that PostgreSQL cannot keep, e.g. a NUL in a text, is the caller's; everything else is a defect."""
    assert isinstance(error, DBAPIError)
    if unfit_value(error):
        return stand_problem(request, InvalidInput("a value holds a character or a number that cannot be stored"))
    return await _on_defect(request, error)


async def _on_system_error(request: Request, error: Exception) -> Response:
    """A disk that takes nothing is no defect, and may take it later; everything else is one."""
    assert isinstance(error, OSError)
    fault = storage_fault(error)
    return await (_on_defect(request, error) if fault is None else _on_stand_error(request, StorageFails(fault)))


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    kind = request.headers.get("content-type", "")
    # Of a body that is not called JSON the framework hands on the bytes, which fit nothing.
    if isinstance(error.body, bytes) and error.body and not is_json(kind):
        said = f"not {kind[:100]!r}" if kind else "and says so"
        return stand_problem(request, UnsupportedMedia(f"the body is JSON, {said}", accepted=["application/json"]))
    return stand_problem(request, InvalidInput(faults=faults_of(error.errors())))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code < 400 or error.status_code in {204, 304}:
        return Response(status_code=error.status_code, headers=headers)
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed_methods(request))
    known = _BY_STATUS.get(error.status_code)
    if known is not None:
        code, title = known.code, known.title
    elif error.status_code >= 500:
        code, title = StandError.code, StandError.title
    else:
        code, title = _OF_HTTP.get(error.status_code, _MALFORMED)
    return problem_response(
        request,
        code=code,
        status=error.status_code,
        title=title,
        detail=error.detail,
        retryable=error.status_code in {429, 503},
        headers=headers,
    )


def _allowed_methods(request: Request) -> list[str]:
    """Every method the path answers to: RFC 9110 §10.2.1 wants them all, one route knows only its own."""

    def answers(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(dict(scope))[0] is Match.FULL for route in request.app.routes)

    # What GET answers, the layer for HEAD does too (shared/web/head.py), of which the routes know nothing.
    return [method for method in _METHODS if answers("GET" if method == "HEAD" else method)]
