"""A regulation file that does not hold together is a reason not to start."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from shared.kit.errors import StandError
from shared.kit.text import Text


class RegulationFault(NamedTuple):
    """One thing that is wrong: the file (relative to the data directory), the path inside it, what it is."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.message}" if self.path else f"{self.file}: {self.message}"


class RegulationError(StandError):
    """The regulation files cannot be used. ``faults`` names every fault of every file, not only the first."""

    code = "regulation-invalid"
    status_code = 500
    title = Text(
        kk="Регламент деректері жарамсыз", ru="Данные регламента непригодны", en="The regulation data cannot be used"
    )

    def __init__(self, faults: Iterable[RegulationFault]) -> None:
        self.faults = tuple(sorted(set(faults), key=_reading_order))
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} fault(s) in the regulation data\n{lines}")


def _reading_order(fault: RegulationFault) -> tuple[str, list[tuple[str, int]], str]:
    """By file, then by path with ``steps[9]`` before ``steps[10]``."""
    numbered = [(word, int(number or 0)) for word, number in re.findall(r"([^0-9]+)([0-9]*)", fault.path)]
    return fault.file, numbered, fault.message
