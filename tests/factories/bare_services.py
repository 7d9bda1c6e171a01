"""The application shell with nothing in it but what a test puts there."""

from typing import Any

from fastapi import FastAPI

from shared.kit.clock import Clock
from shared.web.app import create_service_app


async def _ready() -> dict[str, str | None]:
    """It is ready whatever happens."""
    return {}


def bare_service(code: str, clock: Clock | None = None, **parts: Any) -> FastAPI:
    """The service ``code``, ready and without tools and routes of its own, unless ``parts`` (those of
    ``create_service_app``) say else."""
    settings = {
        "title": code,
        "summary": "",
        "clock": clock or Clock(),
        "tools": False,
        "lifespan": None,
        "readiness": _ready,
        "routers": [],
    }
    return create_service_app(code=code, **(settings | parts))
