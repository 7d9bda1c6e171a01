"""Somebody who keeps asking the gateway how runs have ended, at whichever replica: what was final once stays final."""

import asyncio
import json

import httpx

from tests.faults.history import History, Verdict
from tests.faults.recorder import verdict_in

_LOOKS_PER_S = 25.0
_LOOKS_ON_S = 15.0
"""How long a run is looked at after its end: longer than what it rests on can be late."""


class Onlooker:
    """Looks at one run after the other, round and round, and writes down every answer with an outcome."""

    def __init__(self, history: History, gateways: list[str]) -> None:
        self._history = history
        self._gateways = gateways
        self._ended: dict[str, float] = {}

    async def look(self) -> None:
        """Until cancelled. No answer is no answer: that is what the faults are for."""
        looks = 0
        async with httpx.AsyncClient(timeout=5) as http:
            while True:
                for application in self._wanted():
                    url = self._gateways[looks % len(self._gateways)]
                    looks += 1
                    try:
                        answer = await http.get(f"{url}/journal/{application}")
                        if answer.is_success:
                            self._note(application, verdict_in(answer.json()))
                    except (httpx.HTTPError, json.JSONDecodeError):
                        pass
                    await asyncio.sleep(1 / _LOOKS_PER_S)
                await asyncio.sleep(1 / _LOOKS_PER_S)

    def _wanted(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        sent = {op.application: None for op in self._history.operations if op.action == "submit" and op.outcome == "ok"}
        return [name for name in sent if name is not None and now - self._ended.get(name, now) <= _LOOKS_ON_S]

    def _note(self, application: str, found: Verdict) -> None:
        if found.outcome is None:
            return
        self._ended.setdefault(application, asyncio.get_running_loop().time())
        told = self._history.told.setdefault(application, [])
        if found not in told:
            told.append(found)
