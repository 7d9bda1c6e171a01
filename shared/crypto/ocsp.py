"""Online certificate status, both sides (RFC 6960, nonces by RFC 9654): asking, checking the answer, answering."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity
from shared.crypto.revocation import RevocationState, RevocationStatus

REQUEST_TYPE, RESPONSE_TYPE = "application/ocsp-request", "application/ocsp-response"
_SKEW = timedelta(minutes=5)

StatusOf = Callable[[int], RevocationStatus]


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
    except (ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound, InvalidSignature) as error:
        raise UntrustedAnswer(f"unusable answer: {error or type(error).__name__}") from error


def _read(
    answer: ocsp.OCSPResponse, certificate: Certificate, issuer: Certificate, nonce: bytes, at: datetime
) -> RevocationStatus:
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise UntrustedAnswer(f"the responder answered {answer.response_status.name}")
    if answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce != nonce:
        raise UntrustedAnswer("the answer is to another question (nonce)")
    _check_signature(answer, issuer, at)
    expected = _certificate_id(certificate, issuer)
    for single in answer.responses:
        if (single.issuer_name_hash, single.issuer_key_hash, single.serial_number) != expected:
            continue
        if single.this_update_utc > at + _SKEW or (single.next_update_utc or at) < at - _SKEW:
            raise UntrustedAnswer("the answer is for another time")
        if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
            return RevocationStatus(RevocationState.GOOD, source="ocsp")
        if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            return RevocationStatus(RevocationState.UNKNOWN, source="ocsp")
        reason = single.revocation_reason.value if single.revocation_reason else None
        return RevocationStatus(RevocationState.REVOKED, single.revocation_time_utc, reason, "ocsp")
    raise UntrustedAnswer("the answer is about another certificate")


@lru_cache(maxsize=1024)
def _certificate_id(certificate: Certificate, issuer: Certificate) -> tuple[bytes, bytes, int]:
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate.loaded, issuer.loaded, hashes.SHA256()).build()
    return request.issuer_name_hash, request.issuer_key_hash, request.serial_number


def _check_signature(answer: ocsp.OCSPResponse, issuer: Certificate, at: datetime) -> None:
    # Only the issuer itself or a responder it has delegated may answer (§4.2.2.2).
    responder = issuer
    if answer.certificates:
        responder = Certificate.from_der(answer.certificates[0].public_bytes(Encoding.DER))
        if responder != issuer and not _delegated(responder, issuer, at):
            raise UntrustedAnswer("the responder is not delegated by the authority")
    key = responder.loaded.public_key()
    algorithm = answer.signature_hash_algorithm
    if algorithm is None:
        raise UntrustedAnswer("the answer is signed without a digest")
    if isinstance(key, EllipticCurvePublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, ECDSA(algorithm))
    elif isinstance(key, RSAPublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, PKCS1v15(), algorithm)
    else:
        raise UntrustedAnswer("the responder's key is neither EC nor RSA")


def _delegated(responder: Certificate, issuer: Certificate, at: datetime) -> bool:
    usages = responder.loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    valid = responder.not_before <= at <= responder.not_after
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in usages and responder.issued_by(issuer)


def answer_request(der: bytes, *, issuer: Certificate, responder: Identity, status_of: StatusOf, at: datetime) -> bytes:
    """The answer to a request in DER: ``status_of`` a serial number, signed by ``responder``, with the request's nonce.

    Whatever cannot be read is answered ``malformedRequest``, as the RFC asks; nothing is raised for it.
    """
    try:
        request = ocsp.load_der_ocsp_request(der)
        nonces = [e.value.nonce for e in request.extensions if isinstance(e.value, x509.OCSPNonce)]
        # The certificate id is repeated with the asker's own hash algorithm.
        asked = (request.issuer_name_hash, request.issuer_key_hash, request.serial_number, request.hash_algorithm)
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension):
        failure = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        return failure.public_bytes(Encoding.DER)
    name_hash, key_hash, serial_number, algorithm = asked
    ours = (name_hash, key_hash) == _issuer_hashes(issuer, algorithm)
    status = status_of(serial_number) if ours else RevocationStatus(RevocationState.UNKNOWN)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=name_hash,
        issuer_key_hash=key_hash,
        serial_number=serial_number,
        algorithm=algorithm,
        cert_status=ocsp.OCSPCertStatus[status.state.name],
        this_update=at,
        next_update=at + timedelta(minutes=1),
        revocation_time=status.revoked_at,
        revocation_reason=x509.ReasonFlags(status.reason) if status.reason else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate.loaded)
    builder = builder.certificates([responder.certificate.loaded])
    for nonce in nonces[:1]:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.sign(responder.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _issuer_hashes(issuer: Certificate, algorithm: hashes.HashAlgorithm) -> tuple[bytes, bytes]:
    # Digests of the issuer's name in DER and of its public key without tag and length (§4.1.1).
    key = issuer.loaded.public_key()
    if isinstance(key, EllipticCurvePublicKey):
        bits = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        bits = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return _digest(algorithm, issuer.loaded.subject.public_bytes()), _digest(algorithm, bits)


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()
