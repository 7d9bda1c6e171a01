"""Answers that faults keep back, and how they get out."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from services.registries.common import repository
from services.registries.common.domain import HeldAnswer
from services.registries.common.repository import RegistryKinds
from services.registries.common.service.answers import LATE_ANSWERS
from shared.kit.background import Background
from shared.messages.registry import RegistryAnswered
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.platform import Platform
from shared.web.wait import Changes, pause

_POLL_S = 0.05
"""How often the stand's clock is read while an answer is late: it may jump."""
_IDLE_S = 60.0
_LIMIT = 1000


class HeldAnswers:
    """Shows them, releases them, and sends late ones when they are due."""

    def __init__(self, kinds: RegistryKinds, changes: Changes) -> None:
        self._kind = kinds.held
        self._changes = changes
        self._platform: Platform | None = None
        self._sending: Background | None = None

    def open(self, platform: Platform) -> None:
        """Begin to send late answers in time."""
        self._platform = platform
        self._sending = Background(f"{platform.system}: late answers", self._send_in_time)
        self._sending.start()
        platform.background.append(self._sending)

    async def close(self) -> None:
        """Stop; what is held stays held."""
        if self._sending is not None:
            await self._sending.stop(cancel=True)

    async def held(self, *, after: str | None = None, limit: int = _LIMIT) -> list[HeldAnswer]:
        """Answers kept back, oldest first; ``after``: only those held later than the one to that request."""
        async with self._opened().database.session() as session:
            return await repository.held_answers(session, self._kind, after=after, limit=limit)

    async def release(self) -> int:
        """Send everything that is kept back; how many answers."""
        return await self._release(await self.held())

    async def _send_in_time(self) -> None:
        platform = self._opened()
        with self._changes.watch(LATE_ANSWERS) as event:
            while True:
                event.clear()
                await self._send_next(platform, event)

    async def _send_next(self, platform: Platform, event: asyncio.Event) -> None:
        async with platform.database.session() as session:
            due = await repository.next_due(session, self._kind)
        if due is None:
            await pause(event, _IDLE_S)
            return
        while platform.clock.now() < due and not event.is_set():
            await pause(event, _POLL_S)
        now = platform.clock.now()
        await self._release([item for item in await self.held() if item.due_at and item.due_at <= now])

    async def _release(self, answers: Sequence[HeldAnswer]) -> int:
        platform, sent = self._opened(), 0
        for answer in answers:
            async with platform.runtime.work([(self._kind, answer.request_id)]) as work:
                found = work.get(self._kind, answer.request_id)
                if found is None or found.released_at is not None:
                    continue
                work.put(self._kind, replace(found, released_at=work.now))
                for _ in range(found.copies):
                    work.send(
                        MessageType.REGISTRY_ANSWERED,
                        System(found.destination),
                        found.subject,
                        RegistryAnswered.model_validate(found.payload),
                        regulation=found.regulation,
                        correlation=found.correlation,
                        request_digest=found.request_digest,
                    )
                sent += 1
        return sent

    def _opened(self) -> Platform:
        assert self._platform is not None, "opened with the platform"
        return self._platform
