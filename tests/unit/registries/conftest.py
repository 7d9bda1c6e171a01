"""The registries on a real database with an authority in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from shared.messages.systems import System
from tests.unit.registries.bench import Bench


@pytest.fixture
async def persons(tmp_path: Path, clock: Clock, database_kind: str) -> AsyncIterator[Bench]:
    """The persons registry at its first start."""
    bench = Bench(System.PERSONS, tmp_path, MemoryPKI(clock))
    await bench.open()
    try:
        yield bench
    finally:
        await bench.close()


@pytest.fixture
async def notary(tmp_path: Path, clock: Clock, database_kind: str) -> AsyncIterator[Bench]:
    """The notary registry at its first start."""
    bench = Bench(System.NOTARY, tmp_path, MemoryPKI(clock))
    await bench.open()
    try:
        yield bench
    finally:
        await bench.close()
