"""``--servers``: tests with real Kafka and PostgreSQL run only if asked for; one line says when they are not."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.kafka.node import KafkaNode
from services.stand.processes import CODES
from tests.servers.databases import Databases, on_postgres
from tests.servers.kafka import forget
from tests.servers.postgres import ADDRESS, postgres_server

_MARKS = ("kafka", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--servers``."""
    parser.addoption("--servers", action="store_true", help="also run the tests that need real Kafka and PostgreSQL")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Set the tests with real servers aside unless they are asked for."""
    if config.getoption("--servers"):
        return
    aside = [item for item in items if any(item.get_closest_marker(mark) for mark in _MARKS)]
    if aside:
        config.hook.pytest_deselected(items=aside)
        kept = set(items) - set(aside)
        items[:] = [item for item in items if item in kept]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was not run."""
    if not config.getoption("--servers"):
        terminalreporter.write_line("Tests with real Kafka and PostgreSQL were not run: make test-servers")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server: the one that ``EGOV_TEST_POSTGRES`` names, or one of our own."""
    if os.environ.get(ADDRESS):
        yield os.environ[ADDRESS]
        return
    with postgres_server() as server:
        yield server.url


@pytest.fixture(scope="session")
def kafka_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """A real Kafka node, up for the whole run; whoever stops it starts it again."""
    node = KafkaNode(tmp_path_factory.mktemp("kafka"))
    node.start()
    yield node
    node.stop()


@pytest.fixture
def kafka(kafka_node: KafkaNode) -> str:
    """``host:port`` of a real Kafka node without topics."""
    forget(kafka_node.bootstrap)
    return kafka_node.bootstrap


@pytest.fixture
def databases(postgres_url: str) -> Iterator[Databases]:
    """Fresh databases on a real PostgreSQL server; ``database_url`` leads there."""
    with on_postgres(postgres_url) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where ``database_url`` of ``tests.servers.databases`` leads: whatever asks for this runs on both."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    request.getfixturevalue("databases")
    yield "postgres"


@pytest.fixture(params=["embedded", pytest.param("deployed", marks=[pytest.mark.kafka, pytest.mark.postgres])])
def ground(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, object]]:
    """What a whole stand is told of its servers, as settings: whatever asks for this runs on the embedded broker with
    SQLite, and on Kafka with PostgreSQL."""
    if request.param == "embedded":
        yield {}
        return
    databases: Databases = request.getfixturevalue("databases")
    for name, url in database_settings(databases.url, tmp_path).items():
        monkeypatch.setenv(name, url)
    yield {"kafka_bootstrap": request.getfixturevalue("kafka"), "assignment": "group", "fetch_wait_ms": 500}


def database_settings(url: Callable[[Path, str], str], directory: Path) -> dict[str, str]:
    """The environment variables with the databases of all services that keep tables."""
    exchanging = [code for code in CODES if code != "pki"]
    return {f"EGOV_{code.replace('-', '_').upper()}_DATABASE_URL": url(directory, code) for code in exchanging}
