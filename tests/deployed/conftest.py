"""Systems on real servers."""

from pathlib import Path

import pytest

from shared.messages.topics import planned_topics
from shared.messaging.access import KafkaAccess
from shared.messaging.provision import provide_topics
from shared.messaging.testing import Network
from tests.servers.databases import Databases


@pytest.fixture
async def net(tmp_path: Path, kafka: str, databases: Databases) -> Network:
    """With their topics; all runtimes of one system share its database."""
    found = Network(tmp_path, kafka, databases.url, assignment="group", fetch_wait_ms=100, resend_after_s=1.0)
    await provide_topics(KafkaAccess(kafka), "test", planned_topics(), 1)
    return found
