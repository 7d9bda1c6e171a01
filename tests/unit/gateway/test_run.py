"""What a run is said to be while something of it is missing, and what it stays once it was judged."""

from typing import Any

import pytest

from services.gateway.domain.run import AwaitedEffect, AwaitedEvents, AwaitedMessage, Run
from shared.messages.application import ReviewStarted
from shared.messages.control import DeliveryState
from shared.messages.journaled import read
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.records import Received
from tests.factories.received import received
from tests.unit.gateway.keeping import Gateway, recorded

PORTAL, REGIONAL, PROVIDER = System.PORTAL, System.REGIONAL_GATEWAY, System.PROVIDER
SIGNED_IN = ("registration", "process-1")
REFUSED = (*SIGNED_IN, "condition-1", "process-2")
"""A certificate that fails at the sign-in ends the run with process 2: all of it is the portal's."""


@pytest.fixture
def gateway() -> Gateway:
    """That knows nothing yet."""
    return Gateway()


def told(gateway: Gateway, source: System = REGIONAL, said: str = "", application: str = "a-1") -> Received:
    """A message to the portal about the application, by way of the gateway."""
    payload = ReviewStarted(started_at=gateway.clock.now())
    return received(
        gateway.clock,
        MessageType.REVIEW_STARTED,
        application,
        payload,
        source=source,
        destination=PORTAL,
        hop=source,
        journaled=read(said),
    )


def refused(gateway: Gateway, *, last: str = "", **fields: Any) -> None:
    """The portal journals a whole run that ends with a refused sign-in."""
    gateway.take(recorded(gateway, PORTAL, 1, *REFUSED[:2]))
    gateway.take(recorded(gateway, PORTAL, 3, "condition-1", passed=False))
    gateway.take(recorded(gateway, PORTAL, 4, "process-2", told=last, **fields))


def run_of(gateway: Gateway) -> Run:
    """How it stands."""
    found = gateway.run("a-1")
    assert found is not None
    return found


def stands(run: Run) -> tuple[str, str | None]:
    """Verdict and outcome."""
    return run.verdict.verdict, run.verdict.outcome


def afterwards(run: Run) -> list[str]:
    """Names of what is wrong with what its end does not rest on."""
    return [deviation.name for deviation in run.afterwards]


def test_a_run_that_is_all_there_is_judged(gateway: Gateway) -> None:
    refused(gateway)
    run = run_of(gateway)
    assert (stands(run), run.verdict.deviations, run.awaited) == (("conformant", "not_authorised"), (), ())


def test_a_number_that_is_missing_in_the_middle_is_awaited(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, "registration"))
    gateway.take(recorded(gateway, PORTAL, 4, "process-2"))
    run = run_of(gateway)
    assert (stands(run), run.awaited) == (("incomplete", None), (AwaitedEvents("portal", 2, 3),))
    assert run.verdict.deviations == ()


def test_a_first_number_that_is_missing_is_awaited(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 3, "condition-1"))
    assert run_of(gateway).awaited == (AwaitedEvents("portal", 1, 2),)


def test_a_last_number_that_a_message_tells_of_is_awaited(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    message = told(gateway, said="provider=8 regional-gateway=2")
    gateway.take(message)
    gateway.receipt(message)
    assert run_of(gateway).awaited == (AwaitedEvents("provider", 1, 8), AwaitedEvents("regional-gateway", 1, 2))


def test_a_last_number_that_a_journal_record_tells_of_is_awaited(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, REGIONAL, 1, "registered", kind="mark", told="provider=3 regional-gateway=1"))
    assert run_of(gateway).awaited == (AwaitedEvents("provider", 1, 3),)


def test_a_deviation_is_not_named_while_something_is_missing(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 2, "process-1"))
    gateway.take(recorded(gateway, PORTAL, 3, "process-8"))
    assert (stands(run_of(gateway)), run_of(gateway).verdict.deviations) == (("incomplete", None), ())
    gateway.take(recorded(gateway, PORTAL, 1, "registration"))
    assert stands(run_of(gateway)) == ("deviating", "granted")


def test_a_message_on_its_way_is_awaited_until_its_receipt(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    message = told(gateway)
    gateway.take(message)
    assert run_of(gateway).awaited == (AwaitedEffect(message.message.id, "application.review_started", "portal"),)
    gateway.receipt(message)
    assert run_of(gateway).awaited == ()


def test_a_message_that_is_not_taken_is_not_awaited(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    message = told(gateway)
    gateway.take(message)
    gateway.receipt(message, DeliveryState.DELIVERY_STOPPED)
    assert run_of(gateway).awaited == ()


def test_an_event_of_its_receiver_settles_a_message_without_a_receipt(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    message = told(gateway)
    gateway.take(message)
    named = {"message_id": message.message.id, "received_from": "regional-gateway"}
    gateway.take(recorded(gateway, PORTAL, 3, "registered", kind="mark", **named))
    assert run_of(gateway).awaited == ()


def test_a_message_about_another_application_is_not_awaited(gateway: Gateway) -> None:
    gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
    gateway.take(told(gateway, application="a-2"))
    assert run_of(gateway).awaited == ()


def test_an_end_waits_for_what_the_sender_of_its_message_knew(gateway: Gateway) -> None:
    message = told(gateway, said="regional-gateway=1")
    named = {"message_id": message.message.id, "received_from": "regional-gateway"}
    refused(gateway, **named)
    assert run_of(gateway).awaited == (AwaitedMessage(message.message.id, "portal"),)
    gateway.take(message)
    assert run_of(gateway).awaited == (AwaitedEvents("regional-gateway", 1, 1),)
    gateway.take(recorded(gateway, REGIONAL, 1, "registered", kind="mark"))
    assert stands(run_of(gateway)) == ("conformant", "not_authorised")


class TestAfterTheEnd:
    def test_a_message_under_way_takes_nothing_back(self, gateway: Gateway) -> None:
        refused(gateway)
        gateway.take(told(gateway, said="regional-gateway=7"))
        assert stands(run_of(gateway)) == ("conformant", "not_authorised")

    def test_nobody_can_let_a_verdict_hang_that_does_not_rest_on_him(self, gateway: Gateway) -> None:
        gateway.take(told(gateway, said="regional-gateway=99999 provider=99999"))
        gateway.take(recorded(gateway, PROVIDER, 5, "x", kind="mark", told="provider=99999"))
        refused(gateway)
        assert stands(run_of(gateway)) == ("conformant", "not_authorised")

    def test_a_mark_changes_nothing_and_what_is_wrong_with_it_is_said(self, gateway: Gateway) -> None:
        refused(gateway)
        gateway.take(recorded(gateway, PORTAL, 5, "later", kind="mark", channel="csc"))
        run = run_of(gateway)
        assert (stands(run), run.verdict.deviations) == (("conformant", "not_authorised"), ())
        assert [entry.step for entry in run.entries][-1] == "later"

    def test_a_step_is_seen_and_takes_nothing_back(self, gateway: Gateway) -> None:
        refused(gateway)
        gateway.take(recorded(gateway, PORTAL, 5, "process-3"))
        run = run_of(gateway)
        assert (stands(run), run.verdict.deviations) == (("conformant", "not_authorised"), ())
        assert "step-after-terminal" in afterwards(run)
        assert [entry.step for entry in run.entries][-1] == "process-3"

    def test_a_step_that_the_system_of_the_end_knew_of_is_a_deviation(self, gateway: Gateway) -> None:
        gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
        gateway.take(recorded(gateway, PORTAL, 3, "condition-1", passed=False))
        gateway.take(recorded(gateway, PORTAL, 4, "process-2", "process-2", "process-3"))
        run = run_of(gateway)
        assert stands(run) == ("deviating", "not_authorised")
        assert {"repeated-step", "step-after-terminal"} <= {found.name for found in run.verdict.deviations}

    def test_of_two_ends_the_one_that_came_first_is_waited_for(self, gateway: Gateway) -> None:
        gateway.take(recorded(gateway, PORTAL, 4, "process-2"))
        gateway.take(recorded(gateway, PROVIDER, 1, "process-7"))
        assert stands(run_of(gateway)) == ("incomplete", None)
        gateway.take(recorded(gateway, PORTAL, 1, *SIGNED_IN))
        gateway.take(recorded(gateway, PORTAL, 3, "condition-1", passed=False))
        assert stands(run_of(gateway)) == ("deviating", "not_authorised")

    def test_an_end_that_another_system_makes_up_is_none_where_there_is_a_true_one(self, gateway: Gateway) -> None:
        gateway.take(recorded(gateway, PROVIDER, 5, "process-2"))
        assert stands(run_of(gateway)) == ("incomplete", None)
        refused(gateway)
        assert run_of(gateway).verdict.outcome == "not_authorised"

    def test_the_first_of_two_ends_counts_whichever_comes_first(self, gateway: Gateway) -> None:
        gateway.take(recorded(gateway, PORTAL, 5, "process-8"))
        refused(gateway)
        assert stands(run_of(gateway)) == ("conformant", "not_authorised")
        assert "step-after-terminal" in afterwards(run_of(gateway))

    def test_an_end_that_does_not_follow_from_the_steps_before_is_one(self, gateway: Gateway) -> None:
        gateway.take(recorded(gateway, PORTAL, 1, "registration", "process-1", "condition-1", passed=True))
        gateway.take(recorded(gateway, PORTAL, 4, "process-2"))
        run = run_of(gateway)
        assert stands(run) == ("deviating", "not_authorised")
        assert "no-terminal" not in [found.name for found in run.verdict.deviations]
