"""Ports to start servers on."""

import socket

import pytest

from shared.kit import ports
from shared.kit.ports import free_ports


def test_they_differ_and_can_be_listened_on() -> None:
    found = free_ports(20)
    assert len(set(found)) == 20
    for port in found:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))


def test_none_is_one_that_outgoing_connections_get() -> None:
    assert all(port < 32_768 for port in free_ports(50))


def test_one_that_is_in_use_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        monkeypatch.setattr(ports, "_LOWEST", port)
        monkeypatch.setattr(ports, "_HIGHEST", port + 1)
        with pytest.raises(OSError, match="no 1 free ports"):
            free_ports(1)
