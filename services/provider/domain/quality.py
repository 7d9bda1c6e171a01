"""Norms and targets of the quality of a service, approved by order every year."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class QualityNorm:
    """Of one indicator of a service in one year, in per cent. ``target``: of the next year, as the annex has it;
    ``order_number`` and ``order_date``: of the order that approves both."""

    key: str
    regulation: str
    year: int
    indicator: str
    norm: float | None
    target: float | None
    order_number: str
    order_date: date
    entered_by: str
    entered_at: datetime


def norm_key(regulation: str, year: int, indicator: str) -> str:
    """The key of a norm."""
    return f"{regulation}/{year}/{indicator}"
