"""What a certificate and the time of a signature have to be like, whoever issued the one and claims the other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.crypto.certificates import SYSTEM_URN, Certificate, KeyUsageName
from shared.crypto.report import SubIndication
from shared.kit.clock import Clock, rfc3339

Fault = tuple[SubIndication, str]

SMALLEST_RSA_KEY = 2048
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
SKEW, HANDED_OVER_WITHIN = timedelta(minutes=5), timedelta(days=7)
_DIGESTS = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_UNDERSTOOD = (
    x509.BasicConstraints,
    x509.KeyUsage,
    x509.ExtendedKeyUsage,
    x509.SubjectAlternativeName,
    x509.CertificatePolicies,
)
"""Extensions that may be critical. Basic constraints, key usage and extended key usage are obeyed in step 4.
Alternative names name the subject, and those of a system are read. Policies forbid nothing where every policy is
acceptable (RFC 5280 §6.1.1 c), and a certificate with qualifiers that the library does not know is not read at all."""

_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning (RFC 9336)."""
_PURPOSES: dict[KeyUsageName, frozenset[x509.ObjectIdentifier]] = {
    "content_commitment": frozenset(
        {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, ExtendedKeyUsageOID.EMAIL_PROTECTION, _DOCUMENT_SIGNING}
    ),
    "digital_signature": frozenset(
        {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, ExtendedKeyUsageOID.CLIENT_AUTH, _DOCUMENT_SIGNING}
    ),
}
"""The purposes that fit the signing of documents, and of messages; a certificate that states none fits any."""


@lru_cache(maxsize=2048)
def certificate_fault(certificate: Certificate) -> Fault | None:
    """Why nothing is taken that ``certificate`` signs, although its authority issued it; ``None`` if it is in order."""
    detail = _weakness(certificate)
    if detail is not None:
        return SubIndication.CRYPTO_CONSTRAINTS_FAILURE, detail
    detail = _unknown_extension(certificate) or _ambiguity(certificate)
    return None if detail is None else (SubIndication.CHAIN_CONSTRAINTS_FAILURE, detail)


def usage_fault(certificate: Certificate, usage: KeyUsageName) -> str | None:
    """Why a certificate is not for ``usage``, or ``None``: key usage and extended key usage both have to allow it,
    critical or not (RFC 5280 §4.2.1.12)."""
    if not certificate.may(usage):
        return f"the certificate is not for {usage.replace('_', ' ')}"
    if certificate.purposes is not None and not certificate.purposes & _PURPOSES.get(usage, frozenset()):
        stated = ", ".join(sorted(purpose.dotted_string for purpose in certificate.purposes))
        return f"the certificate is for other purposes: {stated}"
    return None


def _weakness(certificate: Certificate) -> str | None:
    key = certificate.loaded.public_key()
    if isinstance(key, RSAPublicKey):
        if key.key_size < SMALLEST_RSA_KEY:
            return f"an RSA key of {key.key_size} bits is too short; {SMALLEST_RSA_KEY} are needed"
    elif not isinstance(key, EllipticCurvePublicKey):
        return "the key of the certificate is neither RSA nor EC"
    elif key.curve.name not in CURVES:
        return f"keys on the curve {key.curve.name} are not taken"
    try:
        digest = certificate.loaded.signature_hash_algorithm
    except UnsupportedAlgorithm:
        oid = certificate.loaded.signature_algorithm_oid.dotted_string
        return f"the certificate is signed by the algorithm {oid}, which is not known"
    if not isinstance(digest, _DIGESTS):
        return f"the certificate is signed with {digest.name if digest else 'no digest'}, which is not taken"
    return None


def _unknown_extension(certificate: Certificate) -> str | None:
    # RFC 5280 §4.2: whoever meets a critical extension that he does not know must refuse the certificate.
    for extension in certificate.loaded.extensions:
        if extension.critical and not isinstance(extension.value, _UNDERSTOOD):
            return f"the critical extension {extension.oid.dotted_string} is not understood"
    return None


def _ambiguity(certificate: Certificate) -> str | None:
    subject = certificate.loaded.subject
    named = {
        "IIN": _starting("IIN", [a.value for a in subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]),
        "BIN": _starting("BIN", [a.value for a in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]),
        "system": _starting(SYSTEM_URN, _uris(certificate)),
    }
    for what, count in named.items():
        if count > 1:
            return f"the certificate names more than one {what}"
    return None


def _starting(prefix: str, values: Sequence[str | bytes]) -> int:
    return sum(str(value).startswith(prefix) for value in values)


def _uris(certificate: Certificate) -> list[str]:
    try:
        names = certificate.loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def signing_time_fault(claimed: datetime | None, certificate: Certificate, clock: Clock, at: datetime) -> Fault | None:
    """Why a signature cannot have been made when it says (signing-time, RFC 5652 §11.3), verified at ``at``.

    It must say when, within the validity of the certificate, and no later than ``at``: with five minutes for clocks
    that differ, and what the stand's clock was ever set back, for a signature may be older than that. Tools that know
    nothing of the stand's clock date by the machine's: such a time is as good for a week.
    """
    return _fault(claimed, certificate, clock, at, latest=at + timedelta(seconds=clock.set_back_s))


def handing_over_fault(claimed: datetime | None, certificate: Certificate, clock: Clock) -> Fault | None:
    """As ``signing_time_fault``, for a signature that is handed over now: it was made within the last week, and not
    before the clock was set back."""
    now = clock.now()
    fault = _fault(claimed, certificate, clock, now, latest=now)
    if fault is not None or claimed is None:
        return fault
    if claimed < now - HANDED_OVER_WITHIN and not _by_the_machine(claimed, clock):
        days = HANDED_OVER_WITHIN.days
        return _refused(f"signed at {rfc3339(claimed)}, more than {days} days before the stand's time {rfc3339(now)}")
    return None


def _fault(
    claimed: datetime | None, certificate: Certificate, clock: Clock, at: datetime, latest: datetime
) -> Fault | None:
    if claimed is None:
        return _refused("the signature does not say, or not once, when it was made (signing-time)")
    if not certificate.covers(claimed, claimed):
        return _refused(f"signed at {rfc3339(claimed)}, when the certificate was not valid")
    if claimed > latest + SKEW and not _by_the_machine(claimed, clock):
        return _refused(f"signed at {rfc3339(claimed)}, which is later than the stand's time {rfc3339(at)}")
    return None


def _by_the_machine(claimed: datetime, clock: Clock) -> bool:
    machine = clock.machine_now()
    return machine - HANDED_OVER_WITHIN <= claimed <= machine + SKEW


def _refused(detail: str) -> Fault:
    return SubIndication.SIG_CONSTRAINTS_FAILURE, detail
