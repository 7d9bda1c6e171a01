"""The answering side of online certificate status (RFC 6960; nonces by RFC 9654).

Requests are read with asn1crypto, because they may ask for several certificates at once; answers are put together here,
element by element, as signatures of documents are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import algos, ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.crypto.cades import DIGEST, der, raw_signature
from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity
from shared.crypto.revocation import RevocationState, RevocationStatus

MOST_CERTIFICATES, LONGEST_REQUEST, LONGEST_NONCE = 100, 64 * 1024, 128
"""Certificates in a request and its octets: limits of the stand. Octets of a nonce: the limit of RFC 9654 §2.1."""
_VALID_FOR = timedelta(minutes=1)
_MALFORMED, _UNAUTHORISED = 1, 6

_BIT_STRING, _OCTETS, _ENUMERATED, _SEQUENCE, _TIME = 0x03, 0x04, 0x0A, 0x30, 0x18
_EXPLICIT_0, _EXPLICIT_1, _EXPLICIT_2, _GOOD, _UNKNOWN = 0xA0, 0xA1, 0xA2, 0x80, 0x82
_BASIC: bytes = ocsp.ResponseType("basic_ocsp_response").dump()
_NONCE: bytes = ocsp.TBSRequestExtensionId("nonce").dump()
_ECDSA: bytes = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
_RSA: bytes = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}).dump()
_HASHES: dict[str, hashes.HashAlgorithm] = {
    # What names an issuer needs no resistance to collisions, and SHA-1 is what most clients ask with (§4.3).
    "sha1": hashes.SHA1(),  # noqa: S303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_REASONS = {
    "unspecified": 0,
    "keyCompromise": 1,
    "cACompromise": 2,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
}


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for the certificates of ``issuer``: the issuer itself, or who is delegated by it. ``status_of`` gives
    the status of a serial number."""

    issuer: Certificate
    responder: Identity
    status_of: Callable[[int], RevocationStatus]


@dataclass(frozen=True, slots=True)
class _Asked:
    certificate_id: bytes
    algorithm: str
    name_hash: bytes
    key_hash: bytes
    serial_number: int

    def issued_by(self, issuer: Certificate) -> bool:
        algorithm = _HASHES.get(self.algorithm)
        return algorithm is not None and (self.name_hash, self.key_hash) == _issuer_hashes(issuer, algorithm)


def answer_request(request: bytes, *, answering: Sequence[Answering], at: datetime) -> bytes:
    """The answer to ``request``, both in DER: the status of every certificate asked for, with the request's nonce.

    A certificate of an unknown issuer is ``unknown``. What cannot be read, names no certificate or too many, or has a
    nonce that is none, is answered ``malformedRequest``. One who asks about certificates of several of the issuers is
    answered ``unauthorized``: nobody can sign for all of them. Never raises for anything a sender can send.
    """
    try:
        asked, nonce = _read(request)
    except Exception:  # noqa: BLE001 - asn1crypto reads lazily and fails on rubbish with errors of many types
        return _failure(_MALFORMED)
    concerned = [one for one in answering if any(item.issued_by(one.issuer) for item in asked)]
    if len(concerned) > 1:
        return _failure(_UNAUTHORISED)
    one = concerned[0] if concerned else answering[0]
    responses = [_single(item, one, at) for item in asked]
    return _signed(responses, nonce, one.responder, at)


def _read(request: bytes) -> tuple[list[_Asked], bytes | None]:
    """What is asked for, and the nonce. Raises whatever for what is no request."""
    if len(request) > LONGEST_REQUEST:
        raise ValueError("too long")
    # A request may be signed; who asks makes no difference here, so that signature is not looked at.
    asking = ocsp.OCSPRequest.load(request, strict=True)["tbs_request"]
    requests = asking["request_list"]
    if asking["version"].native != "v1" or not 1 <= len(requests) <= MOST_CERTIFICATES:
        raise ValueError("another version, or no certificate, or too many")
    asked = []
    for item in requests:
        _refuse_critical(item["single_request_extensions"])
        identifier = item["req_cert"]
        asked.append(
            _Asked(
                identifier.dump(),
                identifier["hash_algorithm"]["algorithm"].native,
                identifier["issuer_name_hash"].native,
                identifier["issuer_key_hash"].native,
                identifier["serial_number"].native,
            )
        )
    extensions = asking["request_extensions"]
    _refuse_critical(extensions)
    nonces = [extension["extn_value"].parsed.native for extension in extensions if _is_nonce(extension)]
    if len(nonces) > 1 or any(not 1 <= len(nonce) <= LONGEST_NONCE for nonce in nonces):
        raise ValueError("a nonce has 1 to 128 octets and stands once")
    return asked, nonces[0] if nonces else None


def _is_nonce(extension: ocsp.TBSRequestExtension) -> bool:
    return bool(extension["extn_id"].native == "nonce")


def _refuse_critical(extensions: Sequence[ocsp.TBSRequestExtension]) -> None:
    if any(extension["critical"].native and not _is_nonce(extension) for extension in extensions):
        raise ValueError("a critical extension that nobody here knows")


def _single(asked: _Asked, one: Answering, at: datetime) -> bytes:
    status = RevocationStatus(RevocationState.UNKNOWN)
    if asked.issued_by(one.issuer):
        status = one.status_of(asked.serial_number)
    return der(
        _SEQUENCE,
        asked.certificate_id,  # repeated with the asker's own hash algorithm
        _status(status),
        _time(at),
        der(_EXPLICIT_0, _time(at + _VALID_FOR)),
    )


def _status(status: RevocationStatus) -> bytes:
    if status.state is RevocationState.GOOD:
        return der(_GOOD)
    if status.state is not RevocationState.REVOKED or status.revoked_at is None:
        return der(_UNKNOWN)
    reason = _REASONS.get(status.reason or "")
    reasons = () if reason is None else (der(_EXPLICIT_0, der(_ENUMERATED, bytes((reason,)))),)
    return der(_EXPLICIT_1, _time(status.revoked_at), *reasons)


def _signed(responses: Sequence[bytes], nonce: bytes | None, responder: Identity, at: datetime) -> bytes:
    extensions = b""
    if nonce is not None:
        extension = der(_SEQUENCE, _NONCE, der(_OCTETS, der(_OCTETS, nonce)))
        extensions = der(_EXPLICIT_1, der(_SEQUENCE, extension))
    key_hash = x509.SubjectKeyIdentifier.from_public_key(responder.key.public_key()).digest
    by_key = der(_EXPLICIT_2, der(_OCTETS, key_hash))
    content = der(_SEQUENCE, by_key, _time(at), der(_SEQUENCE, *responses), extensions)
    signature = raw_signature(responder.key, content, DIGEST)
    basic = der(
        _SEQUENCE,
        content,
        _ECDSA if isinstance(responder.key, EllipticCurvePrivateKey) else _RSA,
        der(_BIT_STRING, b"\x00", signature),
        der(_EXPLICIT_0, der(_SEQUENCE, responder.certificate.der)),
    )
    body = der(_EXPLICIT_0, der(_SEQUENCE, _BASIC, der(_OCTETS, basic)))
    return der(_SEQUENCE, der(_ENUMERATED, b"\x00"), body)


def _failure(status: int) -> bytes:
    return der(_SEQUENCE, der(_ENUMERATED, bytes((status,))))


def _time(at: datetime) -> bytes:
    return der(_TIME, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


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
