"""Payloads between a system and a registry: one question about one person or power of attorney, and its answer.

Nothing is asked without a ground, and a question has exactly one search mode. The answer names the request it
answers; what it says of a person or a power of attorney is an electronic document signed by the registry
(``shared.messages.extracts``).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.messages.payload import Identifier, Instant, Payload, SignedDocument
from shared.messages.systems import System

TwelveDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Word = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""A name or number: something visible on one line."""

REGISTRY_BINS: dict[System, str] = {System.PERSONS: "080540000913", System.NOTARY: "110740000929"}
"""Whose certificate an extract bears: the BIN of the organisation that keeps the registry. An extract with another
one is not the registry's, whatever it says."""


class ByIIN(Payload):
    """Persons, first mode."""

    mode: Literal["iin"] = "iin"
    iin: TwelveDigits


class ByNames(Payload):
    """Persons, second mode: names as the register has them, in Kazakh or in Russian spelling, and the date of birth.

    A name left out says that the person has no such name; it is not a wildcard. Case and outer blanks do not matter.
    """

    mode: Literal["names"] = "names"
    surname: Word | None = None
    given_name: Word | None = None
    patronymic: Word | None = None
    birth_date: date

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.surname is None and self.given_name is None:
            raise ValueError("a search by names needs a surname or a given name")
        return self


class ByDocument(Payload):
    """Persons, third mode: the number of an identity document, of whatever status; not of a birth certificate."""

    mode: Literal["document"] = "document"
    document_number: Word


class ByRegisterNumber(Payload):
    """Powers of attorney, first mode: number in the register of notarial acts and day of the act. Numbers are counted
    by each notary, so the notary's licence is needed where two gave the same number on one day."""

    mode: Literal["register_number"] = "register_number"
    register_number: Word
    notarised_on: date
    notary_licence: Word | None = None


class ByParties(Payload):
    """Powers of attorney, second mode: every one that this principal gave to this attorney."""

    mode: Literal["parties"] = "parties"
    principal_iin: TwelveDigits
    attorney_iin: TwelveDigits


PersonSearch = ByIIN | ByNames | ByDocument
PowerOfAttorneySearch = ByRegisterNumber | ByParties
Search = Annotated[
    ByIIN | ByNames | ByDocument | ByRegisterNumber | ByParties,
    Field(discriminator="mode"),
]


class Part(StrEnum):
    """Parts of a person's record that are given only when asked for. Who the person is, is always told."""

    IDENTITY_DOCUMENTS = "identity_documents"
    BIRTH_CERTIFICATE = "birth_certificate"
    """The person's own; of children see ``children``."""
    DEATH_CERTIFICATE = "death_certificate"
    BIRTH_PLACE = "birth_place"
    NATIONALITY = "nationality"
    ADDRESS = "address"
    FORMER_ADDRESSES = "former_addresses"
    CAPABILITY = "capability"
    RESTRICTIONS = "restrictions"
    """Missing, hiding from justice, imprisoned, or excluded from the register."""
    REPATRIATION = "repatriation"
    BENEFITS = "benefits"
    """Facts that give a first-priority place: disability, large family, orphanhood …"""
    CHILDREN = "children"
    """With their birth certificates."""
    PARENTS = "parents"
    SPOUSES = "spouses"
    GUARDIANSHIP = "guardianship"
    """Guardians, and wards with their birth certificates."""


class Ground(Payload):
    """Why and for whom it is asked; kept in the registry's access log."""

    regulation: Identifier
    clause: Identifier
    application: Identifier
    """Is the subject of the message."""
    system: System
    """Is the source of the message."""
    asked_by: Identifier
    """Operator or officer who asks, as the asking system calls them."""
    consent: Identifier | None = None
    """Reference to the person's written consent; absent where the law does not ask for one."""


class RegistryRequested(Payload):
    """One question to a registry. ``include`` counts for persons only."""

    search: Search
    include: tuple[Part, ...] = ()
    ground: Ground


NotFoundReason = Literal["absent", "ambiguous"]
"""``absent``: the register has nobody and nothing like it. ``ambiguous``: more than one fits, and a registry does not
guess."""


class RegistryAnswered(Payload):
    """The answer to ``request_id``; the envelope carries the digest of that request, and so does the extract."""

    registry: System
    request_id: Identifier
    answered_at: Instant
    found: bool
    record: SignedDocument | None = None
    not_found_reason: NotFoundReason | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.found != (self.record is not None) or self.found == (self.not_found_reason is not None):
            raise ValueError("an answer has either a record or the reason why there is none")
        return self
