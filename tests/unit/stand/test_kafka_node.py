"""`make kafka` ends by one Ctrl-C, at any moment, and says whether its node ended well."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.kafka.node import HERE

Start = Callable[[str], "subprocess.Popen[str]"]

JAVA = """#!{python}
import os, pathlib, re, signal, socket, sys, time
folder = pathlib.Path({folder!r})
if "kafka.Kafka" not in sys.argv:
    sys.exit(0)  # formats its storage
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143) if {kind!r} != "stubborn" else None)
(folder / "java").write_text(str(os.getpid()))
if {kind!r} == "slow":
    time.sleep(600)
ports = set(re.findall(r"127.0.0.1:([0-9]+)", pathlib.Path(sys.argv[-1]).read_text()))
held = [socket.create_server(("127.0.0.1", int(port))) for port in ports]
if {kind!r} == "dies":
    time.sleep(1)
    sys.exit(3)
while True:
    time.sleep(600)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a node whose Java is a stand-in of some kind."""
    processes = []

    def started(kind: str) -> "subprocess.Popen[str]":
        bin_, jars = tmp_path / "bin", tmp_path / "jars"
        bin_.mkdir()
        jars.mkdir()
        (bin_ / "java").write_text(JAVA.format(python=sys.executable, folder=str(tmp_path), kind=kind))
        (bin_ / "java").chmod(0o700)
        (jars / "complete").write_text((HERE / "pom.xml").read_text())
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.kafka.node", "--port", "0", "--data-dir", str(tmp_path / "data")],
            env={**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}", "EGOV_KAFKA_JARS": str(jars)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def first_line(process: "subprocess.Popen[str]") -> str:
    """What it says when it is up."""
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_it(start: Start, number: signal.Signals) -> None:
    process = start("good")
    assert first_line(process).startswith("Kafka: 127.0.0.1:")
    process.send_signal(number)
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_it_ends_while_it_starts(start: Start, tmp_path: Path) -> None:
    process = start("slow")
    while not (tmp_path / "java").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_second_signal_ends_it_by_force(start: Start, tmp_path: Path) -> None:
    process = start("stubborn")
    first_line(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=9)
    assert process.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "java").read_text()), 0)


def test_a_node_that_fails_is_told(start: Start) -> None:
    process = start("dies")
    first_line(process)
    process.communicate(timeout=30)
    assert process.returncode == 3
