"""What becomes due without anybody doing anything: silent registries, and results nobody comes for.

Due is what is due by the stand's clock; how often it is looked is real time. What is due stands in the database, so a
restart goes on where it was.
"""

import asyncio
import logging

from sqlalchemy.exc import DBAPIError

from services.csc.repository import ISSUED_DOCUMENTS, MATTERS, queries
from services.csc.service.context import Context
from services.csc.service.enquiries import Enquiries, loads_for
from services.csc.service.results import Results
from shared.kit.errors import StandError
from shared.web.wait import pause

log = logging.getLogger(__name__)

_AT_ONCE = 100


class Watch:
    """The background worker."""

    def __init__(self, context: Context, enquiries: Enquiries, results: Results) -> None:
        self._context = context
        self._enquiries = enquiries
        self._results = results
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin to look."""
        self._stopping.clear()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish what is being done and stop looking."""
        # Not cancelled: a connection cut off in the middle of a statement would keep SQLite's lock.
        self._stopping.set()
        if self._task is not None:
            await self._task
            self._task = None

    async def turn(self) -> int:
        """Do what is due; how many matters that were."""
        platform, now = self._context.platform, self._context.clock.now()
        async with platform.database.session() as session:
            silent = await queries.due_enquiries(session, now, _AT_ONCE)
            kept = await queries.uncollected(session, now, _AT_ONCE)
        for matter_id in silent:
            async with platform.runtime.work(loads_for(matter_id)) as work:
                self._enquiries.ask_again(work, matter_id)
        for matter_id in kept:
            async with platform.runtime.work([(MATTERS, matter_id), (ISSUED_DOCUMENTS, matter_id)]) as work:
                self._results.return_uncollected(work, matter_id)
        return len(silent) + len(kept)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.turn()
            except (StandError, DBAPIError, OSError):
                log.exception("what is due waits")
            await pause(self._stopping, self._context.settings.watch_s)
