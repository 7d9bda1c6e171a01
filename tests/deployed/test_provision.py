"""Topics come from one file: made with its partitions and retention, and kept to them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.kafka.node import KafkaNode
from shared.messages.topics import ALL_TOPICS, JOURNAL, dead_letters_of, planned_topics
from shared.messaging.access import KafkaAccess
from shared.messaging.provision import provide_topics
from shared.messaging.testing import eventually

pytestmark = pytest.mark.kafka

_DAY_MS = 86_400_000


@pytest_asyncio.fixture
async def alone(tmp_path: Path) -> AsyncIterator[str]:
    """A node that nobody else provides topics on: tests beside would set the retention back."""
    node = KafkaNode(tmp_path / "kafka")
    try:
        await asyncio.to_thread(node.start)
        yield node.bootstrap
    finally:
        await asyncio.to_thread(node.kill)


async def described(bootstrap: str, names: list[str]) -> dict[str, tuple[int, dict[str, str]]]:
    """Partitions and the settings of each topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics: list[Any] = await admin.describe_topics(names)
        partitions = {topic["topic"]: len(topic["partitions"]) for topic in topics}
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
        settings = {
            resource[3]: {entry[0]: entry[1] for entry in resource[4]}
            for answer in answers
            for resource in answer.resources
        }
    finally:
        await admin.close()
    return {name: (partitions[name], settings[name]) for name in names}


async def made(bootstrap: str) -> dict[str, tuple[int, dict[str, str]]]:
    """All topics as the stand's own file has them, once the node shows them."""
    await provide_topics(KafkaAccess(bootstrap), "test", planned_topics(), 1)
    found: dict[str, tuple[int, dict[str, str]]] = {}

    async def shown() -> bool:
        found.update(await described(bootstrap, list(ALL_TOPICS)))
        return all("retention.ms" in settings for _, settings in found.values())

    await eventually(shown, seconds=30, what="the topics")
    return found


async def test_topics_are_made_as_the_file_says(kafka: str) -> None:
    found = await made(kafka)
    for plan in planned_topics():
        partitions, settings = found[plan.name]
        assert (partitions, settings["retention.ms"]) == (plan.partitions, str(plan.retention_ms)), plan.name
    assert found[JOURNAL][1]["retention.ms"] == str(30 * _DAY_MS)
    assert found[dead_letters_of(JOURNAL)][0] == 1


async def test_another_retention_is_set_and_other_partitions_are_left_and_told(
    alone: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    access = KafkaAccess(alone)
    before = (await made(alone))[JOURNAL]
    file = tmp_path / "topics.yaml"
    file.write_text(
        "default: {partitions: 6, retention_days: 2}\n"
        "dead_letters: {partitions: 1, retention_days: 90}\n"
        "topics: {egov.journal: {partitions: 3}}\n"
    )
    with caplog.at_level(logging.INFO):
        await provide_topics(access, "test", planned_topics(file=file), 1)

    async def changed() -> bool:
        partitions, settings = (await described(alone, [JOURNAL]))[JOURNAL]
        return (partitions, settings.get("retention.ms")) == (before[0], str(2 * _DAY_MS))

    await eventually(changed, what="the new retention")
    assert f"{JOURNAL} has {before[0]} partitions, not 3" in caplog.text


async def test_two_systems_that_start_together_make_them_once(kafka: str) -> None:
    await asyncio.gather(*(provide_topics(KafkaAccess(kafka), f"test-{n}", planned_topics(), 1) for n in range(3)))
    assert set(await made(kafka)) == set(ALL_TOPICS)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("default: {partitions: 0}\ndead_letters: {}\n", "greater than or equal to 1"),
        ("default: {partitions: 1, retention_days: 1}\ndead_letters: {}\n", "has no partitions or no retention_days"),
        (
            """
default: {partitions: 1, retention_days: 1}
dead_letters: {partitions: 1, retention_days: 1}
topics: {egov.nowhere: {partitions: 2}}
""",
            "no topic egov.nowhere",
        ),
        ("default: [", "topics.yaml"),
    ],
)
def test_file_that_is_not_in_order_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        planned_topics(file=file)
