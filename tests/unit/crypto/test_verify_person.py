"""A citizen's certificate before anything is signed: term, revocation, usage, IIN."""

from collections.abc import Callable

import pytest

from shared.crypto.identity import Identity
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.revocation import UNREACHABLE, RevocationState, RevocationStatus
from shared.crypto.testing import IIN, OTHER_IIN, MemoryPKI
from shared.crypto.verify import verify_person_certificate
from shared.kit.clock import Clock


def check(
    pki: MemoryPKI, clock: Clock, person: Identity, *, iin: str = IIN, status: RevocationStatus | None = None
) -> ValidationReport:
    now = clock.now()
    return verify_person_certificate(
        person.certificate,
        anchors=pki.anchors,
        revocation=status or pki.crl().status(person.certificate, now),
        at=now,
        iin=iin,
    )


def test_ordinary_person_passes(pki: MemoryPKI, clock: Clock) -> None:
    report = check(pki, clock, pki.person())
    assert report.passed
    assert [item.n for item in report.checks] == [1, 2, 3, 4, 6]


@pytest.mark.parametrize(
    ("make", "n", "sub_indication"),
    [
        (MemoryPKI.unknown_issuer, 1, "NO_CERTIFICATE_CHAIN_FOUND"),
        (MemoryPKI.expired, 2, "EXPIRED"),
        (MemoryPKI.not_yet_valid, 2, "NOT_YET_VALID"),
        (MemoryPKI.revoked_person, 3, "REVOKED"),
        (MemoryPKI.wrong_usage, 4, "CHAIN_CONSTRAINTS_FAILURE"),
    ],
)
def test_each_defect_has_its_name(
    pki: MemoryPKI, clock: Clock, make: Callable[[MemoryPKI], Identity], n: int, sub_indication: str
) -> None:
    failure = check(pki, clock, make(pki)).failure
    assert failure is not None
    assert (failure.n, failure.indication, failure.sub_indication) == (n, Indication.FAILED, sub_indication)


def test_somebody_elses_certificate(pki: MemoryPKI, clock: Clock) -> None:
    failure = check(pki, clock, pki.person(), iin=OTHER_IIN).failure
    assert failure is not None
    assert (failure.n, failure.sub_indication) == (6, "SIG_CONSTRAINTS_FAILURE")
    assert IIN not in (failure.detail or "")
    assert OTHER_IIN not in (failure.detail or "")


@pytest.mark.parametrize("status", [UNREACHABLE, RevocationStatus(RevocationState.UNKNOWN)])
def test_unknown_revocation_is_undecided_never_invalid(pki: MemoryPKI, clock: Clock, status: RevocationStatus) -> None:
    report = check(pki, clock, pki.person(), status=status)
    assert report.indication is Indication.INDETERMINATE
    assert report.failure is not None
    assert report.failure.sub_indication == "TRY_LATER"
