"""Faults strike when armed, as often as asked, and never by a wrong name."""

import pytest

from shared.kit.faults import Fault, Faults


@pytest.fixture
def faults() -> Faults:
    return Faults(ocsp_silent="OCSP answers 503", crl_hangs="the CRL hangs")


def test_all_are_off_at_first(faults: Faults) -> None:
    assert [fault.name for fault in faults.all()] == ["crl-hangs", "ocsp-silent"]
    assert not any(fault.armed or faults.strikes(fault.name) for fault in faults.all())


def test_strikes_as_often_as_armed(faults: Faults) -> None:
    assert faults.arm("ocsp-silent", 2) == Fault("ocsp-silent", "OCSP answers 503", 2)
    assert [faults.strikes("ocsp-silent") for _ in range(4)] == [True, True, False, False]


def test_strikes_until_disarmed_and_others_stay_off(faults: Faults) -> None:
    faults.arm("ocsp-silent")
    assert all(faults.strikes("ocsp-silent") for _ in range(3))
    assert not faults.strikes("crl-hangs")
    assert faults.disarm("ocsp-silent").armed is False
    assert not faults.strikes("ocsp-silent")


def test_disarm_all(faults: Faults) -> None:
    for fault in faults.all():
        faults.arm(fault.name)
    faults.disarm_all()
    assert not any(fault.armed for fault in faults.all())


def test_a_name_that_was_not_declared_never_passes(faults: Faults) -> None:
    for use in (faults.strikes, faults.arm, faults.disarm):
        with pytest.raises(KeyError):
            use("ocsp_silent")
