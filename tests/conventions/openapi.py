"""The OpenAPI documents of all eight services, without starting one."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.stand.callers import application
from services.stand.catalogue import SERVICES

CODES = tuple(service.code for service in SERVICES)


@cache
def app(code: str) -> FastAPI:
    """The application of a system with the stand's tools, not started."""
    return application(code, Path(mkdtemp()))


def routes(code: str) -> list[APIRoute]:
    """The routes of its operations, also those of included routers."""
    found: list[APIRoute] = []
    waiting = list(app(code).routes)
    for route in waiting:
        if isinstance(route, APIRoute) and route.include_in_schema:
            found.append(route)
        waiting += getattr(getattr(route, "original_router", None), "routes", [])
    return found


def document(code: str) -> dict[str, Any]:
    """Its OpenAPI document."""
    return app(code).openapi()
