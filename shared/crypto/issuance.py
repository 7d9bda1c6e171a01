"""Making certificates: the stand's test authority as pure functions, for ``services/pki`` and for tests.

Every subject says TEST, so that no certificate of a stand can be taken for a real one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from shared.crypto.certificates import LONGEST_NAME_PART, SYSTEM_URN, Certificate
from shared.crypto.identity import Identity, PrivateKey, new_ec_key
from shared.crypto.revocation import RevocationList
from shared.crypto.trust import TrustAnchors
from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.kit.errors import InvalidInput

PublicKey = EllipticCurvePublicKey | RSAPublicKey
Issuer = Literal["root", "issuing"]
Usage = Literal["signing", "authentication", "encryption", "system"]

_ALLOWED = {
    "signing": {"digital_signature", "content_commitment"},
    "authentication": {"digital_signature", "key_encipherment"},
    "encryption": {"key_encipherment"},
    "system": {"digital_signature", "content_commitment"},
    "responder": {"digital_signature"},
    "authority": {"key_cert_sign", "crl_sign"},
}
_KEY_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate is for. A person has an ``iin`` and names, an officer also a ``bin`` and organisation, a system
    a ``system`` code and ``common_name``."""

    common_name: str
    iin: str | None = None
    surname: str | None = None
    given_name: str | None = None
    organisation: str | None = None
    bin: str | None = None
    system: str | None = None

    @classmethod
    def person(
        cls,
        *,
        iin: str,
        surname: str,
        given_name: str,
        organisation: str | None = None,
        bin: str | None = None,  # noqa: A002 - the law's word
    ) -> "Subject":
        """A natural person, with ``organisation`` and ``bin`` if they sign for one."""
        return cls(f"{surname} {given_name}", iin, surname, given_name, organisation, bin)

    def name(self) -> x509.Name:
        """The distinguished name. Raises ``InvalidInput`` for a part that is empty or longer than X.520 lets it be, in
        characters."""
        oids = NameOID
        parts = [
            (oids.COUNTRY_NAME, "KZ"),
            (oids.ORGANIZATION_NAME, self.organisation),
            (oids.ORGANIZATIONAL_UNIT_NAME, f"BIN{self.bin}" if self.bin else None),
            (oids.COMMON_NAME, f"TEST {self.common_name}"),
            (oids.SURNAME, self.surname),
            (oids.GIVEN_NAME, self.given_name),
            (oids.SERIAL_NUMBER, f"IIN{self.iin}" if self.iin else None),
        ]
        for _, value in parts:
            if value is not None and not 1 <= len(value) <= LONGEST_NAME_PART:
                raise InvalidInput(f"“{value}” has {len(value)} characters; a name has 1 to {LONGEST_NAME_PART}")
        try:
            return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value is not None])
        except ValueError as error:
            raise InvalidInput(f"the subject cannot be written into a certificate: {error}") from error


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the authority can be asked; written into every certificate but the root's."""

    base_url: str

    def extensions(
        self, issuer: Issuer = "issuing"
    ) -> tuple[x509.CRLDistributionPoints, x509.AuthorityInformationAccess]:
        """CRL distribution point, and OCSP with the certificate of ``issuer``, which issues what they are for."""
        crl, access = self._uri(f"/crl/{issuer}.crl"), AuthorityInformationAccessOID
        return (
            x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)]),
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(access.OCSP, self._uri("/ocsp")),
                    x509.AccessDescription(access.CA_ISSUERS, self._uri(f"/ca/{issuer}.der")),
                ]
            ),
        )

    def _uri(self, path: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(self.base_url.rstrip("/") + path)


@dataclass(frozen=True, eq=False)
class CertificateAuthority:
    """Root, issuing authority and OCSP responder with their keys."""

    root: Identity
    issuing: Identity
    responder: Identity
    addresses: Addresses

    @classmethod
    def create(cls, base_url: str, *, name: str = "egov stand") -> "CertificateAuthority":
        """New keys (EC P-256) with certificates; takes under 1 ms."""
        return cls.of_keys((new_ec_key(), new_ec_key(), new_ec_key()), base_url, name=name)

    @classmethod
    def of_keys(
        cls, keys: tuple[PrivateKey, PrivateKey, PrivateKey], base_url: str, *, name: str = "egov stand"
    ) -> "CertificateAuthority":
        """The authority of these keys (root, issuing, responder) with new certificates for them.

        Names and keys are what chains go by: what was issued under earlier certificates of the same keys stays good.
        """
        addresses = Addresses(base_url)
        root_key, issuing_key, responder_key = keys
        root_name = Subject(f"{name} root authority").name()
        root_builder = _builder(root_name, root_name, root_key.public_key(), VALID_FROM, VALID_UNTIL)
        root_builder = _authority(root_builder, root_key.public_key(), 1)
        root = Identity(root_key, _signed(root_builder, root_key))
        issuing_name = Subject(f"{name} issuing authority").name()
        builder = _builder(issuing_name, root_name, issuing_key.public_key(), VALID_FROM, VALID_UNTIL)
        builder = _authority(builder, root_key.public_key(), 0)
        for extension in addresses.extensions("root"):
            builder = builder.add_extension(extension, critical=False)
        issuing = Identity(issuing_key, _signed(builder, root_key))
        responder_name = Subject(f"{name} OCSP responder").name()
        builder = _builder(responder_name, issuing_name, responder_key.public_key(), VALID_FROM, VALID_UNTIL)
        builder = _end_entity(builder, issuing_key.public_key(), "responder")
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        return cls(root, issuing, Identity(responder_key, _signed(builder, issuing_key)), addresses)

    def current(self) -> bool:
        """Whether its certificates are as this version of the stand makes them: valid as long as the clock can be set
        to, and with the addresses at which the authority is reached now."""
        certificates = [identity.certificate for identity in (self.root, self.issuing, self.responder)]
        long_enough = all(link.covers(VALID_FROM, VALID_UNTIL) for link in certificates)
        found = [extension.value for extension in self.issuing.certificate.loaded.extensions]
        return long_enough and all(extension in found for extension in self.addresses.extensions("root"))

    @property
    def anchors(self) -> TrustAnchors:
        """What the others need in order to trust this authority."""
        return TrustAnchors(self.root.certificate, self.issuing.certificate)

    def issue(
        self, subject: Subject, key: PublicKey, *, usage: Usage, not_before: datetime, not_after: datetime
    ) -> Certificate:
        """A certificate for ``key``. Raises ``InvalidInput`` for a subject that does not fit.

        ``signing`` is for documents, ``system`` for messages, ``authentication`` for signing in only and ``encryption``
        for no signature at all.
        """
        builder = _builder(subject.name(), self.issuing.certificate.loaded.subject, key, not_before, not_after)
        builder = _end_entity(builder, self.issuing.key.public_key(), usage)
        if usage == "authentication":
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        if subject.system:
            uri = x509.UniformResourceIdentifier(SYSTEM_URN + subject.system)
            builder = builder.add_extension(x509.SubjectAlternativeName([uri]), critical=False)
        for extension in self.addresses.extensions():
            builder = builder.add_extension(extension, critical=False)
        return _signed(builder, self.issuing.key)

    def crl(
        self,
        revoked: dict[int, tuple[datetime, str]],
        *,
        number: int,
        at: datetime,
        lifetime: timedelta,
        by: Issuer = "issuing",
    ) -> RevocationList:
        """The list of revoked serial numbers with moment and reason (a word of RFC 5280 §5.3.1), made at ``at``."""
        identity = self.issuing if by == "issuing" else self.root
        builder = x509.CertificateRevocationListBuilder().issuer_name(identity.certificate.loaded.subject)
        builder = builder.last_update(at).next_update(at + lifetime)
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(identity.key.public_key())
        builder = builder.add_extension(issuer_key, critical=False)
        for serial_number, (moment, reason) in revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial_number).revocation_date(moment)
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return RevocationList.from_der(builder.sign(identity.key, hashes.SHA256()).public_bytes(Encoding.DER))


def key_of_request(pem: str | bytes) -> EllipticCurvePublicKey:
    """The public key of a certificate signing request (PKCS #10) whose maker proved to have the private one.

    Everything else in the request is ignored: the authority, not the asker, says who somebody is. Raises
    ``InvalidInput`` for anything but a correctly self-signed request with a P-256 key.
    """
    try:
        request = x509.load_pem_x509_csr(pem.encode() if isinstance(pem, str) else pem)
        proven, key = request.is_signature_valid, request.public_key()
    except Exception as error:  # the library raises different types for different kinds of rubbish
        raise InvalidInput(f"not a certificate signing request in PEM: {error}") from error
    if not proven:
        raise InvalidInput("the signature of the certificate signing request is wrong")
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise InvalidInput("the key of the certificate signing request must be on P-256")
    return key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _authority(builder: x509.CertificateBuilder, issuer_key: PublicKey, path_length: int) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return _common(builder, issuer_key, "authority")


def _end_entity(builder: x509.CertificateBuilder, issuer_key: object, usage: str) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return _common(builder, issuer_key, usage)


def _common(builder: x509.CertificateBuilder, issuer_key: object, usage: str) -> x509.CertificateBuilder:
    allowed = x509.KeyUsage(**{name: name in _ALLOWED[usage] for name in _KEY_USAGES})
    if not isinstance(issuer_key, EllipticCurvePublicKey | RSAPublicKey):
        raise TypeError("an authority's key is EC or RSA")
    builder = builder.add_extension(allowed, critical=True)
    return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)


def _signed(builder: x509.CertificateBuilder, key: object) -> Certificate:
    signed = builder.sign(key, hashes.SHA256())  # type: ignore[arg-type]
    return Certificate.from_der(signed.public_bytes(Encoding.DER))
