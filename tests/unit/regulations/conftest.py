"""The loaded law, and a small regulation that tests break on purpose."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.regulations.errors import RegulationError
from shared.regulations.loader import Regulations, load_regulations
from shared.regulations.model import Channel, Regulation
from tests.unit.regulations.factories import small_regulation

Faults = Callable[[dict[str, Any]], list[str]]


@pytest.fixture(scope="session")
def regulations() -> Regulations:
    """The project's own data."""
    return load_regulations()


@pytest.fixture(scope="session")
def queue(regulations: Regulations) -> Regulation:
    """Placing preschool children on the queue, Almaty city."""
    return regulations["almaty-city/preschool-queue"]


@pytest.fixture(scope="session")
def portal(queue: Regulation) -> Channel:
    """Its portal channel, diagram 2."""
    return queue.channel("portal")


@pytest.fixture(scope="session")
def duplicate(regulations: Regulations) -> Regulation:
    """Duplicates of school documents, Almaty city."""
    return regulations["almaty-city/education-document-duplicate"]


@pytest.fixture(scope="session", params=["almaty-city/preschool-queue", "almaty-city/education-document-duplicate"])
def centre(regulations: Regulations, request: pytest.FixtureRequest) -> Regulation:
    """Each regulation that a centre renders, diagram 1."""
    return regulations[request.param]


@pytest.fixture
def small() -> dict[str, Any]:
    """A valid regulation as raw data; a test changes it."""
    return small_regulation()


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    """Writes a raw regulation as ``city/service.yaml`` and gives what the loader says against it."""

    def load(raw: dict[str, Any]) -> list[str]:
        file = tmp_path / "city" / "service.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
        try:
            load_regulations(tmp_path)
        except RegulationError as error:
            return [str(fault) for fault in error.faults]
        return []

    return load
