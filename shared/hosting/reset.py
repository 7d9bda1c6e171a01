"""Resetting a service, alone or with the whole stand.

Alone: it stands still, forgets, passes over what stands in its topics, and does not answer to what it has forgotten.
With the stand (``POST /__stand/resets`` of any service): all do so together, so nothing of the run before is left.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Response

from shared.kit.clock import Clock
from shared.kit.errors import Unavailable
from shared.kit.faults import FaultBoard
from shared.kit.resets import WITHIN_S, Part
from shared.messages.systems import System
from shared.messaging.platform import Platform


@dataclass
class ServiceReset:
    """One hosted service as a part of the stand. ``emptied`` is what it does with an empty database."""

    platform: Platform
    emptied: Callable[[Platform], Awaitable[None]]
    faults: FaultBoard | None
    _paused: bool = False

    async def pause(self) -> None:
        """See ``Part``."""
        if not self._paused:
            await self.platform.runtime.standstill.turn.acquire()
            self._paused = True
        await self.platform.runtime.standstill.begin()

    async def forget(self) -> None:
        """See ``Part``. Of replicas with one database each does it."""
        if self.faults is not None:
            await self.faults.forget()
        await self.platform.reset()
        await self.platform.runtime.standstill.pass_over()
        await self.emptied(self.platform)

    async def resume(self) -> None:
        """See ``Part``."""
        if self._paused:
            self.platform.runtime.standstill.end()
            self._paused = False
            self.platform.runtime.standstill.turn.release()

    async def alone(self) -> None:
        """Reset this service and no other; not while the stand is being reset. Raises ``Unavailable``."""
        standstill = self.platform.runtime.standstill
        async with standstill.turn:
            try:
                async with asyncio.timeout(WITHIN_S):
                    await standstill.begin()
                    await self.forget()
            except TimeoutError as error:
                raise Unavailable(f"it was not reset within {WITHIN_S:g} s") from error
            finally:
                standstill.end()


@dataclass
class FilesOnly(Part):
    """A service without messages: it has nothing to stop."""

    emptied: Callable[[], Awaitable[None]]

    async def pause(self) -> None:
        """See ``Part``."""

    async def forget(self) -> None:
        """See ``Part``."""
        await self.emptied()

    async def resume(self) -> None:
        """See ``Part``."""


def resets_router(clock: Clock) -> APIRouter:
    """The reset of the whole stand; pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    @router.post("/resets", status_code=204, summary="Reset the whole stand")
    async def reset_stand() -> Response:
        """Every service stands still, forgets every application, message, file and fault, and goes on; the answer comes
        when all are done. Two resets are done one after the other. If a service is away, or cannot stand still, nothing
        is reset and the answer names it."""
        if clock.resets.forward is not None:
            await clock.resets.forward()
        else:
            await clock.resets.run(["pki", *(system.value for system in System)])
        return Response(status_code=204)

    return router
