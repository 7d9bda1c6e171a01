"""The application of a service that exchanges messages: opened with its platform, closed with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData

from shared.hosting.operations import operations_router
from shared.hosting.reset import ServiceReset, resets_router
from shared.hosting.stand import messaging_router
from shared.hosting.watch import Turn, Watch
from shared.kit.clock import Clock
from shared.kit.errors import Transient
from shared.kit.faults import FaultBoard
from shared.kit.settings import ServiceSettings, StandSettings
from shared.messages.systems import SYSTEM_NAMES, System
from shared.messaging.handlers import Handlers
from shared.messaging.numbers import remarks
from shared.messaging.platform import Platform, open_platform
from shared.messaging.tables import MessagingTables
from shared.web.app import create_service_app
from shared.web.callers import own_names
from shared.web.stand import stand_router
from shared.web.wait import Changes

Opened = Callable[[Platform], Awaitable[None]]


async def _nothing(_platform: Platform) -> None:
    return None


async def _counted() -> None:
    return None


@dataclass
class Hosted:
    """What a service brings: its tables, message handlers and routes. ``opened`` runs when the platform is up,
    ``closing`` before it goes down, ``reset`` after the database was emptied; ``watch`` does what is due by the stand's
    clock, again and again; ``faults`` can be armed with the stand's tools."""

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
    watch: Turn | None = None
    watch_every_s: float = 1.0
    faults: FaultBoard | None = None
    changes: Changes = field(default_factory=Changes)
    remarks: Callable[[], Mapping[str, int]] = dict
    """What ``/readyz`` is to count of this service beside what became of messages."""
    numbers: CollectorRegistry | None = None
    """Numbers of its own for ``/metrics``, counted as things happen."""
    max_body_size: int = 1 << 20


def create_hosted_app(hosted: Hosted, settings: ServiceSettings, stand: StandSettings, clock: Clock) -> FastAPI:
    """The FastAPI application. ``app.state.platform`` is there while it runs; ``app.state.abrupt`` makes it end as if
    killed, ``app.state.start_failure`` is why it did not start, ``app.state.opening`` the task that starts it."""

    hosted.changes.waiters = stand.http_waiters

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.opening = asyncio.current_task()
        try:
            platform = await _started(app, hosted, settings, stand, clock)
            app.state.metrics.sources[platform.runtime.numbers.registry] = platform.measure
            if hosted.numbers is not None:
                app.state.metrics.sources[hosted.numbers] = _counted
        except Exception as error:
            # The server that runs this says no more than that it did not start.
            app.state.start_failure = error
            raise
        watch = None
        if hosted.watch is not None:
            watch = Watch(clock, hosted.watch, hosted.watch_every_s, hosted.system.value)
            watch.start()
            platform.background.append(watch.background)
        clock.participants.join(hosted.system.value, partial(_busy, platform, watch))
        clock.resets.join(hosted.system.value, resetting(platform))
        try:
            yield
        finally:
            clock.participants.leave(hosted.system.value)
            app.state.metrics.sources.clear()
            clock.resets.leave(hosted.system.value)
            if watch is not None:
                await watch.stop()
            await hosted.closing(platform)
            await platform.close(abruptly=app.state.abrupt)

    def resetting(platform: Platform) -> ServiceReset:
        return ServiceReset(platform, hosted.reset, hosted.faults)

    async def readiness() -> dict[str, str | None]:
        platform: Platform | None = getattr(app.state, "platform", None)
        return {"platform": "starting"} if platform is None else await platform.readiness()

    def counts() -> dict[str, int]:
        platform: Platform | None = getattr(app.state, "platform", None)
        return {} if platform is None else platform.runtime.counts

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
        remarks=lambda: {**remarks(counts()), **hosted.remarks()},
        routers=[*hosted.routers, operations_router(platform_now, stand)],
        stand_routers=stand_controls(hosted, clock, platform_now),
        max_body_size=hosted.max_body_size,
        neighbours=stand.addresses,
        hosts=own_names(stand, hosted.system.value),
        cors_origins=stand.cors_origins,
    )
    app.state.abrupt = False
    app.state.start_failure = None
    app.state.opening = None
    app.state.metrics.waiting.set_function(lambda: hosted.changes.readers)
    return app


async def _started(
    app: FastAPI, hosted: Hosted, settings: ServiceSettings, stand: StandSettings, clock: Clock
) -> Platform:
    """The platform, with everything that the service does on it begun; nothing is left of a start that fails."""
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
    try:
        await hosted.opened(platform)
        await platform.runtime.start()
    except BaseException:
        await hosted.closing(platform)
        await platform.close(abruptly=True)
        raise
    return platform


async def _busy(platform: Platform, watch: Watch | None, changes: int) -> str | None:
    """What the service is still busy with after that change of the clock; ``None``: it is at rest."""
    if watch is not None and not watch.at_rest(changes):
        return "something is due"
    if platform.runtime.trouble is not None:
        return platform.runtime.trouble
    try:
        async with platform.database.session() as session:
            pending = await platform.runtime.store.pending(session)
    except Transient as error:
        # Whoever asks follows the stand's time and must not end with a database.
        return error.detail
    return f"{pending} messages without a receipt" if pending else None


def stand_controls(hosted: Hosted, clock: Clock, platform: Callable[[], Platform]) -> list[APIRouter]:
    """Everything under ``/__stand/`` of a hosted service: clock, reset, faults, messaging, and its own."""

    async def reset() -> None:
        await ServiceReset(platform(), hosted.reset, hosted.faults).alone()

    own = stand_router(clock, reset, hosted.faults)
    return [own, resets_router(clock), messaging_router(platform), *hosted.stand_routers]
