"""Every topic name of the stand; nowhere else is one spelled out. ``topics.yaml`` says how large each is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.kit.files import read_yaml
from shared.messages import limits
from shared.messages.systems import System

TOPIC_PREFIX = "egov."
"""How the names of all topics begin."""

JOURNAL = f"{TOPIC_PREFIX}journal"
"""Step events of every system, kept by the gateway."""

DEAD_LETTER_SUFFIX = ".dlq"


def inbox_of(system: System) -> str:
    """The topic a system reads; keyed by application id."""
    return f"{TOPIC_PREFIX}{system.value}.in"


def dead_letters_of(topic: str) -> str:
    """Where the records of ``topic`` go that their reader does not take."""
    return topic + DEAD_LETTER_SUFFIX


def topics_read_by(system: System) -> tuple[str, ...]:
    """The topics a system consumes: its inbox, and for the gateway the journal as well."""
    return (inbox_of(system), JOURNAL) if system is System.GATEWAY else (inbox_of(system),)


def group_of(name: str) -> str:
    """The consumer group in which the replicas of system ``name`` share its topics."""
    return f"egov.{name}"


ALL_TOPICS: tuple[str, ...] = tuple(
    name for system in System for topic in topics_read_by(system) for name in (topic, dead_letters_of(topic))
)


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """How a topic shall be."""

    name: str
    partitions: int
    retention_ms: int
    max_message_bytes: int


class _Size(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    partitions: int | None = Field(default=None, ge=1)
    retention_days: float | None = Field(default=None, gt=0)
    max_message_bytes: int = Field(default=limits.BATCH, ge=1024)


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    default: _Size
    dead_letters: _Size
    topics: dict[str, _Size] = {}


def planned_topics(names: Iterable[str] = ALL_TOPICS, file: Path | None = None) -> list[TopicPlan]:
    """The plans of ``names`` by ``file``; default: the one that comes with the stand.

    Raises ``ValueError`` if the file is not in order, e.g. names a topic that does not exist.
    """
    chosen = file or Path(__file__).with_name("topics.yaml")
    try:
        plan = _Plan.model_validate(read_yaml(chosen))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{chosen.name}: {error}") from error
    unknown = sorted(plan.topics.keys() - set(ALL_TOPICS))
    if unknown:
        raise ValueError(f"{chosen.name}: no topic {', '.join(unknown)}")
    return [_planned(name, plan, chosen.name) for name in names]


def _planned(name: str, plan: _Plan, file: str) -> TopicPlan:
    general = plan.dead_letters if name.endswith(DEAD_LETTER_SUFFIX) else plan.default
    own = plan.topics.get(name, _Size())
    partitions = own.partitions or general.partitions
    days = own.retention_days or general.retention_days
    if partitions is None or days is None:
        raise ValueError(f"{file}: {name} has no partitions or no retention_days")
    largest = own.max_message_bytes if "max_message_bytes" in own.model_fields_set else general.max_message_bytes
    return TopicPlan(name, partitions, round(days * 86_400_000), largest)
