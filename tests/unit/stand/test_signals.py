"""Whoever tells a stand to end does not wait for its start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.kit.ports import free_ports

EGOV = [sys.executable, "-m", "services.stand"]


def ended(process: "subprocess.Popen[str]", number: signal.Signals) -> tuple[int, str]:
    """Exit code and what was said after the signal."""
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stand_that_starts(tmp_path: Path, number: signal.Signals) -> None:
    command = [*EGOV, "up", "--any-ports", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "pki").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
        code, said = ended(process, number)
    assert code == 0
    assert "Traceback" not in said
    assert not (tmp_path / "addresses.json").exists()


def test_a_service_that_waits_for_a_silent_authority(tmp_path: Path) -> None:
    silent, own = free_ports(2)
    settings = {
        "EGOV_DATA_DIR": str(tmp_path),
        "EGOV_KAFKA_BOOTSTRAP": f"127.0.0.1:{silent}",
        "EGOV_PKI_URL": f"http://127.0.0.1:{silent}",
        "EGOV_PORTAL_PORT": str(own),
    }
    command, environment = [*EGOV, "serve", "portal"], {**os.environ, **settings}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "waits for the authority" not in process.stderr.readline():
            assert process.poll() is None
        again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert again.returncode == 1
        assert f"process {process.pid} on " in again.stderr
        code, said = ended(process, signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in said
