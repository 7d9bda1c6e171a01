"""What is known about the revocation of a certificate, and the list that says it (RFC 5280 §5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from shared.crypto.certificates import Certificate, InvalidCertificate


class RevocationState(StrEnum):
    """The three answers of RFC 6960, and that no source answered."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """An answer about one certificate. ``source`` is ``crl`` or ``ocsp``; ``reason`` a word of RFC 5280 §5.3.1."""

    state: RevocationState
    revoked_at: datetime | None = None
    reason: str | None = None
    source: str | None = None

    @property
    def good(self) -> bool:
        """Whether a source said that it is not revoked."""
        return self.state is RevocationState.GOOD


UNREACHABLE = RevocationStatus(RevocationState.UNREACHABLE)


@dataclass(frozen=True, eq=False)
class RevocationList:
    """A parsed CRL. Its signature is checked by whoever takes it in (``signed_by``)."""

    der: bytes

    @classmethod
    def from_der(cls, der: bytes) -> Self:
        """Read DER. Raises ``InvalidCertificate`` if it is not a CRL."""
        parsed = cls(der)
        try:
            parsed.entries, parsed.this_update, parsed.next_update, parsed.loaded.issuer  # noqa: B018
        except Exception as error:  # the library has an error for each kind of rubbish, and no base of them all
            raise InvalidCertificate(f"not a readable revocation list: {error}") from error
        return parsed

    @cached_property
    def loaded(self) -> x509.CertificateRevocationList:
        """The list as the cryptography library sees it."""
        return x509.load_der_x509_crl(self.der)

    @cached_property
    def pem(self) -> str:
        """The list in PEM."""
        return self.loaded.public_bytes(Encoding.PEM).decode()

    @cached_property
    def this_update(self) -> datetime:
        """When the list was made."""
        return self.loaded.last_update_utc

    @cached_property
    def next_update(self) -> datetime:
        """Until when the list may be relied on. A list without that moment is not taken (``ValueError``)."""
        if self.loaded.next_update_utc is None:
            raise ValueError("the revocation list has no nextUpdate")
        return self.loaded.next_update_utc

    @cached_property
    def entries(self) -> dict[int, tuple[datetime, str | None]]:
        """Revoked serial numbers with the moment and the reason."""
        found: dict[int, tuple[datetime, str | None]] = {}
        for entry in self.loaded:
            try:
                reason: str | None = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
            except x509.ExtensionNotFound:
                reason = None
            found[entry.serial_number] = (entry.revocation_date_utc, reason)
        return found

    def __contains__(self, serial_number: int) -> bool:
        return serial_number in self.entries

    def signed_by(self, issuer: Certificate) -> bool:
        """Whether ``issuer`` signed the list and may do so."""
        key = issuer.loaded.public_key()
        if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey) or not issuer.may("crl_sign"):
            return False
        try:
            return self.loaded.issuer == issuer.loaded.subject and self.loaded.is_signature_valid(key)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return False

    def status(self, certificate: Certificate, at: datetime) -> RevocationStatus:
        """What the list says of ``certificate`` at ``at``; unreachable once ``nextUpdate`` has passed."""
        if at > self.next_update:
            return UNREACHABLE
        entry = self.entries.get(certificate.serial_number)
        if entry is not None and entry[0] <= at:
            return RevocationStatus(RevocationState.REVOKED, entry[0], entry[1], "crl")
        return _GOOD_BY_LIST


_GOOD_BY_LIST = RevocationStatus(RevocationState.GOOD, source="crl")
