"""The OpenAPI documents of all eight services, without starting one."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import SecretStr

from services.stand.addresses import Addresses
from services.stand.catalogue import SERVICES
from services.stand.embedded import addresses_for
from shared.kit.clock import Clock
from shared.kit.settings import StandSettings

CODES = tuple(service.code for service in SERVICES)


@cache
def app(code: str) -> FastAPI:
    """The application of a system with the stand's tools, not started."""
    addresses = Addresses.on_ports({service.code: service.port for service in SERVICES})
    stand = StandSettings(
        data_dir=Path(mkdtemp()),
        kafka_bootstrap="127.0.0.1:1",
        pki_url=addresses.of("pki"),
        enrolment_token=SecretStr("nothing is enrolled"),
        addresses=addresses.urls,
        tools=True,
    )
    service = next(known for known in SERVICES if known.code == code)
    settings = service.settings(port=service.port, **addresses_for(code, addresses))
    return service.create_app(settings, stand, Clock())


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
