"""Topics as ``topics.yaml`` describes them: made where they are missing, with their retention set. Safe to repeat."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from shared.messages.topics import TopicPlan
from shared.messaging.access import KafkaAccess

log = logging.getLogger(__name__)

_RETENTION = "retention.ms"
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
            await _set_retention(admin, access, known)
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, plans: Sequence[TopicPlan], replicas: int) -> None:
    answer = await admin.create_topics(
        [
            NewTopic(plan.name, plan.partitions, replicas, topic_configs={_RETENTION: str(plan.retention_ms)})
            for plan in plans
        ],
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


async def _set_retention(admin: AIOKafkaAdminClient, access: KafkaAccess, plans: Sequence[TopicPlan]) -> None:
    wanted = {plan.name: str(plan.retention_ms) for plan in plans}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in wanted])
    found: dict[str, str] = {}
    for answer in answers:
        for _code, _message, _type, name, entries in answer.resources:
            found[name] = next((value for key, value, *_ in entries if key == _RETENTION), "")
    changes = {name: value for name, value in wanted.items() if found.get(name) != value}
    if changes:
        await asyncio.to_thread(_alter, access, changes)
        log.info("another retention is set for %s", ", ".join(sorted(changes)))


def _alter(access: KafkaAccess, retention: Mapping[str, str]) -> None:
    """Set what is kept how long, and nothing else. Kafka 4 takes no other request for that, and aiokafka has not this
    one."""
    from confluent_kafka import KafkaException  # noqa: PLC0415 — seldom needed
    from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry  # type: ignore[attr-defined]  # noqa: PLC0415
    from confluent_kafka.admin import ConfigResource as Resource  # type: ignore[attr-defined]  # noqa: PLC0415

    admin = AdminClient({"bootstrap.servers": access.bootstrap, "log_level": 0, **access.native})
    resources = [
        Resource(
            Resource.Type.TOPIC,
            name,
            incremental_configs=[ConfigEntry(_RETENTION, value, incremental_operation=AlterConfigOpType.SET)],
        )
        for name, value in retention.items()
    ]
    try:
        for done in admin.incremental_alter_configs(resources, request_timeout=_ALTER_S).values():
            done.result(_ALTER_S)
    except KafkaException as error:
        raise KafkaError(f"retention could not be set: {error}") from error
