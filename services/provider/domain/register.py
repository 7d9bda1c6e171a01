"""The register of public services (мемлекеттік көрсетілетін қызметтерді тіркеу журналы) of an organisation."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Counter:
    """The last number given; the next one follows without a gap, for it is given in the transaction that uses it."""

    name: str
    last: int = 0

    def next(self) -> Self:
        """With one more number given."""
        return replace(self, last=self.last + 1)


def counter_name(register: str, provider_bin: str, year: int) -> str:
    """The counter of one of an organisation's registers in one year."""
    return f"{register}/{provider_bin}/{year}"


def register_number(at: datetime, number: int) -> str:
    """The number as it is written: year and number."""
    return f"{at.year}-{number:06d}"


def register_key(provider_bin: str, at: datetime, number: int) -> str:
    """A key by which the entries of an organisation sort in the order of the register."""
    return register_key_of(provider_bin, at.year, number)


def register_key_of(provider_bin: str, year: int, number: int) -> str:
    """The same by the year."""
    return f"{provider_bin}/{year}/{number:08d}"
