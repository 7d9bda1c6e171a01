"""Who may sign: step 6 of every verification, as small composable policies.

A policy is any callable from a certificate to a check, so a service can add its own (who may send what to whom).
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared.crypto.certificates import Certificate, KeyUsageName
from shared.crypto.report import Check, Indication, SubIndication, failed
from shared.kit.iin import masked

Policy = Callable[[Certificate], Check]

_PASSED = Check(6, "policy")


def refused(detail: str) -> Check:
    """Step 6 not passed: the signer is trusted but may not say this."""
    return failed(6, "policy", SubIndication.SIG_CONSTRAINTS_FAILURE, detail)


@dataclass(frozen=True, slots=True)
class SignedByIIN:
    """The certificate is this person's."""

    iin: str

    def __call__(self, certificate: Certificate) -> Check:
        if certificate.iin == self.iin:
            return _PASSED
        return refused(f"signed by IIN {masked(certificate.iin or '')}, expected {masked(self.iin)}")


@dataclass(frozen=True, slots=True)
class SignedByBIN:
    """The certificate belongs to this organisation."""

    bin: str

    def __call__(self, certificate: Certificate) -> Check:
        return (
            _PASSED if certificate.bin == self.bin else refused(f"signed by BIN {certificate.bin}, expected {self.bin}")
        )


@dataclass(frozen=True, slots=True)
class SignedBySystem:
    """The certificate is the one of this system."""

    system: str

    def __call__(self, certificate: Certificate) -> Check:
        if certificate.system == self.system:
            return _PASSED
        return refused(f"signed by system “{certificate.system}”, expected “{self.system}”")


@dataclass(frozen=True, slots=True)
class SignedByCertificate:
    """The certificate is exactly the expected one."""

    expected: Certificate

    def __call__(self, certificate: Certificate) -> Check:
        return (
            _PASSED
            if certificate == self.expected
            else refused("signed with another certificate than the expected one")
        )


@dataclass(frozen=True, slots=True)
class KeyUsageIs:
    """The certificate allows a further use of its key."""

    usage: KeyUsageName

    def __call__(self, certificate: Certificate) -> Check:
        return _PASSED if certificate.may(self.usage) else refused(f"the certificate is not for {self.usage}")


class AnyOf:
    """At least one of the policies passes; otherwise every reason is named."""

    def __init__(self, *policies: Policy) -> None:
        self.policies = policies

    def __call__(self, certificate: Certificate) -> Check:
        reasons: list[str] = []
        for policy in self.policies:
            check = policy(certificate)
            if check.indication is Indication.PASSED:
                return check
            reasons.append(check.detail or check.name)
        return refused("; ".join(reasons) or "nobody may sign this")


class AllOf:
    """Every policy passes; the first that does not is the answer."""

    def __init__(self, *policies: Policy) -> None:
        self.policies = policies

    def __call__(self, certificate: Certificate) -> Check:
        for policy in self.policies:
            check = policy(certificate)
            if check.indication is not Indication.PASSED:
                return check
        return _PASSED
