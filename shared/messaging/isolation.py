"""One record at a time, where a whole batch failed by something of one of them."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from sqlalchemy.exc import OperationalError

from shared.db.engine import Database
from shared.kit.errors import Transient
from shared.messaging.broker import KafkaBroker
from shared.messaging.records import Received, Rejected, bare
from shared.messaging.unit import Outcome, UnitOfWork

log = logging.getLogger(__name__)

ALONE_TRIES = 3
PASSES = (Transient, OperationalError, OSError)
"""What lies in what the system works with, not in what it was given: the batch waits and is handled again."""


class Isolation:
    """Handles records of one system each in a transaction of its own, and buries what cannot be handled."""

    def __init__(
        self,
        unit: UnitOfWork,
        database: Database,
        broker: KafkaBroker,
        counts: dict[str, int],
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._unit = unit
        self._database = database
        self._broker = broker
        self._counts = counts
        self._pause = pause

    async def take(self, item: Received | Rejected, *, failed: bool = False) -> Outcome:
        """What became of ``item``; after some tries it is buried. ``failed``: it has failed in its batch as well, and
        was counted.

        Raises what ``PASSES`` names; nothing has happened then.
        """
        for attempt in range(1, ALONE_TRIES + 1):
            try:
                async with self._database.transaction() as session:
                    outcome = await self._unit.batch(session, [item], last_try=attempt == ALONE_TRIES)
                    self._broker.check()
            except PASSES:
                raise
            except Exception as error:
                if attempt == ALONE_TRIES:
                    log.exception("%s: a record of %s cannot be handled", self._unit.system, item.record.position.topic)
                    return await self._bury(item, type(error).__name__)
            else:
                if not outcome.failing:
                    return outcome
                await self._pause(0.05 * 2**attempt)
            self._counts["failing"] += not failed
            failed = True
        return Outcome()

    async def _bury(self, item: Received | Rejected, detail: str) -> Outcome:
        """Set ``item`` aside with all that is known of it, or at least its place; what not even that can be done with
        is counted."""
        whole = self._unit.failed(item, detail) if isinstance(item, Received) else item
        for letter in (whole, replace(whole, answer=False), bare(whole, detail)):
            try:
                async with self._database.transaction() as session:
                    return await self._unit.batch(session, [letter])
            except PASSES:
                raise
            except Exception:
                log.exception("%s: a dead letter cannot be kept", self._unit.system)
        self._counts["not_kept"] += 1
        return Outcome()
