"""The service that keeps the stand's time, and nothing else."""

from fastapi import FastAPI

from shared.hosting.reset import resets_router
from shared.kit.clock import Clock
from shared.web.app import create_service_app
from shared.web.stand import stand_router


def keeper(clock: Clock) -> FastAPI:
    """With the controls of clock and reset."""

    async def ready() -> dict[str, str | None]:
        return {}

    return create_service_app(
        code="pki",
        title="keeper",
        summary="",
        clock=clock,
        tools=True,
        lifespan=None,
        readiness=ready,
        routers=[],
        stand_routers=[stand_router(clock), resets_router(clock)],
    )
