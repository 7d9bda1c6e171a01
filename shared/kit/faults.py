"""Faults a test can switch on by name, so that a failure happens on purpose and when asked (design: "Users", chaos).

The code that may fail declares the fault and asks ``strikes`` at the one place where it would happen.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Fault:
    """One declared fault: ``remaining`` times it will strike, ``None`` for until disarmed, 0 for off."""

    name: str
    description: str
    remaining: int | None = 0

    @property
    def armed(self) -> bool:
        """Whether the next occasion fails."""
        return self.remaining != 0


class FaultBoard(Protocol):
    """Where the stand's tools set the faults of a service: in its process, or in its database for all its replicas."""

    async def shown(self) -> list[Fault]:
        """Every declared fault, by name."""

    async def play(self, name: str, times: int | None) -> Fault:
        """Let it strike so often, ``None`` for always, 0 for not at all. Raises ``KeyError`` if it is not declared."""

    async def forget(self) -> None:
        """Switch every fault off."""


class Faults:
    """The faults one service declares, in its process; all are off until armed."""

    def __init__(self, **descriptions: str) -> None:
        """``descriptions``: name with underscores → what goes wrong; the outside name has hyphens."""
        self._faults: dict[str, Fault] = {}
        for name, description in descriptions.items():
            self.declare(name.replace("_", "-"), description)

    def declare(self, name: str, description: str) -> None:
        """Make ``name`` known, switched off."""
        self._faults[name] = Fault(name, description)

    def all(self) -> list[Fault]:
        """Every declared fault, by name."""
        return sorted(self._faults.values(), key=lambda fault: fault.name)

    def arm(self, name: str, times: int | None = None) -> Fault:
        """Let ``name`` strike the next ``times`` times, or always. Raises ``KeyError`` if it is not declared."""
        return self._put(name, times)

    def disarm(self, name: str) -> Fault:
        """Switch ``name`` off. Raises ``KeyError`` if it is not declared."""
        return self._put(name, 0)

    def disarm_all(self) -> None:
        """Switch every fault off."""
        for name in self._faults:
            self._put(name, 0)

    def strikes(self, name: str) -> bool:
        """Whether it happens now; counts down. Raises ``KeyError`` if it is not declared: a typo never passes."""
        fault = self._faults[name]
        if fault.remaining:
            self._put(name, fault.remaining - 1)
        return fault.armed

    # As ``FaultBoard``, for the stand's tools.

    async def shown(self) -> list[Fault]:
        """As ``all``."""
        return self.all()

    async def play(self, name: str, times: int | None) -> Fault:
        """As ``arm``."""
        return self.arm(name, times)

    async def forget(self) -> None:
        """As ``disarm_all``."""
        self.disarm_all()

    def _put(self, name: str, remaining: int | None) -> Fault:
        self._faults[name] = fault = Fault(name, self._faults[name].description, remaining)
        return fault
