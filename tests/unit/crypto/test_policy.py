"""Who may sign."""

import pytest

from shared.crypto.policy import AllOf, AnyOf, KeyUsageIs, Policy, SignedByBIN, SignedByIIN, SignedBySystem
from shared.crypto.testing import BIN, IIN, OTHER_IIN, MemoryPKI


@pytest.mark.parametrize(
    ("policy", "passes"),
    [
        (SignedByIIN(IIN), True),
        (SignedByIIN(OTHER_IIN), False),
        (SignedByBIN(BIN), True),
        (SignedByBIN("000000000000"), False),
        (SignedBySystem("portal"), False),
        (KeyUsageIs("content_commitment"), True),
        (KeyUsageIs("key_cert_sign"), False),
        (AnyOf(SignedByIIN(OTHER_IIN), SignedByBIN(BIN)), True),
        (AnyOf(SignedByIIN(OTHER_IIN), SignedBySystem("portal")), False),
        (AnyOf(), False),
        (AllOf(SignedByIIN(IIN), SignedByBIN(BIN)), True),
        (AllOf(SignedByIIN(IIN), SignedBySystem("portal")), False),
    ],
)
def test_officer_against_each_policy(pki: MemoryPKI, policy: Policy, passes: bool) -> None:
    check = policy(pki.officer().certificate)
    assert check.n == 6
    assert check.passed is passes
    assert check.sub_indication == (None if passes else "SIG_CONSTRAINTS_FAILURE")


def test_any_of_names_every_reason(pki: MemoryPKI) -> None:
    detail = AnyOf(SignedByBIN("1"), SignedBySystem("csc"))(pki.officer().certificate).detail
    assert detail is not None
    assert "expected 1" in detail
    assert "csc" in detail
