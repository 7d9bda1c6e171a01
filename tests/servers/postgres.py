"""A private PostgreSQL server for tests: a fresh cluster on a loopback port, gone when it is stopped.

``python -m tests.servers.postgres COMMAND …`` runs a command beside such a server and tells it the address in
``EGOV_TEST_POSTGRES``. PostgreSQL refuses to run as root; then it runs as the system's user ``postgres``.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from shared.kit.ports import free_ports

ADDRESS = "EGOV_TEST_POSTGRES"
"""Environment variable with the URL of a server on which tests may create and drop databases."""
_USER = "egov"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "''",
    "max_connections": "300",
    # Nothing here outlives the test run.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class NoPostgres(Exception):
    """PostgreSQL is not installed here, or does not start."""


class PostgresServer:
    """One cluster, made by the first ``start``; ``drop`` removes it."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """``settings`` override those of the server, e.g. ``{"fsync": "on"}``. Raises ``NoPostgres``."""
        self.port = free_ports(1)[0]
        self._settings = {**_SETTINGS, **(settings or {}), "port": str(self.port)}
        self._programs = _programs()
        self._folder = Path(tempfile.mkdtemp(prefix="egov-postgres-"))
        self._as_owner = _as_owner()
        if self._as_owner:
            shutil.chown(self._folder, "postgres", "postgres")
        self._data = self._folder / "data"

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database ``postgres`` for its superuser."""
        return f"postgresql+asyncpg://{_USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start and wait until it answers. Raises ``NoPostgres`` with what the server said."""
        if not self._data.exists():
            # C.UTF-8: text sorts by its bytes, as in SQLite and in Python.
            self._run("initdb", "-D", self._data, "-U", _USER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        self._run("pg_ctl", "-D", self._data, "-l", self._folder / "log", "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``mode`` ``immediate`` is as good as kill -9, what was committed is recovered by ``start``."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def freeze(self) -> None:
        """Let the server stand still (SIGSTOP): connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def drop(self) -> None:
        """Stop and remove everything; harmless if it does not run."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        master = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in (master, *map(int, children)):
            os.kill(pid, number)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*self._as_owner, self._programs / program, *arguments]
        # Not a pipe: the server inherits it and would keep it open.
        with (self._folder / "said").open("w+") as said:
            code = subprocess.run(command, stdout=said, stderr=said, cwd=self._folder, check=False).returncode
            said.seek(0)
            if code:
                raise NoPostgres(f"{program} ended with {code}: {said.read()[-2000:]}")


@contextmanager
def postgres_server(settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """A running server, dropped at the end of the block. Raises ``NoPostgres``."""
    server = PostgresServer(settings)
    try:
        server.start()
        yield server
    finally:
        server.drop()


def _programs() -> Path:
    on_path = shutil.which("pg_ctl")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: place.parent.name, reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise NoPostgres("no initdb and pg_ctl on this machine: install the package postgresql")


def _as_owner() -> list[str]:
    """What goes before a command so that it does not run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def main(command: list[str]) -> int:
    """Run ``command`` beside a server; returns its exit code, or 1 without PostgreSQL."""
    try:
        with postgres_server() as server:
            return subprocess.run(command, env={**os.environ, ADDRESS: server.url}, check=False).returncode
    except NoPostgres as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    # Ended from outside, the server must not stay behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main(sys.argv[1:]))
