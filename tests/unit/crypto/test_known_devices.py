"""The token of a device names it to its own subject, credential and time, and to nobody else."""

from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.known_devices import KnownDevices

_DEVICES = KnownDevices(b"k" * 32)


def test_a_token_names_one_device_for_one_subject_and_credential_and_for_a_while() -> None:
    token = _DEVICES.token("olga", "hash", 100.0)
    name = _DEVICES.name(token, "olga", "hash", 99.0)
    assert name
    assert _DEVICES.name(token, "olga", "hash", 100.0) is None
    assert _DEVICES.name(token, "aigerim", "hash", 0.0) is None
    assert _DEVICES.name(token, "olga", "another hash", 0.0) is None
    assert _DEVICES.name(token, "olga", None, 0.0) is None
    assert KnownDevices(b"x" * 32).name(token, "olga", "hash", 0.0) is None
    assert _DEVICES.name(_DEVICES.token("olga", "hash", 100.0), "olga", "hash", 0.0) != name


def test_a_device_that_is_known_keeps_its_name() -> None:
    name = _DEVICES.name(_DEVICES.token("olga", "hash", 100.0), "olga", "hash", 0.0)
    longer = _DEVICES.token("olga", "hash", 200.0, name=name)
    assert _DEVICES.name(longer, "olga", "hash", 150.0) == name


def test_subject_and_credential_do_not_run_into_one_another() -> None:
    token = _DEVICES.token("ab", "c", 100.0)
    assert _DEVICES.name(token, "a", "bc", 0.0) is None


@given(st.text(max_size=80))
def test_what_is_no_token_names_nothing(text: str) -> None:
    assert _DEVICES.name(text, "olga", "hash", 0.0) is None
    assert _DEVICES.name(f"{text}.{text}", "olga", "hash", 0.0) is None
