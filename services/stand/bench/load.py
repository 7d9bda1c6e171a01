"""The load generator: applications in the ways in which they are measured.

Drafts and signatures are made by ``prepare``, before any clock starts.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from services.stand.bench.applicants import Applicant, Prepared

_PREPARING = 4
"""Drafts prepared at the same time."""
_POLL_S = 0.1


class LoadGenerator:
    """One applicant, in a hurry or not."""

    def __init__(self, applicant: Applicant) -> None:
        self._applicant = applicant
        self._next = 0
        self._prepared: list[Prepared] = []

    async def prepare(self, count: int, first: int) -> dict[str, Any]:
        """Make ``count`` drafts. ``first``: where to go on with the numbers, so that none is used twice."""
        self._next = max(self._next, first)
        numbers = iter(range(self._next, self._next + count))
        self._next += count

        async def work() -> None:
            for number in numbers:
                self._prepared.append(await self._applicant.prepare(number))

        await asyncio.gather(*(work() for _ in range(_PREPARING)))
        # Lists are by id; in this order the newest answers are on the first page.
        self._prepared.sort(key=lambda item: item.application)
        return {"prepared": len(self._prepared), "next": self._next}

    async def throughput(self, window: int) -> dict[str, Any]:
        """Submit everything prepared, at most ``window`` on their way; the time until the last result is there."""
        items, slots = self._take(), asyncio.Semaphore(window)
        waiting = {item.application for item in items}
        queue = iter(items)
        started = perf_counter()

        async def submit() -> None:
            for item in queue:
                await slots.acquire()
                await self._applicant.submit(item)

        async def watch() -> None:
            while waiting:
                for application in await self._applicant.finished(waiting):
                    waiting.discard(application)
                    slots.release()
                await asyncio.sleep(_POLL_S if len(waiting) > window // 4 else _POLL_S / 5)

        # Far more than a slow machine needs, so that a lost application ends the run instead of hanging it.
        async with asyncio.timeout(60 + len(items)):
            await asyncio.gather(watch(), *(submit() for _ in range(min(window, self._applicant.at_once))))
        return {"applications": len(items), "seconds": perf_counter() - started, "last": items[-1].application}

    async def alone(self) -> dict[str, Any]:
        """Submit everything prepared, each when the one before has its result."""
        seconds = []
        for item in self._take():
            started = perf_counter()
            await self._applicant.submit(item)
            await self._applicant.follow(item.application)
            seconds.append(perf_counter() - started)
        return {"applications": len(seconds), "latencies_s": seconds}

    async def paced(self, rate: float, follow_each: int) -> dict[str, Any]:
        """Submit everything prepared at random moments, ``rate`` a second, whatever the stand does meanwhile.

        Every ``follow_each``-th is followed to its result; its time runs from the moment it was due.
        """
        chance = random.Random(1)  # noqa: S311 - arrivals, no secrets
        items = self._take()
        waiting = {item.application for item in items}
        seconds: list[float] = []
        started = perf_counter()

        async def one(item: Prepared, due: float, *, follow: bool) -> None:
            await asyncio.sleep(max(0.0, started + due - perf_counter()))
            await self._applicant.submit(item)
            if follow:
                await self._applicant.follow(item.application)
                seconds.append(perf_counter() - started - due)

        due, calls = 0.0, []
        for number, item in enumerate(items):
            due += chance.expovariate(rate)
            calls.append(one(item, due, follow=number % follow_each == 0))
        async with asyncio.timeout(60 + due + len(items)):
            await asyncio.gather(*calls)
            while waiting:
                waiting -= await self._applicant.finished(waiting)
                await asyncio.sleep(_POLL_S)
        return {"applications": len(items), "latencies_s": seconds}

    def _take(self) -> list[Prepared]:
        taken, self._prepared = self._prepared, []
        if not taken:
            raise RuntimeError("nothing is prepared")
        return taken


def commands(generator: LoadGenerator) -> dict[str, Callable[..., Awaitable[dict[str, Any]]]]:
    """What the generator can be told to do, by name."""
    return {
        "prepare": generator.prepare,
        "throughput": generator.throughput,
        "alone": generator.alone,
        "paced": generator.paced,
    }
