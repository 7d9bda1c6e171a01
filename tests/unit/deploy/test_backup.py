"""What ``deploy/backup.sh`` keeps is all there after it was restored, of the stand that Compose would start."""

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STAND_IN = Path(__file__).with_name("docker_stand_in.py")
DIGEST = f"registry.example/egov@sha256:{7:064d}"
BOTH = "deploy/compose.yaml:deploy/compose.observability.yaml"


class Host:
    """A checkout with a stand whose volumes are folders, and a ``docker`` for the script."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.checkout, self.docker = folder, folder / "check out", folder / "docker"
        (self.checkout / "deploy").mkdir(parents=True)
        for name in ("backup.sh", "compose.yaml", "compose.observability.yaml"):
            shutil.copy(ROOT / "deploy" / name, self.checkout / "deploy" / name)
        self.docker.mkdir()
        (folder / "bin").mkdir()
        program = folder / "bin" / "docker"
        told = " ".join(shlex.quote(str(part)) for part in (sys.executable, STAND_IN, self.docker))
        program.write_text(f'#!/bin/sh\nexec {told} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        self.environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}

    def backup(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Call the script, from another folder than the checkout."""
        command = ["bash", str(self.checkout / "deploy" / "backup.sh"), *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120
        )

    def does(self, *arguments: str) -> None:
        """Call it; it must do what it is told."""
        done = self.backup(*arguments)
        assert done.returncode == 0, done.stderr

    def refuses(self, why: str, *arguments: str) -> None:
        """Call it; it must not, and say why."""
        done = self.backup(*arguments)
        assert (done.returncode, why in done.stderr) == (1, True), done.stderr

    def settings(self, **values: str) -> None:
        """What stands in ``.env``."""
        lines = [f"{name}={value}\n" for name, value in values.items()]
        (self.checkout / ".env").write_text("# what Compose reads\n" + "".join(lines), encoding="utf-8")

    def volume(self, name: str, project: str = "egov-stand") -> Path:
        """The folder of a volume; made, if it is not there."""
        labels = self.labels()
        if f"{project}_{name}" not in labels:
            labels[f"{project}_{name}"] = {
                "com.docker.compose.project": project,
                "com.docker.compose.volume": name,
            }
            (self.docker / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
        place = self.docker / "volumes" / f"{project}_{name}"
        place.mkdir(parents=True, exist_ok=True)
        return place

    def labels(self) -> dict[str, dict[str, str]]:
        """The labels of every volume there is."""
        file = self.docker / "labels.json"
        found: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return found

    def down(self) -> None:
        """``docker compose down --volumes``."""
        shutil.rmtree(self.docker / "volumes")
        (self.docker / "labels.json").unlink()

    def content(self) -> dict[str, tuple[int, int, bytes]]:
        """Every file and folder of the volumes: mode, owner, content."""
        found = {}
        for path in sorted((self.docker / "volumes").rglob("*")):
            told = path.lstat()
            kept = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(self.docker))] = stat.S_IMODE(told.st_mode), told.st_uid, kept
        return found

    @property
    def image(self) -> str:
        """The image of the last container."""
        return (self.docker / "image").read_text(encoding="utf-8")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """With a stand that has something of every kind in its volumes."""
    made = Host(tmp_path)
    key = made.volume("pki") / "identities" / "key.pem"
    key.parent.mkdir(mode=0o700)
    key.write_bytes(b"secret")
    key.chmod(0o600)
    (made.volume("portal") / "өтініш 1.pdf").write_bytes(bytes(range(256)))
    (made.volume("portal") / "link").symlink_to("өтініш 1.pdf")
    (made.volume("kafka") / ".hidden").write_bytes(b"")
    (made.volume("postgres") / "base").mkdir(mode=0o750)
    if os.getuid() == 0:
        os.chown(made.volume("postgres") / "base", 999, 999)
    return made


def test_everything_is_back_as_it_was(host: Host) -> None:
    before = host.content()
    host.does("save", "kept")
    assert host.content() == before
    host.down()
    host.does("restore", "kept")
    after = host.content()
    assert {path: after[path] for path in before} == before
    assert not [path for path in after if path not in before and after[path][2]]


def test_a_backup_is_readable_by_nobody_else(host: Host) -> None:
    host.does("save", "kept")
    for path in (host.folder / "kept", *(host.folder / "kept").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("compose_file", ["", "deploy/compose.yaml", BOTH])
def test_image_and_project_are_those_of_compose(host: Host, compose_file: str) -> None:
    named = {"COMPOSE_FILE": compose_file} if compose_file else {}
    host.settings(EGOV_IMAGE=DIGEST, COMPOSE_PROJECT_NAME="town", **named)
    (host.volume("pki", "town") / "of-the-town").write_bytes(b"town")
    host.does("save", "kept")
    assert host.image == DIGEST
    assert [path.name for path in sorted((host.folder / "kept").iterdir())] == ["SHA256SUMS", "pki.tar.gz"]
    host.down()
    host.does("restore", "kept")
    assert (host.volume("pki", "town") / "of-the-town").read_bytes() == b"town"
    assert host.image == DIGEST
    calls = [json.loads(line) for line in (host.docker / "calls").read_text(encoding="utf-8").splitlines()]
    assert all(
        "--network" in call and call[call.index("--network") + 1] == "none" for call in calls if call[0] == "run"
    )


def test_the_environment_goes_before_the_file(host: Host) -> None:
    host.settings(EGOV_IMAGE=DIGEST)
    host.environment["EGOV_IMAGE"] = "another:1"
    host.does("save", "kept")
    assert host.image == "another:1"


@pytest.mark.parametrize("overlay_at_the_restore", [True, False])
def test_the_volumes_of_overlays_are_kept_too(host: Host, overlay_at_the_restore: bool) -> None:
    (host.volume("prometheus") / "numbers").write_bytes(b"1")
    (host.volume("grafana") / "board").write_bytes(b"2")
    host.does("save", "kept")
    host.down()
    if overlay_at_the_restore:
        host.settings(COMPOSE_FILE=BOTH)
    host.does("restore", "kept")
    labels = host.labels()
    for name in ("prometheus", "grafana"):
        # As Compose labels its own: it takes them for others' otherwise.
        assert labels[f"egov-stand_{name}"] == {
            "com.docker.compose.project": "egov-stand",
            "com.docker.compose.volume": name,
        }
    assert (host.volume("prometheus") / "numbers").read_bytes() == b"1"


def test_what_would_lose_something_is_refused(host: Host) -> None:
    (host.docker / "running").touch()
    host.refuses("runs; stop it first", "save", "kept")
    (host.docker / "running").unlink()
    host.does("save", "kept")
    host.refuses("is not empty", "save", "kept")
    host.refuses("there are volumes", "restore", "kept")
    (host.folder / "nothing").mkdir()
    host.down()
    host.refuses("holds no backup", "restore", "nothing")
    host.refuses("there is no folder", "restore", "nowhere")
    host.refuses("there is no stand", "save", "empty")
    for wrong in ((), ("save",), ("keep", "kept")):
        host.refuses("how:", *wrong)


def test_a_backup_that_is_not_whole_is_refused(host: Host) -> None:
    host.does("save", "kept")
    host.down()
    kept = host.folder / "kept" / "portal.tar.gz"
    content = kept.read_bytes()
    kept.write_bytes(content[:-1])
    host.refuses("is damaged", "restore", "kept")
    kept.unlink()
    host.refuses("is damaged", "restore", "kept")
    (host.folder / "kept" / "SHA256SUMS").unlink()
    host.refuses("broken off", "restore", "kept")
    assert not host.labels()
