"""``/livez``, ``/readyz`` and ``/metrics``."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from shared.kit.errors import Unavailable
from shared.web.access import PUBLIC

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 5.0

Readiness = Callable[[], Awaitable[dict[str, str | None]]]
Remarks = Callable[[], dict[str, int]]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Every dependency answers; ``checks`` names them. ``remarks`` counts since the start what went wrong with single
    messages and kept nobody from working, and what is missing now (``attachments_missing``); what did not happen is not
    named."""

    status: Literal["ready"] = "ready"
    checks: list[str]
    remarks: dict[str, int] | None = None


def health_router(readiness: Readiness, remarks: Remarks = dict) -> APIRouter:
    """Liveness (the process answers), readiness (its dependencies do too) and the numbers for Prometheus."""
    router = APIRouter(tags=["health"], dependencies=[PUBLIC])

    @router.get("/livez", summary="Is the process alive?")
    async def get_liveness() -> Alive:
        return Alive()

    @router.get("/readyz", summary="Can the service do its work?", response_model_exclude_none=True)
    async def get_readiness() -> Ready:
        """503 with ``reasons`` while a dependency is down."""
        checks = await _ask(readiness)
        reasons = {name: reason for name, reason in checks.items() if reason is not None}
        if reasons:
            raise Unavailable("not ready: " + ", ".join(sorted(reasons)), reasons=reasons)
        return Ready(checks=sorted(checks), remarks=remarks() or None)

    @router.get("/metrics", summary="Numbers for Prometheus", response_class=_Exposition)
    async def get_metrics(request: Request) -> Response:
        return _Exposition(await request.app.state.metrics.exposition())

    return router


class _Exposition(Response):
    media_type = CONTENT_TYPE_LATEST


async def _ask(readiness: Readiness) -> dict[str, str | None]:
    """The answer of ``readiness``; one that hangs or breaks is itself a reason not to be ready."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await readiness()
    except TimeoutError:
        return {"readiness": f"no answer within {_PATIENCE_S:g} s"}
    except Exception as error:  # noqa: BLE001 — a broken check must not break the answer about it
        _LOG.exception("the readiness check itself failed")
        return {"readiness": type(error).__name__}
