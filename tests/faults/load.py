"""Applications through both diagrams, so many at a time."""

import asyncio
import random
from collections.abc import Callable

from tests.faults.clients import Citizens, GaveUp, Visitors

_KNOCK_PER_S = 25.0
"""How many clients begin in a second."""


class Load:
    """Every second applicant is a citizen at the portal, the others are visitors of a centre."""

    def __init__(self, citizens: Citizens, visitors: Visitors, *, window: int, chance: random.Random) -> None:
        self._desks = (citizens, visitors)
        self._window = window
        self._chance = chance
        self._next = 0
        self.under_way: set[int] = set()
        self.finished = 0
        self.started = 0
        self.gave_up: list[str] = []

    async def run(self, count: int, *, window: int | None = None, enough: Callable[[], bool] = lambda: True) -> None:
        """``count`` applications and as many more until ``enough``, at most ``window`` at once; returns when each
        client is done or has given up."""
        together = min(window or self._window, count)
        left = count

        async def work() -> None:
            nonlocal left
            # They do not all knock at the same moment.
            await reached(lambda: False, within=self._chance.random() * together / _KNOCK_PER_S)
            while left > 0 or not enough():
                left -= 1
                number = self._next
                self._next += 1
                self.started += 1
                self.under_way.add(number)
                try:
                    await self._desks[number % 2].apply(number)
                except GaveUp as reason:
                    self.gave_up.append(str(reason))
                finally:
                    self.under_way.discard(number)
                    self.finished += 1

        await asyncio.gather(*(work() for _ in range(together)))


async def reached(condition: Callable[[], bool], *, within: float | None = None) -> bool:
    """Wait until ``condition`` holds, at most ``within`` seconds; whether it does."""
    loop = asyncio.get_running_loop()
    deadline = None if within is None else loop.time() + within
    while not (there := condition()):
        left = 0.02 if deadline is None else deadline - loop.time()
        if left <= 0:
            break
        await asyncio.sleep(min(left, 0.02))
    return there


async def hold(seconds: float) -> None:
    """Let a fault last."""
    await reached(lambda: False, within=seconds)
