"""Extracts: what a registry states as an electronic document. The content of ``RegistryAnswered.record``.

The field set of a person follows the universal person service of the state database. For the notary registry no
schema is public: its record is the stand's own.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.messages.payload import Digest, Identifier, Instant, Payload
from shared.messages.registry import Part, TwelveDigits, Word
from shared.messages.systems import System

Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Named(Payload):
    """A text in both languages of the registries."""

    kk: Line
    ru: Line


class Coded(Named):
    """A value of a dictionary."""

    code: Identifier


class PersonName(Payload):
    """Names of a person in one spelling. An absent one does not exist."""

    surname: Word | None = None
    given_name: Word | None = None
    patronymic: Word | None = None


class PersonNames(Payload):
    """Current names; ``latin`` as in the passport."""

    kk: PersonName
    ru: PersonName
    latin: PersonName | None = None


class LifeStatus(StrEnum):
    """Whether the person lives."""

    ALIVE = "alive"
    DEAD = "dead"


class DocumentType(StrEnum):
    """Identity documents."""

    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    RESIDENCE_PERMIT = "residence_permit"


class DocumentStatus(StrEnum):
    """Whether the issuer stands by the document. A document past ``expires_on`` has run out whatever its status."""

    VALID = "valid"
    INVALIDATED = "invalidated"
    LOST = "lost"


class IdentityDocument(Payload):
    """An identity document, outdated ones included."""

    type: DocumentType
    number: Word
    series: Word | None = None
    issued_on: date
    expires_on: date | None = None
    issued_by: Coded
    status: DocumentStatus = DocumentStatus.VALID
    invalidated_on: date | None = None


class CivilCertificate(Payload):
    """Certificate of a civil act: birth or death."""

    number: Word
    issued_on: date | None = None
    issued_by: Named | None = None


class Address(Payload):
    """Where somebody is, or was, registered. ``ar_code`` is the code of the address register."""

    country: Coded
    region: Named
    district: Named | None = None
    street: Named | None = None
    building: Word | None = None
    corpus: Word | None = None
    flat: Word | None = None
    since: date | None = None
    until: date | None = None
    ar_code: Word | None = None


class LegalFact(Payload):
    """A fact established by an authority, by the number of its act."""

    since: date
    until: date | None = None
    number: Word | None = None
    authority: Named | None = None


class CapabilityStatus(StrEnum):
    """Legal capacity."""

    CAPABLE = "capable"
    LIMITED = "limited"
    INCAPABLE = "incapable"


class Capability(Payload):
    """Legal capacity; ``decision`` is the court's, and absent for the capable."""

    status: CapabilityStatus = CapabilityStatus.CAPABLE
    decision: LegalFact | None = None


class RestrictionKind(StrEnum):
    """What else bears on who relies on the record."""

    MISSING = "missing"
    HIDING = "hiding"
    IMPRISONED = "imprisoned"
    EXCLUDED = "excluded"
    """The IIN is excluded from the register."""


class Restriction(LegalFact):
    """A restriction; without ``until`` it lasts."""

    kind: RestrictionKind


class Repatriation(LegalFact):
    """Status of an ethnic returnee (оралман / қандас)."""

    status: Literal["repatriate"] = "repatriate"
    came_from: Coded | None = None


class BenefitKind(StrEnum):
    """Facts about a person that give rights. Those of a child are called as the priority categories of the
    regulations are."""

    DISABILITY = "disability"
    CHILD_OF_PERSON_WITH_DISABILITY = "child_of_person_with_disability"
    WITHOUT_PARENTAL_CARE = "without_parental_care"
    ORPHAN = "orphan"
    LARGE_FAMILY = "large_family"
    WAR_PARTICIPANT_BENEFIT = "war_participant_benefit"


class Benefit(LegalFact):
    """One such fact, as long as it lasts."""

    kind: BenefitKind


class RelationKind(StrEnum):
    """What the relative is to the person."""

    CHILD = "child"
    PARENT = "parent"
    SPOUSE = "spouse"
    GUARDIAN = "guardian"
    WARD = "ward"


class Relative(Payload):
    """A relative, and since and until when. Of a child, the birth certificate as well."""

    relation: RelationKind
    iin: TwelveDigits
    names: PersonNames
    birth_date: date
    life_status: LifeStatus
    since: date | None = None
    until: date | None = None
    birth_certificate: CivilCertificate | None = None


class PersonRecord(Payload):
    """What the persons registry states of somebody. Optional parts are there only if they were asked for
    (``included`` of the extract tells) and something is recorded."""

    iin: TwelveDigits
    names: PersonNames
    sex: Literal["male", "female"]
    birth_date: date
    citizenship: Coded
    life_status: LifeStatus
    died_on: date | None = None
    removed: bool = False
    """The record is deleted; it must not be relied on."""
    identity_documents: tuple[IdentityDocument, ...] | None = None
    birth_certificate: CivilCertificate | None = None
    death_certificate: CivilCertificate | None = None
    birth_place: Address | None = None
    nationality: Coded | None = None
    address: Address | None = None
    former_addresses: tuple[Address, ...] | None = None
    capability: Capability | None = None
    restrictions: tuple[Restriction, ...] | None = None
    repatriation: Repatriation | None = None
    benefits: tuple[Benefit, ...] | None = None
    children: tuple[Relative, ...] | None = None
    parents: tuple[Relative, ...] | None = None
    spouses: tuple[Relative, ...] | None = None
    guardianship: tuple[Relative, ...] | None = None


class Party(Payload):
    """Principal or attorney, as named in the act."""

    iin: TwelveDigits
    names: PersonNames


class Notary(Payload):
    """Who certified the act."""

    licence: Word
    names: PersonNames
    place: Named


class Power(Payload):
    """One act that the attorney may do for the principal."""

    code: Identifier
    """E.g. ``apply``, ``receive_result``, ``sell_vehicle``."""
    text: Named
    services: tuple[Identifier, ...] = ()
    """Public services (ids of regulations) to which it is limited; none: any."""


class PowerOfAttorneyRecord(Payload):
    """A notarised power of attorney: facts, no judgement. Whether it suffices is for the asker to say."""

    register_number: Word
    notarised_at: Instant
    notary: Notary
    principal: Party
    attorney: Party
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date
    """Last day of validity."""
    revoked_at: Instant | None = None
    revocation_reason: Named | None = None


class PowersOfAttorneyRecord(Payload):
    """What the notary registry has that fits: exactly one by register number, one or more by the parties; newest
    first."""

    powers_of_attorney: tuple[PowerOfAttorneyRecord, ...]


class AnsweredRequest(Payload):
    """The request an extract answers: its message id, and the SHA-256 of its bytes."""

    message_id: Identifier
    digest: Digest


class Signatory(Payload):
    """Who signed for the registry."""

    name: str
    role: Named
    organisation: Named
    bin: TwelveDigits


class Extract(Payload):
    """What all extracts have in common."""

    registry: System
    request: AnsweredRequest
    application: Identifier
    regulation: Identifier
    issued_at: Instant
    signed_by: Signatory


class PersonExtract(Extract):
    """Statement of the persons registry."""

    kind: Literal["person_extract"] = "person_extract"
    included: tuple[Part, ...]
    record: PersonRecord


class PowersOfAttorneyExtract(Extract):
    """Statement of the notary registry."""

    kind: Literal["powers_of_attorney_extract"] = "powers_of_attorney_extract"
    record: PowersOfAttorneyRecord
