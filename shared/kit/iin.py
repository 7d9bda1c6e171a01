"""The individual identification number (ИИН / ЖСН): twelve digits with a check digit.

Layout: ``YYMMDD`` birth date, one digit for century and sex (1–2: 1800s, 3–4: 1900s, 5–6: 2000s; odd is male),
four digits, check digit. The check digit is the weighted sum (1…11) modulo 11; if that is 10, it is summed
again with weights 3…11, 1, 2; a second 10 means the number is never given out (rules for forming the IIN, Government
resolution No 853 of 11 September 2003, annex).
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_CENTURY = {1: 1800, 2: 1800, 3: 1900, 4: 1900, 5: 2000, 6: 2000}

Sex = Literal["male", "female"]


def _check_digit(first_eleven: str) -> int | None:
    for weights in (_FIRST, _SECOND):
        digit = sum(int(d) * w for d, w in zip(first_eleven, weights, strict=True)) % 11
        if digit < 10:
            return digit
    return None


def fault(iin: str) -> str | None:
    """What is wrong with ``iin``, in English, or ``None`` if it is well formed."""
    if len(iin) != 12 or not iin.isascii() or not iin.isdigit():
        return "an IIN has exactly twelve digits"
    if int(iin[6]) not in _CENTURY:
        return "the seventh digit of an IIN is 1 to 6"
    if birth_date_of(iin) is None:
        return "the first six digits of an IIN are a date of birth"
    if _check_digit(iin[:11]) != int(iin[11]):
        return "the check digit of the IIN is wrong"
    return None


def bin_fault(number: str) -> str | None:
    """What is wrong with a business identification number (БИН / БСН), in English, or ``None``.

    Layout: year and month of registration, the kind of entity (4 to 6), its attribute (0 to 4), five digits, and the
    check digit of the IIN (rules for forming the BIN, the same resolution).
    """
    if len(number) != 12 or not number.isascii() or not number.isdigit():
        return "a BIN has exactly twelve digits"
    if not 1 <= int(number[2:4]) <= 12:
        return "the third and fourth digit of a BIN are a month"
    if number[4] not in "456":
        return "the fifth digit of a BIN is 4 to 6"
    if _check_digit(number[:11]) != int(number[11]):
        return "the check digit of the BIN is wrong"
    return None


def is_valid(iin: str) -> bool:
    """Whether ``iin`` is well formed, its date exists and its check digit fits."""
    return fault(iin) is None


def birth_date_of(iin: str) -> date | None:
    """The date of birth in the first seven digits, or ``None`` if they name no date."""
    try:
        return date(_CENTURY[int(iin[6])] + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except (ValueError, KeyError, IndexError):
        return None


def make_iin(birth_date: date, sex: Sex, serial: int) -> str:
    """A synthetic, checksum-valid IIN; the first number from ``serial`` (0–9999) on that has a check digit.

    Raises ``ValueError`` for a year outside 1800–2099.
    """
    century = {1800: 1, 1900: 3, 2000: 5}.get(birth_date.year // 100 * 100)
    if century is None:
        raise ValueError(f"no IIN is given for the year {birth_date.year}")
    stem = f"{birth_date:%y%m%d}{century + (sex == 'female')}"
    while True:
        first_eleven = f"{stem}{serial % 10000:04d}"
        digit = _check_digit(first_eleven)
        if digit is not None:
            return f"{first_eleven}{digit}"
        serial += 1


def _well_formed(fault_of: Callable[[str], str | None]) -> AfterValidator:
    def checked(number: str) -> str:
        if wrong := fault_of(number):
            raise ValueError(wrong)
        return number

    return AfterValidator(checked)


CheckedIin = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$"), _well_formed(fault)]
"""An IIN with its check digit."""
CheckedBin = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$"), _well_formed(bin_fault)]
"""A BIN with its check digit."""


def masked(iin: str) -> str:
    """``iin`` fit for a log line: the birth date and the last digit are hidden."""
    return f"******{iin[6:9]}***" if len(iin) == 12 else "***"
