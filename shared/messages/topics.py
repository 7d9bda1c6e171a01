"""Every topic name of the stand; nowhere else is one spelled out."""

from shared.messages.systems import System

JOURNAL = "egov.journal"
"""Step events of every system, kept by the gateway."""

DEAD_LETTER_SUFFIX = ".dlq"


def inbox_of(system: System) -> str:
    """The topic a system reads; keyed by application id."""
    return f"egov.{system.value}.in"


def dead_letters_of(topic: str) -> str:
    """Where the records of ``topic`` go that their reader does not take."""
    return topic + DEAD_LETTER_SUFFIX


def topics_read_by(system: System) -> tuple[str, ...]:
    """The topics a system consumes: its inbox, and for the gateway the journal as well."""
    return (inbox_of(system), JOURNAL) if system is System.GATEWAY else (inbox_of(system),)


ALL_TOPICS: tuple[str, ...] = tuple(
    name for system in System for topic in topics_read_by(system) for name in (topic, dead_letters_of(topic))
)
