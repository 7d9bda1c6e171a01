"""Signatures of messages: detached JWS with unencoded payload, ES256 only (RFC 7515, RFC 7797).

Protected header: ``alg``, ``b64: false``, ``crit: ["b64"]``, ``x5t#S256``, ``iat`` (Unix seconds of stand time),
``attempt`` (1 at the first sending, one more each time), and for the gateway's countersignature ``sig#S256``. The
algorithm is fixed here and never taken from the message, so ``none`` and the HMAC family have no way in (RFC 8725
§3.1).
"""

import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from joserfc import jws as jose
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter

from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity
from shared.kit.clock import Clock
from shared.kit.errors import InvalidInput
from shared.kit.ids import sha256_base64url

ALGORITHM = "ES256"
MOST_ATTEMPTS = 2**31 - 1
_LATEST = 253_402_300_799
"""The end of the year 9999."""
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_COMPACT = re.compile(r"([A-Za-z0-9_-]{1,2000})\.\.([A-Za-z0-9_-]{86})")


class InvalidSignatureFormat(InvalidInput):
    """The value is not a detached JWS of the form the stand's protocol asks for."""

    code = "invalid-signature-format"


class _Registry(jose.JWSRegistry):
    max_header_length = 2000
    # The broker limits messages; a limit here as well would only surprise.
    max_payload_length = 64 * 1024 * 1024


_REGISTRY = _Registry(
    header_registry={
        "iat": HeaderParameter("Issued at", "int"),
        "attempt": HeaderParameter("Number of the sending", "int"),
        "sig#S256": HeaderParameter("Digest of the sender's signature", "str"),
    },
    algorithms=[ALGORITHM],
    strict_check_header=False,
)


def sign_detached(
    payload: bytes, identity: Identity, *, attempt: int, clock: Clock, extra: Mapping[str, Any] | None = None
) -> str:
    """Sign exactly ``payload`` (UTF-8) and return ``<header>..<signature>``.

    ``extra`` adds members to the protected header and cannot replace the protocol's own. Raises ``TypeError`` if the
    identity has no P-256 key and ``ValueError`` if the payload is not UTF-8.
    """
    header: dict[str, Any] = {
        **(extra or {}),
        "alg": ALGORITHM,
        "b64": False,
        "crit": ["b64"],
        "x5t#S256": identity.certificate.thumbprint,
        "iat": int(clock.timestamp()),
        "attempt": attempt,
    }
    compact = jose.serialize_compact(header, payload, identity.signing_jwk, registry=_REGISTRY)
    # joserfc leaves a payload of URL-safe characters attached; the protocol's signature is always detached.
    return f"{compact[: compact.index('.')]}..{compact[compact.rindex('.') + 1 :]}"


@lru_cache(maxsize=1024)
def read_header(jws: str) -> Mapping[str, Any]:
    """The protected header, NOT yet verified: good for finding the certificate and nothing else.

    Raises ``InvalidSignatureFormat`` unless it is exactly what this protocol allows: detached, ES256, ``b64`` false and
    critical, nothing else critical, a thumbprint, integers ``iat`` and ``attempt``.
    """
    # Kept, because one signature is looked at three times: for its certificate, for its form, and when it is verified.
    match = _COMPACT.fullmatch(jws)
    if match is None:
        raise InvalidSignatureFormat("not a detached JWS in compact form with a signature of 64 bytes")
    try:
        header = json.loads(binascii.a2b_base64(_padded(match[1])))
    except (ValueError, RecursionError) as error:
        raise InvalidSignatureFormat("the protected header is not JSON in base64url") from error
    fault = _header_fault(header)
    if fault is not None:
        raise InvalidSignatureFormat(fault)
    found: dict[str, Any] = header
    return MappingProxyType(found)


def _padded(text: str) -> bytes:
    return (text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)).encode()


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _header_fault(header: object) -> str | None:
    if not isinstance(header, dict):
        return "the protected header is not a JSON object"
    if header.get("alg") != ALGORITHM:
        return f"the algorithm must be {ALGORITHM}"
    if header.get("b64") is not False or header.get("crit") != ["b64"]:
        return 'the protected header must say "b64": false and "crit": ["b64"]'
    thumbprint = header.get("x5t#S256")
    if not isinstance(thumbprint, str) or _THUMBPRINT.fullmatch(thumbprint) is None:
        return "the protected header must name the certificate by x5t#S256"
    return _number_fault(header)


def _number_fault(header: Mapping[str, Any]) -> str | None:
    if not _is_integer(header.get("iat")) or not 0 <= header["iat"] <= _LATEST:
        return "the protected header must carry iat, whole seconds since 1970"
    if not _is_integer(header.get("attempt")) or not 1 <= header["attempt"] <= MOST_ATTEMPTS:
        return f"the protected header must carry attempt, from 1 to {MOST_ATTEMPTS}"
    return None


def latest(signatures: Iterable[str | None]) -> int:
    """The latest ``iat`` that a batch of signatures claims, 0 if none does; not verified."""
    return max((header["iat"] for header in _headers(signatures)), default=0)


def thumbprints(signatures: Iterable[str | None]) -> set[str]:
    """The certificates that a batch of signatures names; what cannot be read is left out. For ``directory.ensure``."""
    return {header["x5t#S256"] for header in _headers(signatures)}


def _headers(signatures: Iterable[str | None]) -> Iterator[Mapping[str, Any]]:
    """The protected headers of those that can be read."""
    for jws in signatures:
        if jws is not None:
            with suppress(InvalidSignatureFormat):
                yield read_header(jws)


def verify_detached(payload: bytes, jws: str, certificate: Certificate) -> bool:
    """Whether ``jws`` is the signature of exactly ``payload`` by the key of ``certificate``.

    Says nothing about the certificate itself; that is ``verify.verify_message``. Raises ``InvalidSignatureFormat``.
    """
    read_header(jws)
    key = certificate.public_jwk
    if key is None:
        return False
    try:
        jose.deserialize_compact(jws, key, registry=_REGISTRY, payload=payload)
    except (JoseError, ValueError):
        return False
    return True


def signature_digest(jws: str) -> str:
    """``sig#S256``: SHA-256 of a signature's text in base64url, by which a countersignature names it."""
    return sha256_base64url(jws.encode())
