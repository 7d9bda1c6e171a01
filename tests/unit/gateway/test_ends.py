"""Who can end a run, and that nobody else touches it: neither before its end nor after it."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gateway import repository
from services.gateway.domain.ends import law_of
from services.gateway.domain.run import AwaitedMessage
from services.gateway.models import GatewayTable
from shared.db.engine import Database
from shared.messages.systems import System
from shared.messaging.records import Received
from tests.servers.databases import database_url
from tests.unit.gateway.keeping import REGULATIONS, Gateway, recorded
from tests.unit.gateway.test_run import SIGNED_IN, afterwards, refused, run_of, stands, told

PORTAL, CSC, NOTARY = System.PORTAL, System.CSC, System.NOTARY
REGIONAL, PROVIDER = System.REGIONAL_GATEWAY, System.PROVIDER
RIGHT = ("conformant", "not_authorised")
STRANGE = {
    "a step of the portal": {"step": "process-3"},
    "an end of the portal": {"step": "process-8"},
    "an end of the provider": {"step": "process-7"},
    "no step at all": {"step": "x"},
    "a task": {"step": "procedure-1", "kind": "task", "role": "nobody", "variant": "no such case"},
    "a mark": {"step": "extended", "kind": "mark"},
    "a step of another channel": {"step": "process-4", "channel": "csc"},
    "a step of another regulation": {"step": "procedure", "channel": "office"},
}


@pytest.fixture
def gateway() -> Gateway:
    """That knows nothing yet."""
    return Gateway()


def of_portal(gateway: Gateway, application: str = "a-1") -> Received:
    """A message of the portal to the regional gateway, sent when it had signed somebody in."""
    message = told(gateway, said="portal=2", application=application)
    turned = message.message.model_copy(update={"source": PORTAL, "destination": REGIONAL})
    return replace(message, message=turned)


@pytest.mark.parametrize("event", STRANGE.values(), ids=STRANGE.keys())
@pytest.mark.parametrize("stranger", [NOTARY, CSC, PROVIDER])
class TestStranger:
    def test_changes_nothing_after_the_end(self, gateway: Gateway, stranger: System, event: dict[str, str]) -> None:
        refused(gateway)
        gateway.take(recorded(gateway, stranger, 1, event["step"], **event))
        run = run_of(gateway)
        assert (stands(run), run.verdict.deviations) == (RIGHT, ())
        assert run.verdict.steps == (*SIGNED_IN, "condition-1", "process-2")
        assert event.get("kind", "step") == "mark" or run.afterwards

    def test_changes_nothing_before_it(self, gateway: Gateway, stranger: System, event: dict[str, str]) -> None:
        gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
        gateway.take(recorded(gateway, stranger, 1, event["step"], **event))
        assert run_of(gateway).verdict.outcome is None
        gateway.take(recorded(gateway, PORTAL, 3, "condition-1", passed=False))
        gateway.take(recorded(gateway, PORTAL, 4, "process-2"))
        assert (stands(run_of(gateway)), run_of(gateway).verdict.deviations) == (RIGHT, ())

    def test_holds_up_nothing(self, gateway: Gateway, stranger: System, event: dict[str, str]) -> None:
        gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
        gateway.take(recorded(gateway, stranger, 5, event["step"], **{**event, "message_id": "m-none"}))
        gateway.take(recorded(gateway, PORTAL, 3, "condition-1", passed=False))
        gateway.take(recorded(gateway, PORTAL, 4, "process-2"))
        assert (stands(run_of(gateway)), run_of(gateway).awaited) == (RIGHT, ())


@pytest.mark.parametrize("end", ["process-8", "process-7", "process-2"])
def test_an_end_without_a_run_gives_no_outcome(gateway: Gateway, end: str) -> None:
    gateway.take(recorded(gateway, PROVIDER, 1, end))
    run = run_of(gateway)
    assert stands(run) == ("deviating", None)
    assert run.verdict.deviations
    refused(gateway)
    assert (stands(run_of(gateway)), run_of(gateway).verdict.deviations) == (RIGHT, ())


def test_a_message_about_another_application_makes_nobody_part_of_a_run(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    elsewhere = of_portal(gateway, application="a-2")
    gateway.take(elsewhere)
    named = {"message_id": elsewhere.message.id, "received_from": "portal"}
    gateway.take(recorded(gateway, REGIONAL, 1, "registered", kind="mark", **named))
    gateway.take(recorded(gateway, PROVIDER, 1, "process-7", told="provider=1 regional-gateway=1"))
    assert stands(run_of(gateway)) == ("incomplete", None)
    assert run_of(gateway).awaited == (AwaitedMessage(elsewhere.message.id, "regional-gateway"),)


def test_a_message_to_another_system_makes_nobody_part_of_a_run(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    theirs = of_portal(gateway)
    gateway.take(theirs)
    named = {"message_id": theirs.message.id, "received_from": "portal"}
    gateway.take(recorded(gateway, PROVIDER, 1, "process-7", **named))
    assert run_of(gateway).verdict.outcome is None
    assert AwaitedMessage(theirs.message.id, "provider") in run_of(gateway).awaited


def involved(gateway: Gateway) -> None:
    """The provider ends the run by its own step, having heard of the portal by the regional gateway."""
    sent = of_portal(gateway)
    gateway.take(sent)
    named = {"message_id": sent.message.id, "received_from": "portal"}
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    gateway.take(recorded(gateway, REGIONAL, 1, "registered", kind="mark", **named))
    gateway.take(recorded(gateway, PROVIDER, 1, "process-7", told="provider=1 regional-gateway=1"))


def test_a_system_that_has_heard_of_the_run_can_end_it(gateway: Gateway) -> None:
    involved(gateway)
    assert stands(run_of(gateway)) == ("deviating", "refused")


def test_of_two_ends_in_one_run_the_one_that_was_told_stays(gateway: Gateway) -> None:
    late = told(gateway)
    named = {"message_id": late.message.id, "received_from": "regional-gateway"}
    gateway.take(recorded(gateway, PORTAL, 3, "condition-1", passed=False))
    gateway.take(recorded(gateway, PORTAL, 4, "process-2", **named))
    involved(gateway)
    first = run_of(gateway)
    assert stands(first) == ("deviating", "refused")
    gateway.take(late)
    assert (run_of(gateway).verdict, run_of(gateway).contested_end) == (first.verdict, first.contested_end)
    gateway.told_ends.clear()
    assert run_of(gateway).verdict.outcome == "not_authorised"


def test_the_first_event_of_a_system_that_begins_runs_says_which_law_it_is(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, NOTARY, 1, "process-4", channel="csc"))
    gateway.take(recorded(gateway, PROVIDER, 1, "process-4", channel="csc"))
    assert law_of(gateway.entries, REGULATIONS)[1] == "csc"
    assert run_of(gateway).verdict.outcome is None
    refused(gateway)
    gateway.take(recorded(gateway, CSC, 1, "process-4", channel="csc"))
    assert law_of(gateway.entries, REGULATIONS)[1] == "portal"
    run = run_of(gateway)
    assert (stands(run), set(afterwards(run))) == (RIGHT, {"wrong-regulation", "time-goes-back"})


async def test_the_end_that_was_told_first_is_kept(tmp_path: Path, database_kind: str) -> None:
    database = Database(database_url(tmp_path, "gateway"), GatewayTable.metadata)
    await database.create_tables()
    try:
        async with database.transaction() as session:
            assert await repository.told_end(session, "a-1") is None
            assert await repository.tell_end(session, "a-1", "portal 4 a-1") == "portal 4 a-1"
        async with database.transaction() as session:
            assert await repository.tell_end(session, "a-1", "provider 1 a-1") == "portal 4 a-1"
            assert await repository.told_end(session, "a-1") == "portal 4 a-1"
    finally:
        await database.close()
