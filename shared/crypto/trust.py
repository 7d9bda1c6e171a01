"""Whom the stand trusts: its own root and issuing authority, and nobody else."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.crypto.certificates import Certificate
from shared.crypto.report import SubIndication

_REMEMBERED_CHAINS = 50_000


@dataclass(frozen=True, eq=False)
class TrustAnchors:
    """The root and the issuing certificate of this stand."""

    root: Certificate
    issuing: Certificate
    _chains: dict[str, bool] = field(default_factory=dict, repr=False)

    @property
    def chain(self) -> tuple[Certificate, Certificate]:
        """Issuing certificate, then root: what goes into a signature beside the signer's certificate."""
        return self.issuing, self.root

    def chain_fault(self, certificate: Certificate, at: datetime) -> tuple[SubIndication, str] | None:
        """Why ``certificate`` has no valid chain to the root at ``at`` (RFC 5280 §6), or ``None``.

        The validity of the end certificate itself is a step of its own and not looked at here.
        """
        if not self._signed_by_issuing(certificate):
            return (
                SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
                "the certificate is not from the issuing authority of the stand",
            )
        for link in (self.issuing, self.root):
            if not link.is_ca or not link.may("key_cert_sign"):
                return SubIndication.CHAIN_CONSTRAINTS_FAILURE, f"“{link.common_name}” may not issue certificates"
            if not link.not_before <= at <= link.not_after:
                return SubIndication.CHAIN_CONSTRAINTS_FAILURE, f"“{link.common_name}” is not valid at the time"
        if not self._remembered("issuing", self.issuing, self.root):
            return SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "the issuing authority is not from the root of the stand"
        return None

    def _signed_by_issuing(self, certificate: Certificate) -> bool:
        return self._remembered(certificate.thumbprint, certificate, self.issuing)

    def _remembered(self, key: str, certificate: Certificate, issuer: Certificate) -> bool:
        # Who signed a certificate never changes, and checking it costs as much as checking a message.
        known = self._chains.get(key)
        if known is None:
            if len(self._chains) >= _REMEMBERED_CHAINS:
                self._chains.clear()
            known = self._chains[key] = certificate.issued_by(issuer)
        return known
