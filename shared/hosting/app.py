"""The application of a service that exchanges messages: opened with its platform, closed with it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData

from shared.hosting.stand import messaging_router
from shared.kit.clock import Clock
from shared.kit.faults import Faults
from shared.kit.settings import ServiceSettings, StandSettings
from shared.messages.systems import SYSTEM_NAMES, System
from shared.messaging.handlers import Handlers
from shared.messaging.platform import Platform, open_platform
from shared.messaging.tables import MessagingTables
from shared.web.app import create_service_app
from shared.web.stand import stand_router
from shared.web.wait import Changes

Opened = Callable[[Platform], Awaitable[None]]


async def _nothing(_platform: Platform) -> None:
    return None


@dataclass
class Hosted:
    """What a service brings: its tables, message handlers and routes. ``opened`` runs when the platform is up,
    ``closing`` before it goes down, ``reset`` after the database was emptied; ``faults`` can be armed
    with the stand's tools."""

    system: System
    summary: str
    metadata: MetaData
    tables: MessagingTables
    handlers: Handlers
    routers: Sequence[APIRouter]
    stand_routers: Sequence[APIRouter] = ()
    opened: Opened = _nothing
    closing: Opened = _nothing
    reset: Opened = _nothing
    faults: Faults | None = None
    changes: Changes = field(default_factory=Changes)
    max_body_size: int = 1 << 20


def create_hosted_app(hosted: Hosted, settings: ServiceSettings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The FastAPI application. ``app.state.platform`` is there while it runs; ``app.state.abrupt`` makes it end as if
    killed."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        platform = await open_platform(
            hosted.system,
            metadata=hosted.metadata,
            tables=hosted.tables,
            handlers=hosted.handlers,
            settings=settings,
            stand=stand,
            clock=clock,
            on_change=hosted.changes.notify,
        )
        app.state.platform = platform
        await hosted.opened(platform)
        await platform.runtime.start()
        try:
            yield
        finally:
            await hosted.closing(platform)
            await platform.close(abruptly=app.state.abrupt)

    async def readiness() -> dict[str, str | None]:
        platform: Platform | None = getattr(app.state, "platform", None)
        return {"platform": "starting"} if platform is None else await platform.readiness()

    def platform_now() -> Platform:
        found: Platform = app.state.platform
        return found

    app = create_service_app(
        code=hosted.system.value,
        title=f"TEST stand: {SYSTEM_NAMES[hosted.system]}",
        summary=hosted.summary,
        clock=clock,
        tools=stand.tools,
        lifespan=lifespan,
        readiness=readiness,
        routers=hosted.routers,
        stand_routers=stand_controls(hosted, clock, platform_now),
        max_body_size=hosted.max_body_size,
    )
    app.state.abrupt = False
    return app


def stand_controls(hosted: Hosted, clock: Clock, platform: Callable[[], Platform]) -> list[APIRouter]:
    """Everything under ``/__stand/`` of a hosted service: clock, reset, faults, messaging, and its own."""

    async def reset() -> None:
        await platform().reset()
        await hosted.reset(platform())

    return [stand_router(clock, reset, hosted.faults), messaging_router(platform), *hosted.stand_routers]
