"""A portal on a real database with an authority in memory; HTTP goes through the app."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from tests.unit.portal.bench import Bench


@pytest.fixture
async def bench(tmp_path: Path, clock: Clock, database_kind: str) -> AsyncIterator[Bench]:
    """The portal as it starts."""
    made = Bench(tmp_path, MemoryPKI(clock))
    await made.open()
    try:
        yield made
    finally:
        await made.close()
