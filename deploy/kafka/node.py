"""One real Kafka node in KRaft mode as a child process: jars from Maven Central, listeners on loopback only.

``python -m deploy.kafka.node --port 9092 --data-dir DIR`` (``make kafka``) runs one until Ctrl-C. Tests use
``KafkaNode``: it can be killed, stopped in mid-air and started again on the same port with what it kept on disk.
"""

import argparse
import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.kit.ports import free_ports

HERE = Path(__file__).parent
JARS = Path(os.environ.get("EGOV_KAFKA_JARS", "") or HERE.parents[1] / ".kafka" / "jars")
"""Where the jars are kept; fetched once."""
STARTED_WITHIN_S = 60.0

_CLUSTER_ID = "ZWdvdi1zdGFuZC1ub2RlMQ"
_PR_SET_PDEATHSIG = 1


class NoKafka(Exception):
    """A node cannot be run here, and why."""


def jars(folder: Path = JARS) -> Path:
    """The folder with the jars of ``pom.xml``, fetched by Maven if they are not there yet. Raises ``NoKafka``."""
    java = shutil.which("java")
    if java is None:
        raise NoKafka("no Java on the path; Kafka 4 needs Java 17 or newer (Debian: openjdk-17-jre-headless)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Several nodes may be started at once where nothing is fetched yet; one of them fetches.
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _complete(folder):
            _fetch(folder)
    return folder


def _complete(folder: Path) -> bool:
    mark = folder / "complete"
    return mark.exists() and mark.read_text() == (HERE / "pom.xml").read_text()


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise NoKafka("no Maven on the path to fetch Kafka with (Debian: maven)")
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run(
        [
            maven,
            "-q",
            "-B",
            "-C",
            "-f",
            str(HERE / "pom.xml"),
            "dependency:copy-dependencies",
            f"-DoutputDirectory={folder}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoKafka(f"Maven could not fetch Kafka: {done.stdout[-500:]}")
    # Written last: an interrupted fetch is taken up again, and another version is fetched anew.
    (folder / "complete").write_text((HERE / "pom.xml").read_text())


@dataclass(frozen=True)
class Listener:
    """One way into the node: ``protocol`` as Kafka names it, and settings with the listener's prefix left out."""

    protocol: str = "PLAINTEXT"
    settings: Mapping[str, str] = field(default_factory=dict)


class KafkaNode:
    """Broker and controller in one process. ``start`` and ``stop`` bracket its life; ``kill`` ends it at once."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        listeners: Mapping[str, Listener] | None = None,
        scram: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Data and settings go into ``folder``. ``port`` is that of the first listener, 0 any free one; ``listeners``
        by name, the first without protection for the node itself; ``scram`` are passwords by name."""
        self.folder = folder
        self._listeners = {"PLAINTEXT": Listener(), **(listeners or {})}
        self._scram = scram or {}
        self._settings = settings or {}
        first, *others, self._controller = free_ports(len(self._listeners) + 1)
        self._ports = dict(zip(self._listeners, [port or first, *others], strict=True))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """``host:port`` of the unprotected listener."""
        return self.address("PLAINTEXT")

    def address(self, listener: str) -> str:
        """``host:port`` of a listener."""
        return f"127.0.0.1:{self._ports[listener]}"

    @property
    def log(self) -> Path:
        """What the node says."""
        return self.folder / "node.log"

    def start(self) -> str:
        """Start and wait until it takes connections; its ``bootstrap``. Raises ``NoKafka`` if it does not start."""
        classpath = f"{jars()}/*"
        properties = self.folder / "server.properties"
        self.folder.mkdir(parents=True, exist_ok=True)
        # Written at every start, for ports differ; only its owner may read the passwords in it.
        with os.fdopen(os.open(properties, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self._properties())
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(classpath, properties)
        with self.log.open("ab") as log:
            process = self._process = subprocess.Popen(
                [
                    "java", "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                    f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
                    "-cp", classpath, "kafka.Kafka", str(properties),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                # Ctrl-C is for whoever started the node; and no node outlives them.
                start_new_session=True, preexec_fn=_end_with_parent,
            )  # fmt: skip
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not all(_answers(port) for port in self._ports.values()):
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise NoKafka(f"Kafka did not start: {self.log.read_text()[-1000:]}")
            time.sleep(0.05)
        return self.bootstrap

    def stop(self) -> None:
        """End in order; by force what takes longer than ten seconds."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End at once, as a machine does that loses its power."""
        self._end(signal.SIGKILL)

    def cut_short(self) -> None:
        """As ``kill``, without waiting for the end; may be called while somebody else waits for it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop answering without ending: connections stay open and nothing comes back."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after ``freeze``."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def wait(self) -> int:
        """Wait until it ends; its exit code."""
        return 0 if self._process is None else self._process.wait()

    def _end(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._process = None

    def _format(self, classpath: str, properties: Path) -> None:
        scram = [
            part
            for name, password in self._scram.items()
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            for part in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ]
        command = ["java", "-cp", classpath, "kafka.tools.StorageTool", "format", "--standalone", "-t", _CLUSTER_ID]
        done = subprocess.run([*command, "-c", str(properties), *scram], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoKafka(f"Kafka's storage could not be formatted: {done.stderr[-1000:]}")

    def _properties(self) -> str:
        addresses = [f"{name}://{self.address(name)}" for name in self._listeners]
        protocols = [f"{name}:{listener.protocol}" for name, listener in self._listeners.items()]
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{self._controller}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listeners": ",".join([*addresses, f"CONTROLLER://127.0.0.1:{self._controller}"]),
            "advertised.listeners": ",".join(addresses),
            "listener.security.protocol.map": ",".join([*protocols, "CONTROLLER:PLAINTEXT"]),
            "log.dirs": str(self.folder / "data"),
            # One node has no second to copy to.
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            # Topics are made as the stand describes them, not by a misspelt name.
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": "0",
            # A killed consumer is missed soon; a real cluster sets this as it likes.
            "group.min.session.timeout.ms": "1000",
        }
        for name, listener in self._listeners.items():
            lines |= {f"listener.name.{name.lower()}.{key}": value for key, value in listener.settings.items()}
        return "".join(f"{key}={value}\n" for key, value in (lines | dict(self._settings)).items())


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a node until SIGINT or SIGTERM; its address is the first line printed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka.node", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=9092, help="loopback port, 0 for a free one (default: %(default)s)")
    parser.add_argument("--data-dir", type=Path, default=HERE.parents[1] / ".kafka" / "node", help="kept between runs")
    parser.add_argument("--fetch", action="store_true", help="only fetch the jars")
    options = parser.parse_args(arguments)
    try:
        if options.fetch:
            print(jars())
            return 0
        return _run(KafkaNode(options.data_dir, port=options.port))
    except (NoKafka, OSError) as reason:
        print(f"kafka: {reason}", file=sys.stderr)
        return 1


class _ToldToEnd(BaseException):
    """SIGINT or SIGTERM. Raised, for whoever waits for a process holds its lock: nobody else can end it meanwhile."""


def _run(node: KafkaNode) -> int:
    """Run it until it ends, or this process is told to: then it ends in order, by force when told again."""

    told_before = False

    def told(*_: object) -> None:
        nonlocal told_before
        if told_before:
            node.cut_short()  # whoever waits for its end sees it
            return
        told_before = True
        raise _ToldToEnd

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    try:
        try:
            print(f"Kafka: {node.start()}    data: {node.folder}    Ctrl-C stops it", flush=True)
            return node.wait()
        finally:
            node.stop()
    except _ToldToEnd:
        return 0


if __name__ == "__main__":
    sys.exit(main())
