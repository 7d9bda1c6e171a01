"""The signatures of a sending: detached JWS in the record's headers, made anew for every attempt.

A re-send carries the next attempt number under a fresh signature, so a record that repeats an earlier signature was not
sent by its sender: it is a replay.
"""

from shared.crypto.identity import Identity
from shared.crypto.jws import sign_detached
from shared.kit.clock import Clock
from shared.kit.ids import sha256_base64url
from shared.messages.envelope import MEDIA_TYPE
from shared.messaging.records import GATEWAY_JWS_HEADER, JWS_HEADER, Headers

SENDER_SIGNATURE_MEMBER = "sig#S256"
"""Protected header of the countersignature: the digest of the sender's signature it stands beside."""

JOURNALED_MEMBER = "journaled"
"""Protected header of the sender's signature: how many events each system has journaled, as far as the sender knows."""
CONTENT_TYPE = ("content-type", MEDIA_TYPE.encode())
"""Record header by which a reader of CloudEvents knows what the value is; it is not signed."""


class Signer:
    """Signs what one system sends."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        self._identity = identity
        self._clock = clock

    def headers(
        self, value: bytes, *, attempt: int, sender_jws: str | None = None, journaled: str | None = None
    ) -> Headers:
        """The record headers for sending ``value``; with ``sender_jws`` the relayed message is countersigned.

        ``journaled`` is what the sender knows of the journal of the application (``shared.messages.journaled``).
        """
        if sender_jws is None:
            known = {JOURNALED_MEMBER: journaled} if journaled else None
            jws = sign_detached(value, self._identity, attempt=attempt, clock=self._clock, extra=known)
            return (CONTENT_TYPE, (JWS_HEADER, jws.encode()))
        extra = {SENDER_SIGNATURE_MEMBER: sha256_base64url(sender_jws.encode())}
        jws = sign_detached(value, self._identity, attempt=attempt, clock=self._clock, extra=extra)
        return (CONTENT_TYPE, (JWS_HEADER, sender_jws.encode()), (GATEWAY_JWS_HEADER, jws.encode()))
