"""Rights at the cluster follow the routes: as much as every message needs, and no topic more."""

import pytest

from shared.messages.rights import first_topic, rights_of
from shared.messages.routes import ROUTES, Route, route_for
from shared.messages.systems import System
from shared.messages.topics import ALL_TOPICS, JOURNAL, dead_letters_of, inbox_of, topics_read_by
from shared.messages.types import MessageType


@pytest.mark.parametrize("route", ROUTES.values(), ids=lambda route: f"{route.sender}-{route.type}-{route.receiver}")
def test_every_route_can_be_travelled(route: Route) -> None:
    assert first_topic(route) in rights_of(route.sender).writes
    hop = System.GATEWAY if route.via_gateway else route.receiver
    assert first_topic(route) in rights_of(hop).reads
    if route.via_gateway:
        assert inbox_of(route.receiver) in rights_of(System.GATEWAY).writes


@pytest.mark.parametrize("system", System)
def test_system_reads_its_own_topics_only(system: System) -> None:
    rights = rights_of(system)
    assert rights.reads == topics_read_by(system)
    assert rights.group == f"egov.{system}"


@pytest.mark.parametrize("system", System)
def test_no_topic_may_be_written_without_a_message_that_goes_there(system: System) -> None:
    own = {dead_letters_of(topic) for topic in topics_read_by(system)}
    for topic in set(rights_of(system).writes) - own:
        direct = any(first_topic(route) == topic for route in ROUTES.values() if route.sender is system)
        relayed = system is System.GATEWAY and any(
            route.via_gateway and inbox_of(route.receiver) == topic for route in ROUTES.values()
        )
        assert direct or relayed, topic
    assert set(rights_of(system).writes) <= set(ALL_TOPICS)


def test_registry_reaches_nobody_but_the_gateway() -> None:
    assert rights_of(System.NOTARY).writes == (
        inbox_of(System.GATEWAY),
        JOURNAL,
        dead_letters_of(inbox_of(System.NOTARY)),
    )


def test_provider_cannot_write_what_the_portal_reads() -> None:
    assert route_for(System.PROVIDER, MessageType.RESULT_DELIVERED, System.PORTAL) is None
    assert inbox_of(System.PORTAL) not in rights_of(System.PROVIDER).writes
