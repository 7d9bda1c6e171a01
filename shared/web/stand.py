"""The stand's controls under ``/__stand/``: clock, reset, faults. Mounted only when the tools are enabled."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from shared.kit.clock import Clock, rfc3339
from shared.kit.duration import DURATION_PATTERN, parse_duration
from shared.kit.errors import Conflict, InvalidInput, NotFound
from shared.kit.faults import Fault, Faults
from shared.web.numbers import WHOLE

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2099, 12, 31, tzinfo=UTC)
_RFC3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"
_CHANGES = ("set", "advance", "resume")


class ClockRead(BaseModel):
    """Stand time; ``frozen`` while it stands still."""

    now: str = Field(description="RFC 3339, UTC")
    frozen: bool


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
    clock: Clock, reset: Callable[[], Awaitable[None]] | None = None, faults: Faults | None = None
) -> APIRouter:
    """Clock, and where given: reset (which also disarms the faults) and faults. Pass it as one of ``stand_routers``."""
    router = APIRouter(prefix="/__stand", tags=["stand"])

    def reading() -> ClockRead:
        return ClockRead(now=rfc3339(clock.now()), frozen=clock.frozen)

    @router.get("/clock", summary="Read the stand's time")
    async def get_clock() -> ClockRead:
        return reading()

    @router.post("/clock", summary="Set, advance or resume the stand's time")
    async def change_clock(change: ClockChange) -> ClockRead:
        """All services of the process share one clock. Time outside the years 2000 to 2099 is a conflict."""
        apply_clock_change(clock, change)
        return reading()

    if reset is not None:
        _add_reset(router, reset, faults)
    if faults is not None:
        _add_faults(router, faults)
    return router


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
        raise Conflict("the stand's time stays between 2000 and 2099") from error
    if not _EARLIEST <= target <= _LATEST:
        raise Conflict("the stand's time stays between 2000 and 2099")
    # Advancing keeps frozen time frozen, as Clock.advance does.
    clock.set(target, freeze=change.freeze or (given == ["advance"] and clock.frozen))


def _add_reset(router: APIRouter, reset: Callable[[], Awaitable[None]], faults: Faults | None) -> None:
    @router.post("/reset", status_code=204, summary="Forget every application, message and fault")
    async def reset_service() -> Response:
        if faults is not None:
            faults.disarm_all()
        await reset()
        return Response(status_code=204)


def _add_faults(router: APIRouter, faults: Faults) -> None:
    def known(name: str, times: int | None) -> FaultRead:
        try:
            return FaultRead.of(faults.arm(name, times))
        except KeyError:
            raise NotFound(f"no such fault; this service knows: {[fault.name for fault in faults.all()]}") from None

    @router.get("/faults", summary="The faults this service can play")
    async def list_faults() -> list[FaultRead]:
        return [FaultRead.of(fault) for fault in faults.all()]

    @router.put("/faults/{name}", summary="Arm a fault")
    async def arm_fault(name: str, change: Annotated[FaultChange, Body()]) -> FaultRead:
        return known(name, change.times)

    @router.delete("/faults/{name}", summary="Disarm a fault")
    async def disarm_fault(name: str) -> FaultRead:
        return known(name, 0)


def _instant(text: str) -> datetime:
    """The instant of an RFC 3339 text; ``InvalidInput`` if it names no day or hour that exists."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise InvalidInput(faults=[_fault("/set", f"no such time: {error}")]) from error


def _fault(path: str, message: str) -> dict[str, Any]:
    return {"in": "body", "path": path, "message": message}
