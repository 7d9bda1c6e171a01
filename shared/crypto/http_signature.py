"""Signatures of HTTP calls between systems (RFC 9421), with the key and certificate that sign their messages.

One signature a call, with ``tag="egov"``, ES256, ``keyid`` the certificate's ``x5t#S256`` and ``created`` in Unix
seconds of stand time. It covers ``@method``, ``@authority``, ``@path``, ``@query``, and where there is a body its
``content-digest`` (RFC 9530). The certificate is verified as that of a message: chain, validity, revocation, key usage.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from shared.crypto.certificates import Certificate
from shared.crypto.directory import CertificateDirectory
from shared.crypto.identity import Identity
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import certificate_steps
from shared.kit.clock import Clock
from shared.kit.errors import Unauthorised, Unavailable

TAG = "egov"
COVERED = ("@method", "@authority", "@path", "@query")
"""What every signature covers; a body by its digest beside."""
LASTS = timedelta(minutes=5)
"""How old a signature may be, and how far ahead of our clock: what messages are allowed, too."""
_ALGORITHM = algorithms.ECDSA_P256_SHA256


@dataclass(frozen=True)
class Call:
    """An HTTP request as it is signed; ``url`` absolute and encoded, as it was sent; ``headers`` with ``items()`` that
    gives repeated fields as often as they came."""

    method: str
    url: str
    headers: Any
    body: bytes


def sign(call: Call, identity: Identity, clock: Clock) -> None:
    """Add the header fields of the signature to ``call.headers``, which must be a mutable mapping.

    Raises ``TypeError`` unless the identity has a P-256 key.
    """
    signer = HTTPMessageSigner(signature_algorithm=_ALGORITHM, key_resolver=_Signing(identity))
    signer.sign(
        call,
        key_id=identity.certificate.thumbprint,
        created=datetime.fromtimestamp(int(clock.timestamp()), UTC),
        label=TAG,
        tag=TAG,
        covered_component_ids=COVERED,
        body=call.body or None,
    )


class CallVerifier:
    """Finds out which system has signed a call."""

    def __init__(
        self, directory: CertificateDirectory, clock: Clock, may_ask: Callable[[], bool] = lambda: True
    ) -> None:
        """``may_ask``: whether the authority may be asked for one more certificate that nobody here knows."""
        self._directory = directory
        self._clock = clock
        self._may_ask = may_ask

    async def signer(self, call: Call) -> str:
        """The code of the system whose signature ``call`` carries.

        Raises ``Unauthorised`` with what is wrong with it, ``Unavailable`` if that cannot be found out now.
        """
        known = _Known(self._directory)
        try:
            parameters = _signed(call, known)
        except Unauthorised:
            if known.missing is None or not self._may_ask():
                raise
            await self._directory.ensure([known.missing])
            if not self._directory.answers(known.missing):
                raise Unavailable("the authority could not be asked for the certificate of the call") from None
            parameters = _signed(call, known)
        assert known.found is not None
        await self._directory.ensure(())
        await self._check_time(parameters["created"], parameters.get("expires"))
        return self._system(known.found)

    async def _check_time(self, created: int, expires: int | None) -> None:
        if created > self._clock.timestamp() + LASTS.total_seconds() and self._clock.catch_up is not None:
            # Its system may have heard of a move of the clock before us.
            await self._clock.catch_up()
        for moment in self._clock.readings():
            now = moment.timestamp()
            if abs(now - created) <= LASTS.total_seconds() and (expires is None or now <= expires):
                return
        raise Unauthorised("the signature of the call was made too long ago, or ahead of the stand's time")

    def _system(self, certificate: Certificate) -> str:
        at, directory = self._clock.now(), self._directory
        revocation = directory.revocation(certificate, at)
        steps = certificate_steps(certificate, directory.anchors, revocation, at, "digital_signature")
        report = ValidationReport.of(steps)
        if report.indication is Indication.INDETERMINATE:
            raise Unavailable("the certificate of the call's signature could not be verified now")
        if report.failure is not None:
            raise Unauthorised(f"the certificate of the call's signature: {report.failure.detail}")
        if certificate.system is None:
            raise Unauthorised("the certificate of the call's signature is no system's")
        return certificate.system


def _signed(call: Call, known: "_Known") -> Mapping[str, Any]:
    """The signed parameters. Raises ``Unauthorised``."""
    verifier = _Verifier(signature_algorithm=_ALGORITHM, key_resolver=known)
    try:
        results = verifier.verify(call, max_age=None, expect_tag=TAG, require_components=COVERED, body=call.body)
    except HTTPMessageSignaturesException as error:
        raise Unauthorised(f"the signature of the call (RFC 9421): {str(error)[:200]}") from error
    if len(results) != 1:
        raise Unauthorised("the call has more than one signature of a system")
    return results[0].parameters


class _Verifier(HTTPMessageVerifier):
    """Leaves the time to us: it is the stand's."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Raises ``InvalidSignature`` if it does not say when; that times are numbers is looked at elsewhere."""
        del max_age
        if "created" not in sig_input.params:
            raise InvalidSignature('the parameter "created" is missing')


class _Signing(HTTPSignatureKeyResolver):
    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def resolve_private_key(self, key_id: str) -> Any:
        del key_id
        return self._identity.key


class _Known(HTTPSignatureKeyResolver):
    """The certificates at hand; notes the one that was asked for."""

    def __init__(self, directory: CertificateDirectory) -> None:
        self._directory = directory
        self.found: Certificate | None = None
        self.missing: str | None = None

    def resolve_public_key(self, key_id: str) -> ec.EllipticCurvePublicKey | None:
        self.found = self._directory.lookup(key_id)
        if self.found is None:
            self.missing = key_id
            return None
        key = self.found.loaded.public_key()
        return key if isinstance(key, ec.EllipticCurvePublicKey) else None
