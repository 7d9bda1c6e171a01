"""A system that stands still while it, or the whole stand, is reset: it takes nothing and sends nothing."""

import asyncio
from collections.abc import Callable, Collection

from shared.db.engine import Database
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable
from shared.kit.gate import Gate
from shared.messaging.broker import KafkaBroker
from shared.messaging.forgotten import Forgotten
from shared.messaging.receipts import Receipts
from shared.messaging.store import MessageStore

_BACK_WITHIN_S = 3.0
"""How long is waited for a system that cannot exchange messages just now."""
_LOOK_AGAIN_S = 0.02


class Standstill:
    """Of one system. Whatever it does in its loops and commands passes ``gate``; ``forgotten`` is what it spares
    itself."""

    def __init__(
        self,
        clock: Clock,
        database: Database,
        broker: KafkaBroker,
        store: MessageStore,
        receipts: Receipts,
        *,
        trouble: Callable[[], str | None],
        running: Callable[[], bool],
        publishing: Collection[asyncio.Task[None]],
    ) -> None:
        """``trouble``: why it does not get on, if it does not; ``running``: whether it takes anything at all;
        ``publishing``: what is just being published."""
        self.gate = Gate()
        self.turn = asyncio.Lock()
        """Held by whoever resets the system: the stand from the pause on, or it alone."""
        self.forgotten = Forgotten(clock)
        self._database = database
        self._broker = broker
        self._store = store
        self._receipts = receipts
        self._trouble = trouble
        self._running = running
        self._publishing = publishing

    @property
    def fault(self) -> str | None:
        """Why nothing is taken and sent just now, if that is because of a reset."""
        return "it stands still for a reset" if self.gate.closed else None

    async def begin(self) -> None:
        """Stand still: what was begun is done. Raises ``Unavailable`` for a system that has lost its cluster."""
        # Who has just started, or has lost the cluster for a moment, is there in a moment.
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _BACK_WITHIN_S
        while self._running() and (trouble := self._trouble()) is not None:
            if loop.time() >= deadline:
                raise Unavailable(trouble)
            await asyncio.sleep(_LOOK_AGAIN_S)
        await self.gate.close()
        # Whoever gives up waiting for it ends nothing of it.
        if self._publishing:
            await asyncio.wait(set(self._publishing))
        await self._receipts.settle()

    async def pass_over(self) -> None:
        """Never read what stands in the topics now, nor what comes about applications that were made until now."""
        ends = await self._broker.skip() if self._running() else {}
        self.forgotten.before_ms = self.forgotten.now_ms()
        async with self._database.transaction() as session:
            if self._broker.static:
                await self._store.note_places(session, ends, self._broker.cluster)
            await self._store.note_forgotten(session, self.forgotten.before_ms)

    def end(self) -> None:
        """Go on."""
        self.gate.open()
