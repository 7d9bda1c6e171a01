"""A disk that takes nothing, at the start of a stand or soon after: few lines, no traceback, and one signal ends it."""

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.stand.addresses import Addresses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set on Linux only")

UP = [sys.executable, "-m", "services.stand", "up", "--any-ports", "--data-dir"]
FEW_LINES = 40
ENDS_WITHIN_S = 60


def full(size: int, process: int = 0) -> None:
    """Let no file of ``process`` (0: this one) grow beyond ``size`` bytes: writes fail, as on a disk without room."""
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, most))


def is_quiet(said: str) -> None:
    """What was said is of use to whoever reads it."""
    assert "Traceback" not in said
    assert "was never retrieved" not in said
    assert "was destroyed" not in said
    assert len(said.splitlines()) <= FEW_LINES, said


@pytest.mark.parametrize("size", [1, 300 << 10])
def test_at_the_start(tmp_path: Path, size: int) -> None:
    done = subprocess.run(
        [*UP, str(tmp_path / "data")],
        preexec_fn=partial(full, size),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 1
    is_quiet(done.stderr)
    assert done.stderr.splitlines()[-1].startswith("egov: ")
    assert not (tmp_path / "data" / "addresses.json").exists()


def test_soon_after_the_start(tmp_path: Path) -> None:
    # The log goes through a pipe, which is on no disk.
    command = [*UP, str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            addresses = started(process, tmp_path / "data")
            full(1, process.pid)
            until(lambda: _is_busy_in_vain(addresses))
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=ENDS_WITHIN_S)
        finally:
            process.kill()
    assert process.returncode == 0
    is_quiet(said)


def started(process: "subprocess.Popen[str]", folder: Path) -> Addresses:
    """Where the stand is, once all of it answers."""

    def ready() -> bool:
        assert process.poll() is None
        return (folder / "addresses.json").exists()

    until(ready)
    return Addresses(json.loads((folder / "addresses.json").read_text(encoding="utf-8")))


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds; a machine may be slow."""
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline


def _is_busy_in_vain(addresses: Addresses) -> bool:
    """Do what writes, at several services; whether each of them says that it cannot."""
    told = []
    for code, path, body in (
        ("csc", "/operator-sessions", {"login": "nobody", "password": "x"}),
        ("provider", "/officer-sessions", {"login": "nobody", "password": "x"}),
        ("pki", "/__stand/clock", {"advance": "PT1S"}),
    ):
        answer = httpx.post(addresses.of(code) + path, json=body, timeout=60)
        told.append(answer.status_code)
    reasons = httpx.get(addresses.of("portal") + "/readyz", timeout=60).json().get("reasons", {})
    return told == [503, 503, 200] and "clock" in reasons
