"""The stand's controls under ``/__stand/``: clock, reset, faults. Mounted only when the tools are enabled."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool

from shared.kit.clock import EARLIEST, LATEST, Clock, rfc3339
from shared.kit.duration import DURATION_PATTERN, parse_duration
from shared.kit.errors import Conflict, InvalidInput, NotFound
from shared.kit.faults import Fault, FaultBoard
from shared.kit.resets import Phase, Report, Stage
from shared.kit.text import NO_NUL
from shared.web.numbers import WHOLE
from shared.web.presence import while_there
from shared.web.wait import WaitSeconds

_RFC3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"
_CHANGES = ("set", "advance", "resume")
_LIMITS = f"the stand's time stays between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d} (UTC)"
_LOOK_AGAIN_S = 0.02
_FINISH_FIRST_S = 0.5


class ClockRead(BaseModel):
    """Stand time; ``frozen`` while it stands still. ``settled``: nothing due is left undone; ``busy`` names what is."""

    now: str = Field(description="RFC 3339, UTC")
    frozen: bool
    settled: bool
    busy: list[str] = []


class FollowerReport(BaseModel):
    """A process that follows the clock: the change it has seen last, and what in it is still busy."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
    changes: Annotated[int, Field(ge=0, le=1 << 53), WHOLE]
    busy: Annotated[list[Annotated[str, Field(max_length=500, pattern=NO_NUL)]], Field(max_length=100)] = []
    systems: Annotated[list[Annotated[str, Field(max_length=100, pattern=NO_NUL)]], Field(max_length=100)] = []
    """The systems of the process."""
    reset: Annotated[int, Field(ge=0, le=1 << 53), WHOLE] = 0
    """The number of the last reset of which it has done ``phase``, and what went wrong in that."""
    phase: Phase = Phase.RESUME
    faults: Annotated[list[Annotated[str, Field(max_length=500, pattern=NO_NUL)]], Field(max_length=100)] = []


class ClockPosition(BaseModel):
    """Where the clock stands, for those who follow it: seconds ahead of real time, or where it is frozen; and by how
    much it was ever set back."""

    ahead_s: float
    frozen_at: AwareDatetime | None
    changes: int
    set_back_s: float
    reset: int
    """The stage of the stand's reset that everybody has to be in: its number, and the phase."""
    phase: Phase


class ClockChange(BaseModel):
    """Exactly one of ``set``, ``advance``, ``resume``; with ``freeze`` time then stands still."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": [{"required": [name]} for name in _CHANGES]})

    # Factories instead of defaults: absence is told by ``model_fields_set`` and the schema shows no made-up default.
    set: str = Field(default_factory=str, pattern=_RFC3339, json_schema_extra={"format": "date-time"})
    advance: str = Field(default_factory=str, pattern=DURATION_PATTERN)
    resume: StrictBool = Field(default_factory=bool, json_schema_extra={"const": True})
    freeze: StrictBool = False


class FaultRead(BaseModel):
    """A fault this service can play; ``remaining`` null means until it is disarmed."""

    name: str
    description: str
    armed: bool
    remaining: int | None

    @classmethod
    def of(cls, fault: Fault) -> "FaultRead":
        """What is shown of ``fault``."""
        return cls(name=fault.name, description=fault.description, armed=fault.armed, remaining=fault.remaining)


class FaultChange(BaseModel):
    """How often it shall strike: ``times`` null or absent means until disarmed, 0 switches it off."""

    model_config = ConfigDict(extra="forbid")

    times: Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None = None


def stand_router(
    clock: Clock, reset: Callable[[], Awaitable[None]] | None = None, faults: FaultBoard | None = None
) -> APIRouter:
    """Clock, and where given: reset (which also disarms the faults) and faults. Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])
    _add_clock(router, clock)

    if reset is not None:
        _add_reset(router, reset, faults)
    if faults is not None:
        _add_faults(router, faults)
    return router


def _add_clock(router: APIRouter, clock: Clock) -> None:
    async def reading(wait: float) -> ClockRead:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            busy = await clock.participants.busy(clock.changes, loop.time())
            if not busy or loop.time() >= deadline:
                return ClockRead(now=rfc3339(clock.now()), frozen=clock.frozen, settled=not busy, busy=list(busy))
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def settled(wait: float) -> ClockRead:
        async with while_there():
            return await reading(wait)

    @router.get("/clock", summary="Read the stand's time")
    async def get_clock(wait: WaitSeconds = 0) -> ClockRead:
        """With ``wait`` the answer comes when the stand has settled: whatever was due is done, and no message is on its
        way."""
        return await settled(wait)

    @router.post("/clock", summary="Set, advance or resume the stand's time")
    async def change_clock(change: ClockChange, wait: WaitSeconds = 0) -> ClockRead:
        """For all services: those of this process share one clock, those of others follow it. With ``wait`` the answer
        comes when the stand has settled. Before the time is moved, what is under way has half a second to arrive. Time
        outside the years 2000 to 2099 is a conflict."""
        if clock.forward is not None:
            answer = await clock.forward(change.model_dump(exclude_unset=True), wait)
            return ClockRead.model_validate(answer)
        # A message that waits while time jumps comes too late for its receiver, and has to be sent again.
        await reading(_FINISH_FIRST_S)
        apply_clock_change(clock, change)
        return await settled(wait)

    @router.post("/clock/followers", summary="Follow the stand's time")
    async def follow(report: FollowerReport) -> ClockPosition:
        """For other processes of the stand, which ask again and again."""
        now = asyncio.get_running_loop().time()
        clock.participants.report(report.name, report.changes, tuple(report.busy), now)
        done = Stage(report.reset, report.phase)
        clock.resets.report(report.name, Report(tuple(report.systems), done, tuple(report.faults), now))
        (ahead_s, frozen_at), stage = clock.position, clock.resets.stage
        return ClockPosition(
            ahead_s=ahead_s,
            frozen_at=frozen_at,
            changes=clock.changes,
            set_back_s=clock.set_back_s,
            reset=stage.number,
            phase=stage.phase,
        )


def apply_clock_change(clock: Clock, change: ClockChange) -> None:
    """Carry ``change`` out, or raise ``InvalidInput`` or ``Conflict`` and leave the clock as it was."""
    given = [name for name in _CHANGES if name in change.model_fields_set]
    if len(given) != 1:
        raise InvalidInput(faults=[_fault("", "give exactly one of set, advance, resume")])
    if given == ["resume"]:
        if not change.resume:
            raise InvalidInput(faults=[_fault("/resume", "only true has a meaning")])
        clock.resume()
        if change.freeze:
            clock.set(clock.now(), freeze=True)
        return
    try:
        target = _instant(change.set) if given == ["set"] else clock.now() + parse_duration(change.advance)
    except OverflowError as error:
        raise Conflict(_LIMITS) from error
    if not EARLIEST <= target <= LATEST:
        raise Conflict(_LIMITS)
    # Advancing keeps frozen time frozen, as Clock.advance does.
    clock.set(target, freeze=change.freeze or (given == ["advance"] and clock.frozen))


def _add_reset(router: APIRouter, reset: Callable[[], Awaitable[None]], faults: FaultBoard | None) -> None:
    @router.post("/reset", status_code=204, summary="Forget every application, message and fault")
    async def reset_service() -> Response:
        if faults is not None:
            await faults.forget()
        await reset()
        return Response(status_code=204)


def _add_faults(router: APIRouter, faults: FaultBoard) -> None:
    async def known(name: str, times: int | None) -> FaultRead:
        try:
            return FaultRead.of(await faults.play(name, times))
        except KeyError:
            names = [fault.name for fault in await faults.shown()]
            raise NotFound(f"no such fault; this service knows: {names}") from None

    @router.get("/faults", summary="The faults this service can play")
    async def list_faults() -> list[FaultRead]:
        return [FaultRead.of(fault) for fault in await faults.shown()]

    @router.put("/faults/{name}", summary="Arm a fault")
    async def arm_fault(name: str, change: Annotated[FaultChange, Body()]) -> FaultRead:
        return await known(name, change.times)

    @router.delete("/faults/{name}", summary="Disarm a fault")
    async def disarm_fault(name: str) -> FaultRead:
        return await known(name, 0)


def _instant(text: str) -> datetime:
    """The instant of an RFC 3339 text; ``InvalidInput`` if it names no day or hour that exists."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise InvalidInput(faults=[_fault("/set", f"no such time: {error}")]) from error


def _fault(path: str, message: str) -> dict[str, Any]:
    return {"in": "body", "path": path, "message": message}
