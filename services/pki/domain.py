"""What the authority certifies: kinds of certificates, how long they are valid, the people of the stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.kit.iin import CheckedIin
from shared.kit.text import Text
from shared.messages.systems import System


class Kind(StrEnum):
    """What becomes of a person's certificate. All but the first are magic: made so that a check fails as named."""

    ORDINARY = "ordinary"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_IIN = "wrong-iin"
    WRONG_USAGE = "wrong-usage"
    UNKNOWN_ISSUER = "unknown-issuer"


class Status(StrEnum):
    """The state of an issued certificate at some moment."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"


class RevocationReason(StrEnum):
    """Why a certificate is revoked; the words of RFC 5280 §5.3.1 as the API spells them."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"

    @property
    def in_list(self) -> str:
        """The word as it stands in revocation lists: ``keyCompromise``."""
        first, *others = self.value.split("_")
        return first + "".join(word.capitalize() for word in others)


_YEAR = timedelta(days=365)
NOT_YET_VALID_FOR = timedelta(days=30)

DEMO_PASSWORD = "Qwerty12"  # noqa: S105 - public on purpose
"""Password of every key container of the stand. The people are invented and the keys worthless outside; a constant that
everybody knows is what the national authority's own test keys have, and spares each test a look-up."""

FOREIGN_IIN = "700101390000"
"""Checksum-valid and nobody's: what the wrong-iin certificate carries."""

OPERATOR = "TEST operator of the e-government"
OPERATOR_BIN = "020240000555"
SYSTEM_OWNERS: dict[System, tuple[str, str]] = {
    System.CSC: ("TEST State corporation", "160440007161"),
    System.REGIONAL_GATEWAY: ("TEST regional administration", "050140000775"),
    System.PROVIDER: ("TEST education department", "990140000047"),
    System.PERSONS: ("TEST ministry of justice", "080540000882"),
    System.NOTARY: ("TEST ministry of justice", "080540000882"),
}
"""Organisation and BIN in systems' certificates; the others belong to the operator."""


def owner_of(system: System) -> tuple[str, str]:
    """The organisation that runs ``system``, and its BIN."""
    return SYSTEM_OWNERS.get(system, (OPERATOR, OPERATOR_BIN))


def validity(kind: Kind, at: datetime, days: int | None = None) -> tuple[datetime, datetime]:
    """First and last instant of the validity of a person's certificate of ``kind`` issued at ``at``.

    ``days`` is its term, instead of as long as the stand's clock can be set to; nothing to one that is expired.

    What becomes of it does not hang on where that clock is moved to: an expired one ended before the clock's earliest
    time. Only one that is not yet valid becomes so thirty days after its issue.
    """
    if kind is Kind.EXPIRED:
        return VALID_FROM - _YEAR, VALID_FROM
    begin = at + NOT_YET_VALID_FOR if kind is Kind.NOT_YET_VALID else VALID_FROM
    if days is None:
        return begin, VALID_UNTIL
    return begin, max(begin, at) + timedelta(days=days)


@dataclass(frozen=True)
class IssuedCertificate:
    """An entry of the authority's register. ``serial`` is hexadecimal."""

    thumbprint: str
    pem: str
    serial: str
    common_name: str
    not_before: datetime
    not_after: datetime
    issued_at: datetime
    iin: str | None = None
    bin: str | None = None
    system: str | None = None
    revoked_at: datetime | None = None
    reason: RevocationReason | None = None
    magic: bool = False
    """Revoked as part of its kind; a reset of the stand leaves it so."""

    def status(self, at: datetime) -> Status:
        """The state at ``at``; revocation outweighs the term."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return Status.REVOKED
        if at > self.not_after:
            return Status.EXPIRED
        return Status.NOT_YET_VALID if at < self.not_before else Status.VALID


IIN = Annotated[CheckedIin, Field(examples=["900412412107"])]


class PersonName(BaseModel):
    """A name in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    surname: str = Field(min_length=1)
    given_name: str = Field(min_length=1)
    patronymic: str | None = None


class PersonNames(BaseModel):
    """A name in the languages of the stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kk: PersonName
    ru: PersonName
    en: PersonName


class DemoChild(BaseModel):
    """A child of somebody of the stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iin: IIN
    names: PersonNames


class DemoPerson(DemoChild):
    """Somebody of the stand, with what becomes of their certificate."""

    kind: Kind
    fate: Text
    children: tuple[DemoChild, ...] = ()


class DemoPeople(BaseModel):
    """The file of the stand's people; every IIN occurs once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: tuple[DemoPerson, ...]

    @model_validator(mode="after")
    def _every_iin_once(self) -> "DemoPeople":
        iins = [person.iin for parent in self.people for person in (parent, *parent.children)]
        twice = sorted({iin for iin in iins if iins.count(iin) > 1})
        if twice:
            raise ValueError(f"these IINs occur twice: {twice}")
        return self

    def find(self, iin: str) -> DemoPerson | None:
        """The person with this IIN."""
        return next((person for person in self.people if person.iin == iin), None)


def matching(
    certificates: Iterable[IssuedCertificate],
    at: datetime,
    *,
    iin: str | None,
    system: str | None,
    status: Status | None,
) -> list[IssuedCertificate]:
    """The entries that fit every given criterion, in their order."""
    return [
        entry
        for entry in certificates
        if (iin is None or entry.iin == iin)
        and (system is None or entry.system == system)
        and (status is None or entry.status(at) is status)
    ]


def newest_first(certificates: Iterable[IssuedCertificate]) -> list[IssuedCertificate]:
    """The entries by when they were issued; those of one moment by their thumbprints, so that pages are stable."""
    return sorted(certificates, key=lambda entry: (entry.issued_at, entry.thumbprint), reverse=True)
