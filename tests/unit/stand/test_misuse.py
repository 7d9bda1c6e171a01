"""Whatever a command is given, and whatever answers it: one clear line and exit code 1 or 2, never a traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from services.stand.cli import main
from shared.kit.ports import free_ports
from shared.regulations.errors import RegulationError, RegulationFault

STRANGER = {
    "html": ("text/html", b"<html>", 200),
    "json": ("application/json", b"[1]", 200),
    "null": ("application/json", b"null", 200),
    "error": ("text/plain", b"bad gateway", 502),
    "problem": ("application/json", b'{"title": "no", "detail": "not here"}', 404),
    "rubbish": ("application/json", b"\xff\xfe", 200),
    "other-error": ("application/json", b'["x"]', 400),
}


class Stranger(BaseHTTPRequestHandler):
    """Something else that listens; what it answers stands in the path."""

    def do_GET(self) -> None:
        """Answer."""
        kind, body, status = STRANGER[self.path.split("/")[1]]
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the server's name for it

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """Its address."""
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command says; it must end with 1 and without a traceback."""
    assert main(list(arguments)) == 1
    said = capsys.readouterr().err
    assert any(line.startswith("egov") for line in said.splitlines())
    assert "Traceback" not in said
    return said


class TestOthersAddresses:
    @pytest.mark.parametrize("kind", STRANGER)
    @pytest.mark.parametrize("command", [("journal", "x"), ("clock", "show"), ("clock", "advance", "1d")])
    def test_somebody_elses_answer(
        self, capsys: pytest.CaptureFixture[str], stranger: str, kind: str, command: tuple[str, ...]
    ) -> None:
        complaint(capsys, *command, "--url", f"{stranger}/{kind}")

    @pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[", "nonsense", "ftp://127.0.0.1", "http://:x", ""])
    @pytest.mark.parametrize("command", [("journal", "x"), ("clock", "show"), ("demo",), ("paths",), ("dlq", "list")])
    def test_nobody(
        self,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        url: str,
        command: tuple[str, ...],
    ) -> None:
        nobody = free_ports(8)
        monkeypatch.setattr("services.stand.embedded.fixed_ports", lambda: dict(zip(CODES, nobody, strict=True)))
        for module in ("dlq", "remote"):
            monkeypatch.setattr(
                f"services.stand.{module}.fixed_ports", lambda: dict(zip(CODES, nobody, strict=True)), raising=False
            )
        if command in (("demo",), ("paths",)) and not url:
            return  # no address: a stand of their own
        complaint(capsys, *command, "--url", url)


CODES = ("pki", "persons", "notary", "gateway", "regional-gateway", "provider", "csc", "portal")


class TestFolders:
    def test_a_file(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for place in (tmp_path / "file", tmp_path / "file" / "below"):
            assert "cannot keep the stand's data" in complaint(capsys, "up", "--any-ports", "--data-dir", str(place))
            assert "no stand runs" in complaint(capsys, "down", "--data-dir", str(place))

    def test_a_name_that_is_too_long(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        assert "too long" in complaint(capsys, "up", "--any-ports", "--data-dir", str(tmp_path / ("x" * 300)))


class TestSettings:
    @pytest.mark.parametrize(
        ("variable", "value", "command"),
        [
            ("EGOV_PORTAL_PORT", "abc", ("serve", "portal")),
            ("EGOV_KAFKA_REPLICAS", "0", ("serve", "pki")),
            ("EGOV_PORTAL_SESSION_HOURS", "-1", ("up", "--any-ports", "--data-dir", "FOLDER")),
            ("EGOV_TOOLS", "perhaps", ("migrate",)),
            ("EGOV_ENROLMENT_TOKEN_FILE", "/nonexistent", ("migrate",)),
            ("EGOV_PKI_PEOPLE_FILE", "/nonexistent", ("up", "--any-ports", "--data-dir", "FOLDER")),
            ("EGOV_PORTAL_DATABASE_URL", "nonsense", ("migrate", "portal")),
            ("EGOV_PORTAL_DATABASE_URL", "mysql://x/y", ("migrate", "portal")),
        ],
    )
    def test_what_cannot_be_read_is_named(
        self, tmp_path: Path, variable: str, value: str, command: tuple[str, ...]
    ) -> None:
        arguments = [str(tmp_path) if word == "FOLDER" else word for word in command]
        ended = subprocess.run(
            [sys.executable, "-m", "services.stand", *arguments],
            env={**os.environ, "EGOV_DATA_DIR": str(tmp_path), "EGOV_KAFKA_BOOTSTRAP": "127.0.0.1:1", variable: value},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ended.returncode == 1, ended.stderr
        assert "Traceback" not in ended.stderr + ended.stdout
        assert "database URL" in ended.stderr or variable in ended.stderr or value in ended.stderr + ended.stdout


def test_regulations_that_do_not_hold_together(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RegulationError([RegulationFault("almaty-city/x.yaml", "steps", "no such step")])

    monkeypatch.setattr("shared.regulations.loader.load_regulations", broken)
    assert "almaty-city/x.yaml: steps: no such step" in complaint(capsys, "regulations")


def test_a_regulation_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nonsense" in complaint(capsys, "paths", "--regulation", "nonsense")


def test_services_and_letters_that_there_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ("serve", "nonsense"),
        ("migrate", "nonsense"),
        ("dlq", "list", "nonsense"),
        ("dlq", "show"),
        ("dlq", "redrive", "portal"),
        ("bench", "--applications", "0"),
    ):
        complaint(capsys, *arguments)
