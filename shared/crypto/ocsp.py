"""The asking side of online certificate status (RFC 6960, nonces by RFC 9654); ``responder`` answers."""

import secrets
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from shared.crypto.certificates import Certificate
from shared.crypto.revocation import RevocationState, RevocationStatus

REQUEST_TYPE, RESPONSE_TYPE = "application/ocsp-request", "application/ocsp-response"
_SKEW = timedelta(minutes=5)
_LONGEST_AGE = timedelta(hours=1)
_MOST_CERTIFICATES = 10


class UntrustedAnswer(Exception):
    """The answer proves nothing: wrong certificate, nonce, time or signature. To be treated as no answer."""


def build_request(certificate: Certificate, issuer: Certificate) -> tuple[bytes, bytes]:
    """A request for the status of ``certificate`` in DER, and the nonce that the answer must repeat."""
    nonce = secrets.token_bytes(32)
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate.loaded, issuer.loaded, hashes.SHA256())
    return builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER), nonce


def read_answer(
    der: bytes, certificate: Certificate, issuer: Certificate, *, nonce: bytes, at: datetime
) -> RevocationStatus:
    """The status in an answer, after the checks of RFC 6960 §3.2. Raises ``UntrustedAnswer``."""
    try:
        return _read(ocsp.load_der_ocsp_response(der), certificate, issuer, nonce, at)
    except UntrustedAnswer:
        raise
    except Exception as error:  # the library has an error for each kind of rubbish, and no base of them all
        raise UntrustedAnswer(f"unusable answer: {error or type(error).__name__}") from error


def _read(
    answer: ocsp.OCSPResponse, certificate: Certificate, issuer: Certificate, nonce: bytes, at: datetime
) -> RevocationStatus:
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise UntrustedAnswer(f"the responder answered {answer.response_status.name}")
    if answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce != nonce:
        raise UntrustedAnswer("the answer is to another question (nonce)")
    _check_signature(answer, _responder(answer, issuer, at))
    if abs(answer.produced_at_utc - at) > _SKEW:
        raise UntrustedAnswer("the answer was made at another time")
    expected = _certificate_id(certificate, issuer)
    found = [
        single
        for single in answer.responses
        if (single.issuer_name_hash, single.issuer_key_hash, single.serial_number) == expected
    ]
    if len(found) != 1:
        raise UntrustedAnswer("the answer is about another certificate" if not found else "there are two answers")
    return _status(found[0], at)


def _status(single: ocsp.OCSPSingleResponse, at: datetime) -> RevocationStatus:
    since, until = single.this_update_utc, single.next_update_utc
    # Without ``nextUpdate`` there is newer information at any time (§4.2.2.1), so what is old proves nothing.
    if since > at + _SKEW or at > (until or since + _LONGEST_AGE) + _SKEW:
        raise UntrustedAnswer("the answer is for another time")
    if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return RevocationStatus(RevocationState.GOOD, source="ocsp")
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        return RevocationStatus(RevocationState.UNKNOWN, source="ocsp")
    reason = single.revocation_reason.value if single.revocation_reason else None
    return RevocationStatus(RevocationState.REVOKED, single.revocation_time_utc, reason, "ocsp")


@lru_cache(maxsize=1024)
def _certificate_id(certificate: Certificate, issuer: Certificate) -> tuple[bytes, bytes, int]:
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate.loaded, issuer.loaded, hashes.SHA256()).build()
    return request.issuer_name_hash, request.issuer_key_hash, request.serial_number


def _responder(answer: ocsp.OCSPResponse, issuer: Certificate, at: datetime) -> Certificate:
    """Who signed the answer by its own account (responderID): the issuer, or one whom it has delegated (§4.2.2.2)."""
    if len(answer.certificates) > _MOST_CERTIFICATES:
        raise UntrustedAnswer("the answer brings too many certificates")
    embedded = [Certificate.from_der(found.public_bytes(Encoding.DER)) for found in answer.certificates]
    named = [candidate for candidate in (issuer, *embedded) if _is_named(candidate, answer)]
    if not named:
        raise UntrustedAnswer("the certificate of the responder is not in the answer")
    for candidate in named:
        if candidate == issuer or _delegated(candidate, issuer, at):
            return candidate
    raise UntrustedAnswer("the responder is not delegated by the authority")


def _is_named(candidate: Certificate, answer: ocsp.OCSPResponse) -> bool:
    if answer.responder_key_hash is not None:
        key = candidate.loaded.public_key()
        return x509.SubjectKeyIdentifier.from_public_key(key).digest == answer.responder_key_hash
    return candidate.loaded.subject == answer.responder_name


def _check_signature(answer: ocsp.OCSPResponse, responder: Certificate) -> None:
    key = responder.loaded.public_key()
    algorithm = answer.signature_hash_algorithm
    if not isinstance(algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512):
        raise UntrustedAnswer("the answer is signed with a digest that is not taken")
    if isinstance(key, EllipticCurvePublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, ECDSA(algorithm))
    elif isinstance(key, RSAPublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, PKCS1v15(), algorithm)
    else:
        raise UntrustedAnswer("the responder's key is neither EC nor RSA")


def _delegated(responder: Certificate, issuer: Certificate, at: datetime) -> bool:
    try:
        usages = responder.loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return responder.covers(at, at) and ExtendedKeyUsageOID.OCSP_SIGNING in usages and responder.issued_by(issuer)
