"""X.509 certificates of the stand, read once and asked often.

The layout is the national one: people have ``SERIALNUMBER=IIN…``, employees and systems ``OU=BIN…``; a system's code is
the SAN URI ``urn:egov:system:<code>``.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import name as x509_name
from cryptography.x509.oid import NameOID
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from shared.kit.errors import InvalidInput
from shared.kit.ids import sha256_base64url

_KEPT = 2048
LONGEST = 64 * 1024
"""Octets of a certificate: a limit of the stand. Real ones have 4,000 at most, and a megabyte of names takes half a
second to read."""
LONGEST_NAME_PART = 64
"""Characters of a common name, an organisation and the like (X.520, RFC 5280 appendix A.1: ``ub-common-name``)."""
# The library counts octets, so that a Cyrillic name of 33 letters would be refused when written and warned of whenever
# it is read. A character has four octets at most in UTF-8; ``issuance`` counts characters.
x509_name._NAMEOID_LENGTH_LIMIT[NameOID.COMMON_NAME] = (1, 4 * LONGEST_NAME_PART)  # noqa: SLF001
SYSTEM_URN = "urn:egov:system:"

KeyUsageName = Literal["digital_signature", "content_commitment", "key_encipherment", "key_cert_sign", "crl_sign"]


class InvalidCertificate(InvalidInput):
    """The bytes are not a certificate the stand can read."""

    code = "invalid-certificate"


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate; equal to another if the DER is. Everything read from it is kept."""

    der: bytes

    @staticmethod
    @lru_cache(maxsize=_KEPT)
    def from_der(der: bytes) -> "Certificate":
        """Read DER. Raises ``InvalidCertificate``."""
        # Kept, because each signature of a document brings its signer's certificate along.
        if len(der) > LONGEST:
            raise InvalidCertificate(f"a certificate has at most {LONGEST} octets")
        certificate = Certificate(der)
        try:
            certificate._read()
        except Exception as error:  # the library has an error for each kind of rubbish, and no base of them all
            raise InvalidCertificate(f"not a readable certificate: {error}") from error
        return certificate

    def _read(self) -> None:
        # The library reads lazily: rubbish deep inside shows here, and not where somebody asks for it.
        loaded = self.loaded
        loaded.public_key(), loaded.extensions, loaded.subject, loaded.issuer
        self.key_usage, self.is_ca, self.system, self.common_name, self.not_before, self.not_after  # noqa: B018

    @classmethod
    def from_pem(cls, pem: str | bytes) -> "Certificate":
        """Read the first certificate of a PEM text. Raises ``InvalidCertificate``."""
        try:
            loaded = x509.load_pem_x509_certificate(pem.encode() if isinstance(pem, str) else pem)
        except Exception as error:  # as above
            raise InvalidCertificate(f"not a certificate in PEM: {error}") from error
        return cls.from_der(loaded.public_bytes(Encoding.DER))

    @classmethod
    def parse(cls, data: str | bytes) -> "Certificate":
        """Read PEM, DER, or DER in base64 (as browsers and ``x5c`` send it). Raises ``InvalidCertificate``."""
        raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
        if b"-----BEGIN" in raw:
            return cls.from_pem(raw)
        if raw[:1] == b"\x30":
            return cls.from_der(raw)
        try:
            return cls.from_der(base64.b64decode(b"".join(raw.split()), validate=True))
        except binascii.Error as error:
            raise InvalidCertificate("neither PEM, nor DER, nor base64 of DER") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    @cached_property
    def loaded(self) -> x509.Certificate:
        """The certificate as the cryptography library sees it."""
        return x509.load_der_x509_certificate(self.der)

    @cached_property
    def thumbprint(self) -> str:
        """``x5t#S256``: SHA-256 of the DER in base64url (RFC 7515 §4.1.8)."""
        return sha256_base64url(self.der)

    @cached_property
    def pem(self) -> str:
        """The certificate in PEM."""
        return self.loaded.public_bytes(Encoding.PEM).decode()

    @cached_property
    def serial_number(self) -> int:
        """The serial number given by the issuer."""
        return self.loaded.serial_number

    @cached_property
    def serial(self) -> str:
        """The serial number in lower-case hexadecimal."""
        return f"{self.serial_number:x}"

    @cached_property
    def not_before(self) -> datetime:
        """First instant of validity, aware."""
        return self.loaded.not_valid_before_utc

    @cached_property
    def not_after(self) -> datetime:
        """Last instant of validity, aware."""
        return self.loaded.not_valid_after_utc

    def covers(self, since: datetime, until: datetime) -> bool:
        """Whether it is valid from ``since`` to ``until``, bounds included."""
        return self.not_before <= since and until <= self.not_after

    def _subject(self, oid: x509.ObjectIdentifier) -> str | None:
        found = self.loaded.subject.get_attributes_for_oid(oid)
        return str(found[0].value) if found else None

    def _numbered(self, oid: x509.ObjectIdentifier, prefix: str) -> str | None:
        for attribute in self.loaded.subject.get_attributes_for_oid(oid):
            if str(attribute.value).startswith(prefix):
                return str(attribute.value)[len(prefix) :]
        return None

    @cached_property
    def common_name(self) -> str:
        """``CN`` of the subject, empty if there is none."""
        return self._subject(NameOID.COMMON_NAME) or ""

    @cached_property
    def surname(self) -> str | None:
        """``SURNAME`` of the subject."""
        return self._subject(NameOID.SURNAME)

    @cached_property
    def given_name(self) -> str | None:
        """``GIVENNAME`` of the subject."""
        return self._subject(NameOID.GIVEN_NAME)

    @cached_property
    def organisation(self) -> str | None:
        """``O`` of the subject."""
        return self._subject(NameOID.ORGANIZATION_NAME)

    @cached_property
    def iin(self) -> str | None:
        """The IIN in ``SERIALNUMBER=IIN…``, or ``None`` for a certificate that is not a person's."""
        return self._numbered(NameOID.SERIAL_NUMBER, "IIN")

    @cached_property
    def bin(self) -> str | None:
        """The BIN in ``OU=BIN…``, or ``None`` for a certificate without an organisation."""
        return self._numbered(NameOID.ORGANIZATIONAL_UNIT_NAME, "BIN")

    @cached_property
    def system(self) -> str | None:
        """The system code in the SAN URI ``urn:egov:system:<code>``, or ``None``."""
        try:
            names = self.loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return None
        for uri in names.get_values_for_type(x509.UniformResourceIdentifier):
            if uri.startswith(SYSTEM_URN):
                return uri[len(SYSTEM_URN) :]
        return None

    @cached_property
    def is_ca(self) -> bool:
        """Whether basicConstraints say that it may issue certificates."""
        try:
            return self.loaded.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except x509.ExtensionNotFound:
            return False

    @cached_property
    def key_usage(self) -> frozenset[str]:
        """The key usages asserted, by their names in RFC 5280; empty without the extension."""
        try:
            usage = self.loaded.extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            return frozenset()
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        return frozenset(name for name in (*names, "key_cert_sign", "crl_sign") if getattr(usage, name))

    def may(self, usage: KeyUsageName) -> bool:
        """Whether the key may be used so; ``content_commitment`` is what older texts call non-repudiation."""
        return usage in self.key_usage

    @cached_property
    def purposes(self) -> frozenset[x509.ObjectIdentifier] | None:
        """What extendedKeyUsage says it is for (RFC 5280 §4.2.1.12); ``None`` without the extension: for anything."""
        try:
            return frozenset(self.loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        except x509.ExtensionNotFound:
            return None

    @cached_property
    def public_jwk(self) -> ECKey | None:
        """The public key for joserfc, imported once; ``None`` if it is not on P-256 and cannot sign ES256."""
        spki = self.loaded.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        try:
            key = ECKey.import_key(spki)
        except (JoseError, ValueError):
            return None
        return key if key.curve_name == "P-256" else None

    def issued_by(self, issuer: "Certificate") -> bool:
        """Whether the issuer's name is on it and the issuer's key signed it."""
        try:
            self.loaded.verify_directly_issued_by(issuer.loaded)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True
