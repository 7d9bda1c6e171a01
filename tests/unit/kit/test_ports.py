"""Ports to start servers on."""

import json
import socket
import subprocess
import sys

import pytest

from shared.kit import ports
from shared.kit.ports import free_ports


@pytest.fixture
def three_ports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports of a process that has only three to give."""
    first, *own = _neighbours(4)
    monkeypatch.setattr(ports, "_BLOCK", 4)
    with socket.socket() as held:
        block = ports._Block(held, first)
        monkeypatch.setattr(ports, "_block", lambda: block)
    return own


def _neighbours(count: int) -> list[int]:
    """So many ports in a row. Near the end of its block a process is given the last ones and then the first, and
    what follows its last one is held by another process."""
    for _ in range(100):
        found = free_ports(count)
        if found == list(range(found[0], found[0] + count)):
            return found
    raise AssertionError(f"no {count} free ports in a row, the last found were {found}")


def test_they_differ_and_can_be_listened_on() -> None:
    found = free_ports(20)
    assert len(set(found)) == 20
    for port in found:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))


def test_none_is_one_that_outgoing_connections_get() -> None:
    assert all(port < 32_768 for port in free_ports(50))


def test_one_is_not_given_again_soon() -> None:
    assert not set(free_ports(100)) & set(free_ports(100))


def test_two_processes_never_get_the_same() -> None:
    asked = "import json; from shared.kit.ports import free_ports; print(json.dumps(free_ports(200)))"
    mine = set(free_ports(200))
    for _ in range(3):
        theirs = json.loads(subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True).stdout)
        assert not mine & set(theirs)


def test_one_that_is_in_use_is_not_given(three_ports: list[int]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", three_ports[1]))
        assert set(free_ports(2)) == {three_ports[0], three_ports[2]}
        with pytest.raises(OSError, match="no 3 free ports"):
            free_ports(3)
