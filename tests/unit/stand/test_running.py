"""A folder belongs to one stand; `egov down` finds it, ends it, waits, and never touches another process."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.stand import running
from services.stand.cli import main
from services.stand.embedded import StartFailed, alone_in
from services.stand.running import LOCK, RunningStand
from shared.kit.alone import Taken, holder, holding

HOLDER = """
import pathlib, signal, sys, time
from services.stand.running import LOCK, noted
from shared.kit.alone import holding

folder = pathlib.Path(sys.argv[1])
with holding(folder, LOCK, "the stand of a test"), noted(folder, any_ports=sys.argv[2] == "any"):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("up", flush=True)
    time.sleep(600)
"""


class Stands:
    """Processes that have a folder as a stand has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, name: str, kind: str = "any") -> "subprocess.Popen[str]":
        """One in the folder of that name."""
        command = [sys.executable, "-c", HOLDER, str(self._folder / name), kind]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process


@pytest.fixture
def stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stands]:
    """None yet, and no notes of others."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    made = Stands(tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.communicate()


def test_the_second_is_told_who_was_first(stands: Stands, tmp_path: Path) -> None:
    process = stands.start("a")
    held = holder(tmp_path / "a", LOCK)
    assert held is not None
    assert held.pid == process.pid
    with pytest.raises(StartFailed, match=r"the stand of a test has .*egov down --data-dir"), alone_in(tmp_path / "a"):
        pass
    with alone_in(tmp_path / "b"):
        pass


def test_what_a_killed_one_left_does_not_block(stands: Stands, tmp_path: Path) -> None:
    process = stands.start("a")
    (tmp_path / "a" / "addresses.json").write_text("{}")
    process.kill()
    process.wait()
    assert holder(tmp_path / "a", LOCK) is None
    assert running.running() == []
    with alone_in(tmp_path / "a"):
        assert not (tmp_path / "a" / "addresses.json").exists()
        held = holder(tmp_path / "a", LOCK)
        assert held is not None
        assert held.pid == os.getpid()


def test_services_share_a_folder_that_a_whole_stand_does_not(tmp_path: Path) -> None:
    with holding(tmp_path, LOCK, "one", shared=True), holding(tmp_path, LOCK, "two", shared=True):
        with pytest.raises(Taken), holding(tmp_path, LOCK, "three", patience_s=0):
            pass
        assert holder(tmp_path, LOCK) is None


class TestDown:
    def test_nothing_runs(self, stands: Stands, capsys: pytest.CaptureFixture[str]) -> None:
        assert stands.processes == []
        assert main(["down"]) == 1
        assert capsys.readouterr().err == "egov: no stand is running\n"

    def test_the_only_one_is_ended_when_it_returns(self, stands: Stands, capsys: pytest.CaptureFixture[str]) -> None:
        process = stands.start("a")
        assert main(["down"]) == 0
        assert process.poll() == 0
        assert f"stopped the stand of process {process.pid} in " in capsys.readouterr().out
        assert running.running() == []

    def test_of_several_one_is_to_be_named(
        self, stands: Stands, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second, third = stands.start("a"), stands.start("b"), stands.start("c")
        assert main(["down"]) == 1
        assert str(tmp_path / "a") in capsys.readouterr().err
        assert main(["down", "--data-dir", str(tmp_path / "b")]) == 0
        assert (first.poll(), second.poll(), third.poll()) == (None, 0, None)
        assert main(["down", "--all"]) == 0
        assert (first.poll(), third.poll()) == (0, 0)

    def test_the_one_on_the_well_known_ports_is_meant(self, stands: Stands) -> None:
        beside, known = stands.start("a"), stands.start("b", "fixed")
        assert main(["down"]) == 0
        assert (beside.poll(), known.poll()) == (None, 0)

    def test_a_process_that_only_has_the_number_is_left_alone(self, tmp_path: Path) -> None:
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as other:
            (tmp_path / f".{LOCK}.lock").write_text(json.dumps({"pid": other.pid, "what": "a stand that is gone"}))
            assert main(["down", "--data-dir", str(tmp_path)]) == 1
            assert running.end(RunningStand(other.pid, tmp_path, True))
            assert other.poll() is None
            other.kill()
