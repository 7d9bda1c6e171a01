"""Powers of attorney: how they are found, and what the register states of them. It states facts and judges nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from shared.kit.clock import rfc3339
from shared.messages.extracts import PowerOfAttorneyRecord
from shared.messages.registry import ByParties, ByRegisterNumber, PowerOfAttorneySearch

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PowerOfAttorney:
    """An entry of the register. ``fate`` says what it is for in a stand, if for something."""

    id: str
    register_number: str
    notarised_on: date
    licence: str
    notary: Json
    notarised_at: datetime
    principal_iin: str
    attorney_iin: str
    principal: Json
    attorney: Json
    powers: list[Json]
    valid_from: date
    valid_until: date
    revoked_at: datetime | None
    revocation_reason: Json | None
    fate: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class FoundPowers:
    """Everything that a search key finds, newest first."""

    key: str
    powers: tuple[PowerOfAttorney, ...]


def register_number(text: str) -> str:
    """A number of the register as it is kept and compared: capitals without blanks."""
    return "".join(text.split()).upper()


def entry_id(number: str, on: date, licence: str) -> str:
    """What an entry is known by: notaries count their acts each for themselves."""
    return f"{on.isoformat()}.{register_number(licence)}.{register_number(number)}"


def number_key(on: date, licence: str, number: str) -> str:
    """Key of a search by number; ``licence`` empty for any notary. No part contains a blank, so a tab divides them."""
    return f"number\t{on.isoformat()}\t{licence}\t{number}"


def parties_key(principal: str, attorney: str) -> str:
    """Key of a search by the parties."""
    return f"parties\t{principal}\t{attorney}"


def search_key(search: PowerOfAttorneySearch) -> str:
    """The key under which a search finds entries: mode and what is sought."""
    match search:
        case ByRegisterNumber():
            licence = register_number(search.notary_licence) if search.notary_licence else ""
            return number_key(search.notarised_on, licence, register_number(search.register_number))
        case ByParties():
            return parties_key(search.principal_iin, search.attorney_iin)


def keys_of(entry: PowerOfAttorney) -> set[str]:
    """Every search key that finds ``entry``."""
    on, number = entry.notarised_on, entry.register_number
    parties = parties_key(entry.principal_iin, entry.attorney_iin)
    return {number_key(on, "", number), number_key(on, entry.licence, number), parties}


def entry_of(record: PowerOfAttorneyRecord, on: date, at: datetime, fate: str | None = None) -> PowerOfAttorney:
    """The entry that states ``record``; ``on`` is the day of the act by the notary's calendar."""
    licence = register_number(record.notary.licence)
    return PowerOfAttorney(
        id=entry_id(record.register_number, on, licence),
        register_number=register_number(record.register_number),
        notarised_on=on,
        licence=licence,
        notary=stored(record.notary),
        notarised_at=record.notarised_at,
        principal_iin=record.principal.iin,
        attorney_iin=record.attorney.iin,
        principal=stored(record.principal),
        attorney=stored(record.attorney),
        powers=stored(record.powers),
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        revoked_at=record.revoked_at,
        revocation_reason=stored(record.revocation_reason),
        fate=fate,
        changed_at=at,
    )


def changed(entry: PowerOfAttorney, at: datetime, **facts: Any) -> PowerOfAttorney:
    """``entry`` with some facts changed."""
    return replace(entry, **{name: stored(value) for name, value in facts.items()}, changed_at=at)


def record_of(entry: PowerOfAttorney) -> Json:
    """What the register states of an entry (``PowerOfAttorneyRecord``)."""
    return {
        "register_number": entry.register_number,
        "notarised_at": rfc3339(entry.notarised_at),
        "notary": entry.notary,
        "principal": entry.principal,
        "attorney": entry.attorney,
        "powers": entry.powers,
        "valid_from": entry.valid_from.isoformat(),
        "valid_until": entry.valid_until.isoformat(),
        "revoked_at": None if entry.revoked_at is None else rfc3339(entry.revoked_at),
        "revocation_reason": entry.revocation_reason,
    }


def newest_first(entries: Sequence[PowerOfAttorney]) -> list[PowerOfAttorney]:
    """In the order in which an extract names them."""
    return sorted(entries, key=lambda entry: (entry.notarised_at, entry.id), reverse=True)


def stored(value: Any) -> Any:
    """A value of the messages' models as it is kept: plain JSON, absent members left out."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    return [stored(item) for item in value] if isinstance(value, list | tuple) else value
