"""The set-up of the Makefile where there is no network: it says what is missing and what can be done."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.kit.ports import free_ports

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout in which nothing is set up. Of the lock the first package will do."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    first = lock.index("\n", lock.index("--hash"))
    (tmp_path / "requirements-dev.lock").write_text(lock[:first].rstrip("\\ ") + "\n", encoding="utf-8")
    return tmp_path


def set_up(folder: Path) -> subprocess.CompletedProcess[str]:
    """``make setup`` with an index at which nobody listens, and nothing of earlier times at hand."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE", "MFLAGS"))}
    offline = {
        "PIP_INDEX_URL": f"http://127.0.0.1:{free_ports(1)[0]}/simple",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }
    command = ["make", "setup", f"PYTHON={sys.executable}"]
    return subprocess.run(
        command, cwd=folder, env=kept | offline, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_without_a_network_the_set_up_says_what_to_bring(folder: Path) -> None:
    made = set_up(folder)
    assert made.returncode != 0
    assert "ERROR: No matching distribution found for" in made.stderr
    told = made.stderr[made.stderr.rindex("ERROR:") :]
    assert "The locked packages are not all to be had" in told
    assert "python3 -m pip download --dest wheels -r requirements-dev.lock" in told
    assert "PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels make setup" in told
    assert not (folder / ".venv" / ".installed").exists()  # the next try begins where this one has failed
