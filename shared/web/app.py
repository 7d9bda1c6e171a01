"""The application shell of every service: errors, health, numbers, front page, stand controls, OpenAPI."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from shared.kit.clock import Clock
from shared.web.access import Caller, stated
from shared.web.border import Border
from shared.web.callers import Callers
from shared.web.error_handlers import install_error_handlers
from shared.web.head import HeadAsGet
from shared.web.health import Readiness, Remarks, health_router
from shared.web.metrics import Metrics, ServiceEdge
from shared.web.openapi import complete, operation_id
from shared.web.pages import pages_router
from shared.web.problems import PROBLEM_RESPONSES

Lifespan = (
    Callable[[Any], AbstractAsyncContextManager[None]] | Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any]]]
)
MAX_BODY_SIZE = 1 << 20


class ServiceApp(FastAPI):
    """FastAPI with our outermost layers, whose OpenAPI document also has examples, links, and the problem that any
    operation may answer with."""

    def build_middleware_stack(self) -> ASGIApp:
        """The framework's layers inside ours; ``add_middleware`` cannot reach outside its error handlers."""
        inside = Border(HeadAsGet(super().build_middleware_stack()), self.state.max_body_size)
        return ServiceEdge(Callers(inside, self.state.hosts, self.state.cors_origins), self.state.metrics)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            complete(super().openapi(), self.state.callers)
        assert self.openapi_schema is not None
        return self.openapi_schema


def create_service_app(
    *,
    code: str,
    title: str,
    summary: str,
    clock: Clock,
    tools: bool,
    lifespan: Lifespan | None,
    readiness: Readiness,
    remarks: Remarks = dict,
    routers: Sequence[APIRouter],
    stand_routers: Sequence[APIRouter] = (),
    max_body_size: int = MAX_BODY_SIZE,
    neighbours: Mapping[str, str] | None = None,
    hosts: Collection[str] = (),
    cors_origins: Collection[str] = (),
) -> FastAPI:
    """The FastAPI application of the system ``code``.

    ``readiness`` names each dependency with ``None`` when it is fine and a reason when it is not (asked at
    ``/readyz``), ``remarks`` what is said beside. ``stand_routers`` are mounted only with ``tools``: without it nothing
    under ``/__stand/`` exists. ``max_body_size`` in bytes bounds every request body (413); a router or a route may set
    its own. ``neighbours``: base URLs of the stand's systems by code, for the links of ``/docs``. ``hosts`` (none:
    ``code``) and ``cors_origins``: as ``Callers`` has them. ``app.state`` carries all of these that calls ask for,
    and under ``callers`` who may call which route.
    """
    app = ServiceApp(
        title=title,
        summary=summary,
        version=_version(),
        lifespan=lifespan,
        responses=PROBLEM_RESPONSES,
        docs_url=None,  # FastAPI's page loads its scripts from the network; the stand has its own, offline one
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=max_body_size,
        generate_unique_id_function=operation_id,
    )
    app.state.neighbours = dict(neighbours or {})
    app.state.hosts, app.state.cors_origins = hosts or (code,), cors_origins
    app.state.code = code
    app.state.clock = clock
    app.state.tools = tools
    app.state.metrics = Metrics(clock)
    app.state.max_body_size = max_body_size
    install_error_handlers(app)
    app.state.callers = {}
    for router in (health_router(partial(_ready, readiness, clock), remarks), pages_router(), *routers):
        app.include_router(router)
        app.state.callers |= stated(router)
    for router in stand_routers if tools else ():
        app.include_router(router)
        app.state.callers |= dict.fromkeys(stated(router), (str(Caller.TOOLS),))
    return app


async def _ready(readiness: Readiness, clock: Clock) -> dict[str, str | None]:
    checks = await readiness()
    return {**checks, "clock": clock.fault} if clock.faults else checks


def _version() -> str:
    try:
        return version("egov-stand")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"
