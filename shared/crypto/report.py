"""The verdict of a verification: a report, not a boolean.

Indications and sub-indications are the words of ETSI EN 319 102-1 §5.1.3 and tables 5 and 6. *Indeterminate* means that
the stand could not find out (a revocation source was silent); it must never be shown as "invalid".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Indication(StrEnum):
    """What a check, or a whole verification, says."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


class SubIndication(StrEnum):
    """Why a check did not pass."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    REVOKED = "REVOKED"
    TRY_LATER = "TRY_LATER"


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered step of a verification procedure and its outcome. ``detail`` is English, for people who debug."""

    n: int
    name: str
    indication: Indication = Indication.PASSED
    sub_indication: str | None = None
    detail: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the step was done and went well."""
        return self.indication is Indication.PASSED

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form; the empty members are left out."""
        members = {"n": self.n, "name": self.name, "indication": self.indication.value}
        optional = {"sub_indication": self.sub_indication, "detail": self.detail}
        return members | {name: str(value) for name, value in optional.items() if value is not None}


def failed(n: int, name: str, sub_indication: str, detail: str) -> Check:
    """A step that found something wrong."""
    return Check(n, name, Indication.FAILED, sub_indication, detail)


def indeterminate(n: int, name: str, detail: str, sub_indication: str = SubIndication.TRY_LATER) -> Check:
    """A step that could not find out."""
    return Check(n, name, Indication.INDETERMINATE, sub_indication, detail)


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """The checks of one verification in the order they were made; later steps are absent after the first failure."""

    checks: tuple[Check, ...]

    @classmethod
    def of(cls, checks: Iterable[Check]) -> "ValidationReport":
        """Collect checks, lazily, up to and including the first that did not pass."""
        made: list[Check] = []
        for check in checks:
            made.append(check)
            if not check.passed:
                break
        return cls(tuple(made))

    @property
    def indication(self) -> Indication:
        """Failed if any check failed, else indeterminate if any is, else passed. No checks prove nothing."""
        found = {check.indication for check in self.checks}
        if Indication.FAILED in found:
            return Indication.FAILED
        if Indication.INDETERMINATE in found or not found:
            return Indication.INDETERMINATE
        return Indication.PASSED

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return self.indication is Indication.PASSED

    @property
    def failure(self) -> Check | None:
        """The first check that did not pass, or ``None``."""
        return next((check for check in self.checks if not check.passed), None)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form: ``{"indication", "checks": […]}``, kept with the message and shown on its page."""
        return {"indication": self.indication.value, "checks": [check.as_dict() for check in self.checks]}
