"""The service that keeps the stand's time, and nothing else."""

from fastapi import FastAPI

from shared.hosting.reset import resets_router
from shared.kit.clock import Clock
from shared.web.stand import stand_router
from tests.factories.bare_services import bare_service


def keeper(clock: Clock) -> FastAPI:
    """With the controls of clock and reset."""
    return bare_service("pki", clock, tools=True, stand_routers=[stand_router(clock), resets_router(clock)])
