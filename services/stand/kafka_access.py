"""``egov kafka-access``: who may do what at the cluster, from the routes; shown, or put into effect.

Every system is a user of its own name. It writes the topics its routes lead into, reads its own in its own consumer
group, and may see which topics there are. What the routes no longer give is taken away.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from shared.kit.settings import StandSettings
from shared.messages.rights import Rights, rights_of
from shared.messages.systems import System
from shared.messages.topics import TOPIC_PREFIX, planned_topics
from shared.messaging.access import KafkaAccess
from shared.messaging.provision import provide_topics

_ANSWER_S = 30.0
_ITERATIONS = 8192
"""Of SCRAM; more than Kafka's least (4096). The passwords are random, so more would only cost time."""


def run(options: argparse.Namespace) -> int:
    """Run the command; its exit code. Raises nothing that has a plain reason."""
    if not options.apply:
        _show(as_json=options.json)
        return 0
    try:
        passwords = read_passwords(options.passwords) if options.passwords else {}
        apply(StandSettings(), passwords)
    except (OSError, ValueError, KafkaError, KafkaException) as error:
        print(f"egov: the cluster was not set up: {error}", file=sys.stderr)
        return 1
    print(f"{len(System)} systems: topics, {'users, ' if passwords else ''}rights")
    return 0


def read_passwords(folder: Path) -> dict[System, str]:
    """The password of each system from the file of its name. Raises ``OSError``, ``ValueError`` for an empty one."""
    found = {system: (folder / system.value).read_text(encoding="utf-8").strip() for system in System}
    empty = [system.value for system, password in found.items() if not password]
    if empty:
        raise ValueError(f"no password in {folder} for {', '.join(empty)}")
    return found


def apply(stand: StandSettings, passwords: Mapping[System, str]) -> None:
    """Make topics, users (those with a password here) and rights as they shall be; safe to repeat.

    ``stand`` says who does it: an administrator of the cluster. Raises ``KafkaError``, ``KafkaException``, ``OSError``.
    """
    access = KafkaAccess.of(stand)
    asyncio.run(provide_topics(access, "kafka-access", planned_topics(file=stand.topics_file), stand.kafka_replicas))
    admin = AdminClient({"bootstrap.servers": access.bootstrap, "log_level": 0, **access.native})
    if passwords:
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        _done(
            admin.alter_user_scram_credentials(
                [UserScramCredentialUpsertion(system.value, info, word.encode()) for system, word in passwords.items()]
            ).values()
        )
    for system in System:
        wanted = set(bindings(system, rights_of(system)))
        there = set(admin.describe_acls(all_of(system), request_timeout=_ANSWER_S).result(_ANSWER_S))
        _done(admin.create_acls(sorted(wanted - there), request_timeout=_ANSWER_S).values() if wanted - there else ())
        if there - wanted:
            filters = [_exactly(binding) for binding in sorted(there - wanted)]
            _done(admin.delete_acls(filters, request_timeout=_ANSWER_S).values())


def bindings(system: System, rights: Rights) -> list[Any]:
    """The access control entries that give ``rights`` to the user of ``system``."""
    topic, group = ResourceType.TOPIC, ResourceType.GROUP
    literal, prefixed = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED
    entries = [(topic, name, literal, AclOperation.READ) for name in rights.reads]
    entries += [(topic, name, literal, AclOperation.WRITE) for name in rights.writes]
    entries += [(group, rights.group, literal, AclOperation.READ)]
    # Which topics there are, how many partitions they have and how long they keep records: nothing of their content.
    entries += [
        (topic, TOPIC_PREFIX, prefixed, what) for what in (AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS)
    ]
    return [
        AclBinding(kind, name, pattern, _principal(system), "*", what, AclPermissionType.ALLOW)
        for kind, name, pattern, what in entries
    ]


def _principal(system: System) -> str:
    return f"User:{system.value}"


def all_of(system: System) -> Any:
    """A filter for every access control entry of a system's user."""
    # The library's types know no "any", its documentation does.
    anything: Any = None
    return AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        _principal(system),
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )


def _exactly(binding: Any) -> Any:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _done(futures: Iterable[Any]) -> None:
    for future in futures:
        future.result(_ANSWER_S)


def _show(*, as_json: bool) -> None:
    found = {system.value: rights_of(system) for system in System}
    if as_json:
        shown = {name: {"reads": r.reads, "writes": r.writes, "group": r.group} for name, r in found.items()}
        print(json.dumps(shown, indent=2))
        return
    for name, rights in found.items():
        print(f"{name}\n    reads   {' '.join(rights.reads)} (group {rights.group})")
        print(f"    writes  {' '.join(rights.writes)}")
