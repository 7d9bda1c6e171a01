"""The journal is written once: each event has its place, and nobody writes at another's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.kit.errors import RejectedMessage
from shared.messages.control import JournalRecorded
from shared.messages.journaled import MOST
from shared.messages.systems import System
from tests.unit.gateway.keeping import Gateway, recorded

PORTAL, CSC = System.PORTAL, System.CSC


@pytest.fixture
def gateway() -> Gateway:
    """That knows nothing yet."""
    return Gateway()


def steps(gateway: Gateway) -> list[tuple[str, int, str]]:
    """What the journal has: whose, which, what."""
    return [(entry.actor, entry.number, entry.step) for entry in gateway.entries]


def test_events_are_numbered_from_the_first_of_their_record_on(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 3, "c", "d"))
    gateway.take(recorded(gateway, PORTAL, 1, "a", "b"))
    assert sorted(steps(gateway)) == [("portal", n, step) for n, step in enumerate("abcd", 1)]


def test_the_same_number_with_another_event_is_rejected(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, "a", "b"))
    with pytest.raises(RejectedMessage) as rejected:
        gateway.take(recorded(gateway, PORTAL, 2, "other"))
    assert rejected.value.reason == "journal-rewritten"
    assert steps(gateway) == [("portal", 1, "a"), ("portal", 2, "b")]


def test_the_same_event_in_another_record_changes_nothing(gateway: Gateway) -> None:
    first = recorded(gateway, PORTAL, 1, "a")
    gateway.take(first)
    gateway.clock.advance(timedelta(minutes=1))
    again = recorded(gateway, PORTAL, 1, "a")
    gateway.take(replace(again, payload=JournalRecorded(**dict(first.payload))))
    assert [entry.recorded_at for entry in gateway.entries] == [first.message.time]


def test_the_event_id_of_another_system_overwrites_nothing(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, "a", event_id="one"))
    gateway.take(recorded(gateway, CSC, 1, "b", event_id="one"))
    gateway.take(recorded(gateway, PORTAL, 1, "a", event_id="one", application="a-2"))
    assert steps(gateway) == [("portal", 1, "a"), ("csc", 1, "b"), ("portal", 1, "a")]


def test_a_name_that_looks_like_a_place_is_no_way_into_another(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, "a", application="2 a-1"))
    gateway.take(recorded(gateway, PORTAL, 2, "b", application="a-1"))
    gateway.take(recorded(gateway, PORTAL, 12, "c", application="a-1"))
    assert len({entry.place for entry in gateway.entries}) == 3


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"actor": "csc"}, "policy"),
        ({"application": "a-2"}, "schema"),
    ],
)
def test_a_system_journals_for_itself_and_about_the_subject(
    gateway: Gateway, fields: dict[str, str], reason: str
) -> None:
    good = recorded(gateway, PORTAL, 1, "a")
    payload = good.payload
    assert isinstance(payload, JournalRecorded)
    events = (payload.events[0], payload.events[0].model_copy(update=fields))
    with pytest.raises(RejectedMessage) as rejected:
        gateway.take(replace(good, payload=payload.model_copy(update={"events": events})))
    assert rejected.value.reason == reason
    assert gateway.entries == []


def test_there_is_a_last_number(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, MOST, "last"))
    with pytest.raises(RejectedMessage) as rejected:
        gateway.take(recorded(gateway, PORTAL, MOST, "last", "one too many"))
    assert rejected.value.reason == "schema"
