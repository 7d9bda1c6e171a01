"""A network of systems on the embedded broker."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.messaging.testing import Network, network
from tests.servers.databases import database_url


@pytest.fixture
async def net(tmp_path: Path, database_kind: str) -> AsyncIterator[Network]:
    """A fresh network with its own broker and authority."""
    async with network(tmp_path, database_url) as found:
        yield found
