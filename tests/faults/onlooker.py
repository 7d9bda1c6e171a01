"""Somebody who keeps asking the gateway how the runs stand, while parts of the stand fail."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import httpx

from tests.faults import recorder
from tests.faults.history import Answer, History

LOOKS_ON_S = 40.0
"""How long an application is still asked about when its end was told: longer than what was lost takes to come again."""
_BREATH_S = 0.01


@asynccontextmanager
async def onlooker(history: History, gateways: Callable[[], Iterable[str]]) -> AsyncIterator[None]:
    """Asks all ``gateways`` (addresses) in turn while the block runs, and writes down what it is told."""
    task = asyncio.create_task(_look(history, gateways))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _look(history: History, gateways: Callable[[], Iterable[str]]) -> None:
    loop = asyncio.get_running_loop()
    ended: dict[str, float] = {}
    async with httpx.AsyncClient(timeout=5) as http:
        while True:
            submitted = {op.application for op in history.operations if op.action == "submit" and op.outcome == "ok"}
            for application in sorted(filter(None, submitted)):
                if loop.time() - ended.get(application, loop.time()) > LOOKS_ON_S:
                    continue
                for gateway in gateways():
                    await asyncio.sleep(_BREATH_S)
                    try:
                        verdict = await recorder.verdict(http, gateway, application)
                    except httpx.HTTPError:
                        continue
                    if verdict is not None:
                        answer = Answer(application, loop.time(), verdict.outcome, verdict.verdict)
                        history.answers.append(answer)
                        if verdict.outcome is not None:
                            ended.setdefault(application, loop.time())
            await asyncio.sleep(_BREATH_S)
