"""One time for every process of the stand: one keeps it, the others follow.

The authority keeps it, because certificates rest on it; it writes down how far it is from real time, so that a restart
does not throw the stand back. A process that follows asks several times a second, and tells in the same breath whether
it is at rest.
"""

import asyncio
import contextlib
import json
import logging
import math
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from shared.kit.background import Background
from shared.kit.clock import EARLIEST, LATEST, Clock, rfc3339
from shared.kit.durable import make_folder, replace_file
from shared.kit.errors import Conflict, InvalidInput, StandError, Unavailable
from shared.kit.resets import ABANDONED_AFTER_S, Phase, Stage
from shared.messaging.http import client
from shared.web.stand import ClockPosition, ClockRead
from shared.web.wait import pause

log = logging.getLogger(__name__)

_ASK_EVERY_S = 0.2
_IN_A_RESET_S = 0.02
_LONGEST_WAIT_S = 70.0
_SAYS_WITHIN_S = 1.0
_WRITE_EVERY_S = 1.0
"""How long a disk is left alone that has not taken where the clock stands."""
_RUNS_ON = timedelta(days=366)
"""By how much a clock may have run on, or machines differ, from what it can be set to."""
SILENT_AFTER_S = ABANDONED_AFTER_S
"""A keeper that is restarted is back sooner; after this ``/readyz`` says that nobody tells the time."""


def _restore(clock: Clock, file: Path) -> None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        frozen = datetime.fromisoformat(kept["frozen_at"]) if kept["frozen_at"] else None
        clock.adopt(float(kept["ahead_s"]), frozen, int(kept["changes"]), float(kept["set_back_s"]))
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError) as error:
        # A stand at real time is of more use than none; whoever had moved its clock is told and can do so again.
        log.warning("%s cannot be read (%s): the stand's time is real time again", file, error)


def keep(clock: Clock, file: Path) -> None:
    """Set ``clock`` to where ``file`` says it stood, and write down every change from now on: one that the disk does
    not take again and again, until it does. ``/readyz`` says so meanwhile."""
    _restore(clock, file)
    record = _Record(clock, file)
    clock.listeners.append(record.write)
    clock.faults.append(lambda: record.fault)


class _Record:
    """Where the clock stands, written down."""

    def __init__(self, clock: Clock, file: Path) -> None:
        self._clock = clock
        self._file = file
        self._again: asyncio.TimerHandle | None = None
        self.fault: str | None = None

    def write(self) -> None:
        """Write it down; later, if that is not possible now."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        ahead_s, frozen_at = self._clock.position
        content = {
            "ahead_s": ahead_s,
            "frozen_at": rfc3339(frozen_at) if frozen_at else None,
            "changes": self._clock.changes,
            "set_back_s": self._clock.set_back_s,
        }
        try:
            make_folder(self._file.parent)
            replace_file(self._file, json.dumps(content).encode())
        except OSError as error:
            # The clock has moved all the same, and others follow it already.
            self._failed(f"where the stand's clock stands could not be kept: {error}")
        else:
            self.fault = None

    def _failed(self, fault: str) -> None:
        if self.fault is None:
            log.warning("%s", fault)
        self.fault = fault
        # Without a loop nothing runs that could wait for it: the next change writes.
        with contextlib.suppress(RuntimeError):
            self._again = asyncio.get_running_loop().call_later(_WRITE_EVERY_S, self.write)


class Follower:
    """Keeps the clock of this process where the stand's clock is. ``name`` tells it from the others."""

    def __init__(self, clock: Clock, url: str, name: str, http: httpx.AsyncClient | None = None) -> None:
        self._clock = clock
        self._url = f"{url.rstrip('/')}/__stand/clock"
        self._name = name
        self._http = http or client(timeout=5)
        self._following = Background(f"{name}: following the stand's time", self._run)
        self._stopping = self._following.ending
        self._asking = asyncio.Lock()
        self._stage = Stage()  # of the stand's reset: what was done last, and what went wrong in it
        self._faults: tuple[str, ...] = ()
        self._heard_at = -math.inf
        self._answered: str | None = None  # what is wrong with what the keeper answered last
        self._doing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take over the stand's time, waiting for whoever keeps it, and follow it from now on."""
        self._clock.forward, self._clock.catch_up = self._forward, self._ask
        self._clock.resets.forward = self._reset
        self._clock.faults.append(self._fault)
        while not self._stopping.is_set() and not await self._ask():
            await pause(self._stopping, _ASK_EVERY_S)
        if not self._stopping.is_set():
            self._following.start()

    async def stop(self) -> None:
        """Follow no more."""
        await self._following.stop()
        if self._fault in self._clock.faults:
            self._clock.faults.remove(self._fault)
        if self._doing is not None:
            await self._doing
        self._clock.forward = self._clock.catch_up = self._clock.resets.forward = None
        await self._http.aclose()

    async def _run(self) -> None:
        while not await pause(self._stopping, _ASK_EVERY_S if self._stage.phase is Phase.RESUME else _IN_A_RESET_S):
            if not await self._ask():
                self._go_on_alone()

    def _go_on_alone(self) -> None:
        """Whoever leads a reset has died in it, or given up long ago: nobody stands still for ever."""
        silent_s = asyncio.get_running_loop().time() - self._heard_at
        busy = self._doing is not None and not self._doing.done()
        if self._stage.phase is not Phase.RESUME and not busy and silent_s > ABANDONED_AFTER_S:
            log.warning("the reset was given up: its leader has been silent for %.0f s", silent_s)
            self._doing = asyncio.create_task(self._do(replace(self._stage, phase=Phase.RESUME)))

    async def _busy(self) -> tuple[str, ...]:
        """What is busy here. Following waits for nobody who cannot say: a process with another time than the others'
        rejects what they sign."""
        try:
            async with asyncio.timeout(_SAYS_WITHIN_S):
                return await self._clock.participants.busy_here(self._clock.changes)
        except TimeoutError:
            return (f"{self._name}: does not say",)
        except Exception:
            log.exception("cannot say what is busy")
            return (f"{self._name}: cannot say",)

    async def _ask(self) -> bool:
        # One after the other: an older answer that comes later would be taken for news.
        async with self._asking:
            return await self._asked()

    async def _asked(self) -> bool:
        report = {
            "name": self._name,
            "changes": self._clock.changes,
            "busy": list(await self._busy()),
            "systems": list(self._clock.resets.here),
            "reset": self._stage.number,
            "phase": self._stage.phase.value,
            "faults": [fault[:500] for fault in self._faults],
        }
        try:
            answer = await self._http.post(f"{self._url}/followers", json=report)
            kept = ClockPosition.model_validate(answer.raise_for_status().json())
            self._adopt(kept)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OverflowError) as error:
            self._silent(error)
            return False
        self._heard_at = asyncio.get_running_loop().time()
        self._answered = None
        stage = Stage(kept.reset, kept.phase)
        if stage != self._stage and (self._doing is None or self._doing.done()):
            # In the background: whoever does not ask is taken for gone.
            self._doing = asyncio.create_task(self._do(stage))
        return True

    def _adopt(self, kept: ClockPosition) -> None:
        """Raises ``ValueError`` or ``OverflowError`` for a time that the stand's clock never shows."""
        if (kept.changes, kept.ahead_s) == (self._clock.changes, self._clock.position[0]):
            return
        shown = kept.frozen_at or self._clock.machine_now() + timedelta(seconds=kept.ahead_s)
        if not EARLIEST - _RUNS_ON <= shown <= LATEST + _RUNS_ON:
            raise ValueError(f"no time of a stand: {shown}")
        self._clock.adopt(kept.ahead_s, kept.frozen_at, kept.changes, kept.set_back_s)

    def _silent(self, error: Exception) -> None:
        """Whoever is there instead of the keeper, e.g. on its port, is told once."""
        told = f"answers what no keeper answers ({type(error).__name__})"
        if isinstance(error, httpx.HTTPStatusError):
            told = f"answers {error.response.status_code}"
        elif isinstance(error, httpx.TransportError):
            told = "does not answer"
        elif self._answered != told:
            log.warning("the keeper of the stand's time at %s %s", self._url, told)
        self._answered = told

    def _fault(self) -> str | None:
        """Why the time of this process may be another than the stand's; for ``/readyz``."""
        if broken := self._following.fault:
            return broken
        silent_s = asyncio.get_running_loop().time() - self._heard_at
        if self._answered is None or silent_s < SILENT_AFTER_S:
            return None
        return f"the keeper of the stand's time {self._answered}; this process goes on with the time it knew"

    async def _do(self, stage: Stage) -> None:
        """Take part in the reset of the stand."""
        self._faults = await self._clock.resets.do_here(stage.phase)
        self._stage = stage

    async def _reset(self) -> None:
        """Have the stand reset by whoever leads it."""
        url = self._url.removesuffix("/clock")
        try:
            answer = await self._http.post(f"{url}/resets", timeout=_LONGEST_WAIT_S)
        except httpx.HTTPError as error:
            raise Unavailable("nothing was reset: the keeper of the stand's time does not answer") from error
        if answer.is_error:
            raise Unavailable(str(_object(answer).get("detail", answer.status_code)))

    async def _forward(self, change: dict[str, Any], wait: float) -> dict[str, Any]:
        try:
            answer = await self._http.post(self._url, json=change, params={"wait": wait}, timeout=_LONGEST_WAIT_S)
        except httpx.HTTPError as error:
            raise Unavailable("the keeper of the stand's time does not answer") from error
        if answer.is_error:
            raise _as_problem(answer)
        with contextlib.suppress(StandError):
            await self._ask()
        return ClockRead.model_validate(_object(answer)).model_dump()


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object that the keeper answered with. Raises ``Unavailable`` if it is none."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable(f"whoever is in place of the keeper of the stand's time answers {answer.status_code}")
    return found


def _as_problem(answer: httpx.Response) -> StandError:
    """The problem that the keeper answered with, as this process's own answer."""
    content = _object(answer)
    if answer.status_code == httpx.codes.CONFLICT:
        return Conflict(str(content.get("detail", "")))
    return InvalidInput(str(content.get("detail", "")), faults=content.get("faults", []))
