"""A network of systems on the embedded broker."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.messaging.testing import Network, network


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Network]:
    """A fresh network with its own broker and authority."""
    async with network(tmp_path) as found:
        yield found
