"""Signatures of messages: only detached ES256 with an unencoded payload gets through."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.jws import (
    InvalidSignatureFormat,
    read_header,
    sign_detached,
    signature_digest,
    thumbprints,
    verify_detached,
)
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from shared.kit.ids import base64url

PAYLOAD = '{"id":"1","data":{"сөз":"қ"}}'.encode()


def with_header(jws: str, **changes: Any) -> str:
    """``jws`` with another protected header; ``...`` removes a member."""
    header = {**read_header(jws), **changes}
    text = json.dumps({name: value for name, value in header.items() if value is not ...})
    return f"{base64url(text.encode())}..{jws.rsplit('.', 1)[1]}"


class TestSigning:
    def test_header_is_the_protocols(self, pki: MemoryPKI, clock: Clock) -> None:
        portal = pki.system("portal")
        jws = sign_detached(PAYLOAD, portal, attempt=3, clock=clock)
        assert read_header(jws) == {
            "alg": "ES256",
            "b64": False,
            "crit": ["b64"],
            "x5t#S256": portal.certificate.thumbprint,
            "iat": int(clock.timestamp()),
            "attempt": 3,
        }

    def test_extra_members_cannot_replace_the_protocols(self, pki: MemoryPKI, clock: Clock) -> None:
        extra = {"sig#S256": signature_digest("a..b"), "alg": "none", "attempt": 99}
        header = read_header(sign_detached(PAYLOAD, pki.system("gateway"), attempt=1, clock=clock, extra=extra))
        assert header["sig#S256"] == signature_digest("a..b")
        assert (header["alg"], header["attempt"]) == ("ES256", 1)

    @pytest.mark.parametrize("payload", [PAYLOAD, b"urlsafe-only", b"urlsafe\n", b"a.b.c", b"{}"])
    def test_always_detached_and_verifiable(self, pki: MemoryPKI, clock: Clock, payload: bytes) -> None:
        portal = pki.system("portal")
        jws = sign_detached(payload, portal, attempt=1, clock=clock)
        assert jws.count("..") == 1
        assert verify_detached(payload, jws, portal.certificate)

    def test_verifies_with_the_bare_mathematics(self, pki: MemoryPKI, clock: Clock) -> None:
        """RFC 7797 §3 by hand: ASCII(header) || '.' || payload."""
        portal = pki.system("portal")
        header, _, signature = sign_detached(PAYLOAD, portal, attempt=1, clock=clock).split(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        key = portal.certificate.loaded.public_key()
        assert isinstance(key, EllipticCurvePublicKey)
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(der, header.encode() + b"." + PAYLOAD, ECDSA(SHA256()))  # raises if it does not fit


class TestVerification:
    @given(data=st.data())
    def test_one_changed_byte_is_noticed(self, data: Any) -> None:
        clock = Clock()
        portal = MemoryPKI(clock).system("portal")
        jws = sign_detached(PAYLOAD, portal, attempt=1, clock=clock)
        at = data.draw(st.integers(0, len(PAYLOAD) - 1))
        changed = bytearray(PAYLOAD)
        changed[at] ^= data.draw(st.integers(1, 255))
        assert not verify_detached(bytes(changed), jws, portal.certificate)

    def test_changed_header_is_noticed(self, pki: MemoryPKI, clock: Clock) -> None:
        portal = pki.system("portal")
        jws = with_header(sign_detached(PAYLOAD, portal, attempt=1, clock=clock), attempt=2)
        assert not verify_detached(PAYLOAD, jws, portal.certificate)

    def test_another_key_is_noticed(self, pki: MemoryPKI, clock: Clock) -> None:
        jws = sign_detached(PAYLOAD, pki.system("portal"), attempt=1, clock=clock)
        assert not verify_detached(PAYLOAD, jws, pki.system("portal").certificate)

    def test_empty_payload_is_noticed(self, pki: MemoryPKI, clock: Clock) -> None:
        portal = pki.system("portal")
        assert not verify_detached(b"", sign_detached(PAYLOAD, portal, attempt=1, clock=clock), portal.certificate)


class TestFormat:
    @pytest.mark.parametrize(
        "changes",
        [
            {"alg": "none"},
            {"alg": "HS256"},
            {"alg": "RS256"},
            {"alg": ...},
            {"b64": True},
            {"b64": ...},
            {"b64": 0},
            {"crit": ...},
            {"crit": []},
            {"crit": ["b64", "exp"]},
            {"crit": "b64"},
            {"x5t#S256": ...},
            {"x5t#S256": "../../etc/passwd"},
            {"x5t#S256": 1},
            {"iat": ...},
            {"iat": "1"},
            {"iat": True},
            {"attempt": ...},
            {"attempt": 0},
            {"attempt": 1.5},
        ],
    )
    def test_other_headers_are_refused(self, pki: MemoryPKI, clock: Clock, changes: dict[str, Any]) -> None:
        jws = with_header(sign_detached(PAYLOAD, pki.system("portal"), attempt=1, clock=clock), **changes)
        with pytest.raises(InvalidSignatureFormat):
            read_header(jws)

    def test_attached_payload_is_refused(self, pki: MemoryPKI, clock: Clock) -> None:
        header, _, signature = sign_detached(PAYLOAD, pki.system("portal"), attempt=1, clock=clock).split(".")
        with pytest.raises(InvalidSignatureFormat, match="detached"):
            read_header(f"{header}.{base64url(PAYLOAD)}.{signature}")

    def test_header_that_is_no_object_is_refused(self, pki: MemoryPKI, clock: Clock) -> None:
        signature = sign_detached(PAYLOAD, pki.system("portal"), attempt=1, clock=clock).rsplit(".", 1)[1]
        for header in ("[]", "1", "{", '"x"', "\x00"):
            with pytest.raises(InvalidSignatureFormat):
                read_header(f"{base64url(header.encode())}..{signature}")

    @given(st.text(max_size=200))
    def test_any_rubbish_is_refused_in_one_way(self, rubbish: str) -> None:
        with pytest.raises(InvalidSignatureFormat):
            read_header(rubbish)


def test_thumbprints_of_a_batch_leave_out_what_cannot_be_read(pki: MemoryPKI, clock: Clock) -> None:
    portal = pki.system("portal")
    jws = sign_detached(PAYLOAD, portal, attempt=1, clock=clock)
    assert thumbprints([jws, None, "rubbish", jws]) == {portal.certificate.thumbprint}
