"""What the authority's HTTP API takes and gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.pki.domain import (
    DEMO_PASSWORD,
    IIN,
    DemoChild,
    DemoPerson,
    IssuedCertificate,
    Kind,
    PersonNames,
    RevocationReason,
    Status,
)
from services.pki.service import Person
from shared.kit.iin import CheckedBin
from shared.kit.text import Text

Name = Annotated[str, Field(min_length=1, max_length=40)]
Organisation = Annotated[str, Field(min_length=1, max_length=64)]
BIN = Annotated[CheckedBin, Field(examples=["990140000047"])]
Request = Annotated[
    str, Field(min_length=1, max_length=20_000, description="Certificate signing request, PKCS #10, PEM")
]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SystemCertificateCreate(_Input):
    """A system's request; the authority itself writes the subject."""

    csr: Request


class OfficerCertificateCreate(_Input):
    """A request for the authorised person of an organisation."""

    csr: Request
    iin: IIN
    surname: Name
    given_name: Name
    bin: BIN
    organisation: Organisation

    def person(self) -> Person:
        """Who it is for."""
        return Person(self.iin, self.surname, self.given_name, self.organisation, self.bin)


class PersonCreate(_Input):
    """Asks for a person's key and certificate; ``kind`` other than ordinary makes one that fails as its name says."""

    iin: IIN
    surname: Name
    given_name: Name
    kind: Kind = Kind.ORDINARY
    key: Literal["rsa", "ec"] = "rsa"
    valid_days: Annotated[int, Field(ge=1, le=36_500)] | None = Field(
        default=None, description="Days after now on which it ends; absent: it outlasts the stand's clock"
    )
    bin: BIN | None = None
    organisation: Organisation | None = None

    def person(self) -> Person:
        """Who it is for."""
        return Person(self.iin, self.surname, self.given_name, self.organisation, self.bin)


class RevocationCreate(_Input):
    """Why a certificate is to be revoked."""

    reason: RevocationReason = RevocationReason.UNSPECIFIED


class CertificateRead(BaseModel):
    """An issued certificate with its present state."""

    thumbprint: str = Field(description="x5t#S256: SHA-256 of the DER, base64url")
    serial: str = Field(description="Serial number, hexadecimal")
    common_name: str
    iin: str | None
    bin: str | None
    system: str | None
    not_before: datetime
    not_after: datetime
    issued_at: datetime
    status: Status
    revoked_at: datetime | None
    reason: RevocationReason | None
    pem: str

    @classmethod
    def of(cls, entry: IssuedCertificate, at: datetime) -> "CertificateRead":
        """``entry`` as it is at ``at``."""
        names = cls.model_fields.keys() - {"status"}
        return cls(status=entry.status(at), **{name: getattr(entry, name) for name in names})


class ContainerRead(BaseModel):
    """A new key container; the key is in it and nowhere else."""

    thumbprint: str
    pem: str
    p12: str = Field(description="PKCS #12, base64")
    password: str = Field(default=DEMO_PASSWORD, description="The same for every container of the stand, on purpose")


class ChildRead(BaseModel):
    """A child of somebody of the stand."""

    iin: str
    names: PersonNames

    @classmethod
    def of(cls, child: DemoChild) -> "ChildRead":
        """``child`` as shown."""
        return cls(iin=child.iin, names=child.names)


class PersonRead(BaseModel):
    """Somebody of the stand and what becomes of their signature."""

    iin: str
    names: PersonNames
    kind: Kind
    fate: Text
    children: list[ChildRead]
    p12: str = Field(description="Where the key container is")
    password: str = Field(description="Its password, the same for everybody, on purpose")

    @classmethod
    def of(cls, person: DemoPerson) -> "PersonRead":
        """``person`` as shown."""
        return cls(
            iin=person.iin,
            names=person.names,
            kind=person.kind,
            fate=person.fate,
            children=[ChildRead.of(child) for child in person.children],
            p12=f"/people/{person.iin}.p12",
            password=DEMO_PASSWORD,
        )
