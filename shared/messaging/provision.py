"""Topics as ``topics.yaml`` describes them: made where they are missing, with retention and largest message set.

Safe to repeat.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from shared.messages.topics import TopicPlan
from shared.messaging.access import KafkaAccess

log = logging.getLogger(__name__)

_ALTER_S = 10.0


async def provide_topics(access: KafkaAccess, name: str, plans: Sequence[TopicPlan], replicas: int) -> None:
    """Bring the cluster to ``plans``. A cluster that has them all needs to allow nothing but describing.

    Raises ``KafkaError`` or ``OSError``; several systems may do this at once.
    """
    admin = AIOKafkaAdminClient(**access.arguments(name), request_timeout_ms=10_000)
    await admin.start()
    try:
        # Asked for by name, a missing topic would be created by brokers that create what is named.
        there = set(await admin.list_topics())
        missing = [plan for plan in plans if plan.name not in there]
        if missing:
            await _create(admin, missing, replicas)
        known = [plan for plan in plans if plan.name in there]
        if known:
            await _warn_of_other_partitions(admin, known)
            await _configure(admin, access, known)
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, plans: Sequence[TopicPlan], replicas: int) -> None:
    answer = await admin.create_topics(
        [NewTopic(plan.name, plan.partitions, replicas, topic_configs=_wanted(plan)) for plan in plans],
        timeout_ms=10_000,
    )
    for topic, code, *_ in answer.topic_errors:
        error = for_code(code)
        if error not in {NoError, TopicAlreadyExistsError}:
            raise error(f"topic {topic} could not be created")


async def _warn_of_other_partitions(admin: AIOKafkaAdminClient, plans: Sequence[TopicPlan]) -> None:
    found = await admin.describe_topics([plan.name for plan in plans])
    counts = {topic["topic"]: len(topic["partitions"]) for topic in found}
    for plan in plans:
        if counts.get(plan.name) != plan.partitions:
            found_there = counts.get(plan.name)
            log.warning("%s has %s partitions, not %d; it keeps them", plan.name, found_there, plan.partitions)


def _wanted(plan: TopicPlan) -> dict[str, str]:
    """The properties that a topic shall have, in Kafka's words."""
    return {"retention.ms": str(plan.retention_ms), "max.message.bytes": str(plan.max_message_bytes)}


async def _configure(admin: AIOKafkaAdminClient, access: KafkaAccess, plans: Sequence[TopicPlan]) -> None:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, plan.name) for plan in plans])
    found: dict[str, dict[str, str]] = {}
    for answer in answers:
        for _code, _message, _type, name, entries in answer.resources:
            found[name] = {key: value for key, value, *_ in entries}
    changes: dict[str, dict[str, str]] = {}
    for plan in plans:
        there = found.get(plan.name, {})
        other = {key: value for key, value in _wanted(plan).items() if there.get(key) != value}
        if other:
            changes[plan.name] = other
    if changes:
        await asyncio.to_thread(_alter, access, changes)
        log.info("properties are set for %s", ", ".join(sorted(changes)))


def _alter(access: KafkaAccess, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Set these properties by topic, and nothing else. Kafka 4 takes no other request for that, and aiokafka has not
    this one."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 — seldom needed
    from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry  # type: ignore[attr-defined]  # noqa: PLC0415
    from confluent_kafka.admin import ConfigResource as Resource  # type: ignore[attr-defined]  # noqa: PLC0415

    admin = AdminClient({"bootstrap.servers": access.bootstrap, "log_level": 0, **access.native})
    resources = [
        Resource(
            Resource.Type.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in entries.items()
            ],
        )
        for name, entries in changes.items()
    ]
    try:
        for done in admin.incremental_alter_configs(resources, request_timeout=_ALTER_S).values():
            done.result(_ALTER_S)
    except KafkaException as error:
        raise KafkaError(f"topics could not be configured: {error}") from error
