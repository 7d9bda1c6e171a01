"""The order of a journal: what led to something comes before it, whatever the clocks said."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from services.gateway.domain.journal import JournalEntry, in_order, place_of
from shared.regulations.conformance import Verdict
from shared.regulations.judgement import judge
from shared.regulations.loader import load_regulations
from tests.factories.counting import Counted
from tests.factories.journals import CALENDARS, MONDAY, right_journal

QUEUE = load_regulations()["almaty-city/preschool-queue"]
GRANTED = (
    "registration",
    "process-1",
    "condition-1",
    "process-3",
    "condition-2",
    "process-5",
    "process-6",
    "condition-3",
    "process-8",
)
TEN = timedelta(minutes=10)


def entry(name: str, number: int = 1, actor: str = "portal", at: float = 0, **fields: object) -> JournalEntry:
    """Event ``number`` of ``actor``, journaled ``at`` seconds after the start by a clock that was never set back."""
    then = MONDAY + timedelta(seconds=at)
    return JournalEntry(
        event_id=name,
        kind="step",
        application="a-1",
        regulation=QUEUE.id,
        channel="portal",
        step=name,
        clause="",
        actor=actor,
        at=then,
        **{  # type: ignore[arg-type]
            "passed": None,
            "message_id": None,
            "received_from": None,
            "signature": None,
            "detail": None,
            "place": place_of(actor, number, "a-1"),
            "number": number,
            "journaled": "",
            "recorded_at": then,
            "set_back_s": 0.0,
            **fields,
        },
    )


def names(entries: Sequence[JournalEntry]) -> list[str]:
    """Which entries, in order."""
    return [entry.event_id for entry in in_order(entries)]


def judged(entries: Sequence[JournalEntry]) -> Verdict:
    """The verdict on what the gateway makes of them."""
    return judge(QUEUE, "portal", in_order(entries), CALENDARS)


@pytest.fixture
def granted() -> list[JournalEntry]:
    """The journal of a granted application."""
    numbers = Counter[str]()
    found = []
    for event in right_journal(QUEUE, "portal", GRANTED):
        numbers[event.actor] += 1
        found.append(
            JournalEntry(
                **{  # type: ignore[arg-type]
                    **asdict(event),
                    "event_id": event.step,
                    "place": place_of(event.actor, numbers[event.actor], "a-1"),
                    "number": numbers[event.actor],
                    "journaled": "",
                    "received_from": None,
                    "signature": None,
                    "recorded_at": event.at,
                }
            )
        )
    return found


class TestOrder:
    def test_of_one_system_is_that_of_its_numbers(self) -> None:
        assert names([entry("c", 3, at=1), entry("a", 1, at=3), entry("b", 2, at=2)]) == ["a", "b", "c"]

    def test_of_several_is_that_of_the_times_at_which_it_was_journaled(self) -> None:
        assert names([entry("b", actor="csc", at=2), entry("a", at=1)]) == ["a", "b"]

    def test_of_one_instant_is_that_of_arrival(self) -> None:
        assert names([entry("b"), entry("a", actor="csc")]) == ["b", "a"]

    def test_a_clock_that_is_set_back_changes_nothing(self) -> None:
        before = entry("before", at=100)
        after = replace(entry("after", actor="csc", at=-400), set_back_s=600.0)
        assert names([after, before]) == ["before", "after"]

    def test_what_a_system_knew_to_be_journaled_comes_before(self) -> None:
        known = [entry("one", 1, "provider", at=7), entry("two", 2, "provider", at=8)]
        after = entry("after", 1, "regional-gateway", at=1, journaled="provider=1 regional-gateway=1")
        assert names([after, *known]) == ["one", "after", "two"]

    def test_what_the_sender_of_its_message_knew_comes_before(self) -> None:
        led_to = entry("led-to", actor="provider", at=1, message_id="m-1", received_from="portal")
        told = {"m-1": {"portal": 2}}
        arrived = [led_to, entry("one", 1, at=5), entry("two", 2, at=6), entry("three", 3, at=7)]
        assert [entry.event_id for entry in in_order(arrived, told)] == ["one", "two", "led-to", "three"]

    def test_what_a_message_led_to_comes_after_the_step_that_sent_it(self) -> None:
        sent = entry("sent", at=5, message_id="m-1")
        led_to = entry("led-to", actor="provider", at=1, message_id="m-1", received_from="portal")
        assert names([led_to, sent]) == ["sent", "led-to"]

    def test_what_a_system_did_next_comes_after_that_too(self) -> None:
        sent = entry("sent", at=5, message_id="m-1")
        led_to = entry("led-to", 1, "provider", at=1, message_id="m-1", received_from="portal")
        later = entry("later", 2, "provider", at=2)
        assert names([later, led_to, sent]) == ["sent", "led-to", "later"]

    def test_a_system_that_only_received_the_message_did_not_send_it(self) -> None:
        one = entry("one", actor="provider", at=1, message_id="m-1", received_from="portal")
        other = entry("other", actor="regional-gateway", at=2, message_id="m-1", received_from="portal")
        assert names([other, one]) == ["one", "other"]

    def test_claims_that_contradict_each_other_lose_nothing(self) -> None:
        one = entry("one", at=1, message_id="m-1", received_from="provider")
        other = entry("other", actor="provider", at=2, message_id="m-1", received_from="portal")
        assert sorted(names([other, one])) == ["one", "other"]


@pytest.mark.parametrize(
    "journaled", ["", "portal=2000", "portal=1999 provider=1"], ids=["free", "known", "contradicting"]
)
def test_a_long_journal_is_no_more_work_for_each_event(journaled: str) -> None:
    """The first half is later by its times than the second, so that at no time what is next stands in front."""
    reads: Counter[str] = Counter()
    of = ("portal", "provider") if "provider" in journaled else ("portal",)
    long = [
        Counted(entry(f"{n}", n, actor, set_back_s=1e9 if n <= 1000 else 0.0, journaled=journaled), reads)
        for n in range(1, 2001)
        for actor in of
    ]
    assert len(in_order(long)) == len(long)  # type: ignore[arg-type]
    assert reads.total() < 100 * len(long)


class TestVerdict:
    def test_on_a_right_run_in_any_order_of_arrival(self, granted: list[JournalEntry]) -> None:
        for seed in range(20):
            arrived = random.Random(seed).sample(granted, len(granted))
            assert judged(arrived).verdict == "conformant"

    def test_is_the_same_wherever_the_clock_was_set_back(self, granted: list[JournalEntry]) -> None:
        for place in range(len(granted) + 1):
            after = [
                replace(entry, at=entry.at - TEN, recorded_at=entry.recorded_at - TEN, set_back_s=TEN.total_seconds())
                for entry in granted[place:]
            ]
            arrived = random.Random(place).sample([*granted[:place], *after], len(granted))
            assert judged(arrived).deviations == ()

    def test_names_steps_that_a_system_took_in_another_order(self, granted: list[JournalEntry]) -> None:
        one = next(entry for entry in granted if entry.step == "process-3")
        other = next(entry for entry in granted if entry.step == "condition-2")
        of = {one.step: other, other.step: one}
        swapped = [
            replace(entry, at=of[entry.step].at, number=of[entry.step].number, place=of[entry.step].place)
            if entry.step in of
            else entry
            for entry in granted
        ]
        assert ("out-of-order", "condition-2") in [(d.name, d.step) for d in judged(swapped).deviations]

    def test_names_a_step_that_claims_another_time_than_that_at_which_it_was_journaled(
        self, granted: list[JournalEntry]
    ) -> None:
        told = [replace(entry, at=entry.at - TEN) if entry.step == "process-6" else entry for entry in granted]
        assert ("time-goes-back", "process-6") in [(d.name, d.step) for d in judged(told).deviations]
