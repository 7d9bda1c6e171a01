"""The arithmetic of the benchmark: medians with their spread, percentiles, shares."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One quantity measured several times."""

    median: float
    lowest: float
    highest: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        """Median and range of ``values``. Raises ``ValueError`` if there are none."""
        if not values:
            raise ValueError("nothing was measured")
        return cls(statistics.median(values), min(values), max(values), len(values))

    @property
    def spread(self) -> float:
        """Distance between the lowest and the highest value as a share of the median; 0 for a median of 0."""
        return (self.highest - self.lowest) / self.median if self.median else 0.0

    def as_dict(self) -> dict[str, float]:
        """For ``--json``."""
        return {
            "median": rounded(self.median),
            "lowest": rounded(self.lowest),
            "highest": rounded(self.highest),
            "spread": rounded(self.spread),
            "runs": self.runs,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of all values do not exceed (nearest rank).

    Raises ``ValueError`` without values or with a share outside of 0 to 1.
    """
    if not values:
        raise ValueError("nothing was measured")
    if not 0 <= share <= 1:
        raise ValueError("a share is between 0 and 1")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratio(part: float, whole: float) -> float:
    """``part`` of ``whole``; 0 if there is no whole."""
    return part / whole if whole else 0.0


def apportion(shares: Mapping[str, float], seats: int) -> dict[str, int]:
    """Whole numbers that add up to ``seats``, as close to ``shares`` as can be (largest remainder).

    Raises ``ValueError`` if the shares add up to nothing.
    """
    total = sum(shares.values())
    if total <= 0:
        raise ValueError("nothing to apportion")
    exact = {name: share / total * seats for name, share in shares.items()}
    given = {name: math.floor(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: exact[name] - given[name], reverse=True)
    for name in by_remainder[: seats - sum(given.values())]:
        given[name] += 1
    return given


def rounded(value: float) -> float:
    """``value`` with four significant digits: more would be noise."""
    return float(f"{value:.4g}")
