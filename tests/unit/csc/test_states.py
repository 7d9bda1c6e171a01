"""The states of a matter and of an enquiry, under whatever comes in whatever order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.csc.domain.matter import Matter, new_matter
from services.csc.domain.states import Paper, State
from services.csc.errors import ConsentMissing
from shared.regulations.enquiry import Backoff, Enquiry
from shared.regulations.errors import WrongState
from tests.unit.csc.forms import queue_form

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
RULE = Backoff(timedelta(seconds=30), 4)
RANK = {
    State.ENTERING: 0,
    State.QUERYING: 1,
    State.REGISTRY_SILENT: 1,
    State.COMPLETING: 2,
    State.DATA_UNAVAILABLE: 9,
    State.ACCEPTANCE_REFUSED: 9,
    State.ACCEPTED: 3,
    State.PACKAGE_WITH_COURIER: 3.3,
    State.SUBMITTED: 3.6,
    State.REGISTERED: 4,
    State.IN_REVIEW: 5,
    State.ANSWERED: 5.3,
    State.RESULT_WITH_COURIER: 5.6,
    State.READY: 6,
    State.REFUSED: 6,
    State.HANDED_OUT: 9,
    State.RETURNED: 9,
    State.REJECTED: 9,
}


def fresh() -> Matter:
    """A matter with an empty form."""
    return new_matter("m", centre="almaly", operator="aigerim", service="s/s", channel="csc", at=NOW)


class MatterMachine(RuleBasedStateMachine):
    """Anybody does anything at any time; what is not allowed raises and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.matter = fresh()
        self.highest = 0.0
        self.decision: str | None = None

    def attempt(self, name: str, *arguments: Any, **fields: Any) -> None:
        """Try a move."""
        before = self.matter
        try:
            self.matter = getattr(self.matter, name)(*arguments, **fields)
        except (WrongState, ConsentMissing):
            assert self.matter is before

    @rule()
    def enter(self) -> None:
        self.attempt("entered", queue_form(), NOW)

    @rule()
    def consent(self) -> None:
        self.attempt("consented", {"id": "c"}, NOW)

    @rule()
    def ask(self) -> None:
        self.attempt("asking", ["applicant"], NOW)

    @rule()
    def silence(self) -> None:
        self.attempt("fell_silent", NOW)

    @rule()
    def ask_again(self) -> None:
        self.attempt("asking_again", NOW)

    @rule(good=st.booleans())
    def conclude(self, good: bool) -> None:
        self.attempt("obtained", NOW) if good else self.attempt("not_obtained", {"step": "process-4"}, NOW)

    @rule(present=st.booleans(), compared=st.booleans())
    def note(self, present: bool, compared: bool) -> None:
        at = "2026-06-02T09:00:00.000Z" if compared else None
        paper = Paper(document="d", present=present, compared_at=at, returned_at=None, scan=None)
        self.attempt("noted", paper, NOW)

    @rule()
    def refuse_acceptance(self) -> None:
        self.attempt("acceptance_refused", {"missing": []}, "N-1", "aigerim", NOW)

    @rule(asks=st.booleans())
    def accept(self, asks: bool) -> None:
        self.attempt("accepted", "N-1", "aigerim", (NOW, NOW), NOW, asks=asks)

    @rule()
    def send_package_off(self) -> None:
        self.attempt("package_sent_off", NOW)

    @rule()
    def submit(self) -> None:
        self.attempt("submitted", ("id", "digest"), NOW)

    @rule()
    def register(self) -> None:
        self.attempt("registered", "2026-000001", NOW, NOW, NOW)

    @rule()
    def review(self) -> None:
        self.attempt("review_started", NOW, NOW)

    @rule(decision=st.sampled_from(("granted", "refused")), collected=st.booleans())
    def decide(self, decision: str, collected: bool) -> None:
        self.attempt("answered", decision, review_started_at=NOW, collected=collected, kept_until=NOW, at=NOW)

    @rule()
    def send_result_off(self) -> None:
        self.attempt("result_sent_off", NOW)

    @rule()
    def collect(self) -> None:
        self.attempt("collected", NOW, NOW)

    @rule()
    def reject(self) -> None:
        self.attempt("rejected", {"reason": "x"}, NOW)

    @rule()
    def hand_out(self) -> None:
        self.attempt("handed_out", {"who": "applicant"}, NOW)

    @rule()
    def give_back(self) -> None:
        self.attempt("returned", "digest", NOW)

    @precondition(lambda self: self.matter.state is State.ENTERING)
    @rule()
    def hurry(self) -> None:
        self.enter()
        self.consent()
        self.ask()

    @invariant()
    def never_goes_back(self) -> None:
        assert RANK[self.matter.state] >= self.highest
        self.highest = RANK[self.matter.state]

    @invariant()
    def one_decision(self) -> None:
        if self.decision is not None:
            assert self.matter.decision == self.decision
        self.decision = self.matter.decision

    @invariant()
    def nothing_is_asked_without_a_form_and_a_consent(self) -> None:
        if self.matter.enquiries:
            assert self.matter.form is not None
            assert self.matter.consent is not None

    @invariant()
    def nothing_is_sent_before_it_is_accepted(self) -> None:
        if self.matter.message_id is not None:
            assert self.matter.reached("accepted")
            assert self.matter.number is not None

    @invariant()
    def what_the_registries_were_asked_for_comes_before_the_acceptance(self) -> None:
        if self.matter.reached("accepted") and self.matter.reached("querying"):
            assert self.matter.reached("data_obtained")

    @invariant()
    def only_what_is_at_the_centre_is_handed_out(self) -> None:
        if self.matter.state in (State.READY, State.REFUSED, State.HANDED_OUT, State.RETURNED):
            assert self.matter.received_at is not None

    @invariant()
    def each_mark_once(self) -> None:
        marks = [entry["mark"] for entry in self.matter.timeline]
        assert len(marks) == len(set(marks))

    @invariant()
    def only_a_result_is_kept_for_a_time(self) -> None:
        if self.matter.state in (State.HANDED_OUT, State.RETURNED):
            assert self.matter.kept_until is None


TestMatterMachine = MatterMachine.TestCase


def enquiry() -> Enquiry:
    """A question that was not asked yet."""
    search = {"mode": "iin", "iin": "900101300017"}
    return Enquiry("m/applicant", "m", "applicant", "persons", search, [], "10(3)")


class TestEnquiry:
    def test_pauses_grow(self) -> None:
        asked, at = enquiry(), NOW
        pauses = []
        while asked.may_ask(RULE):
            asked = asked.requested(f"id-{asked.attempts}", "d", at, RULE)
            assert asked.due_at is not None
            pauses.append((asked.due_at - at).total_seconds())
        assert pauses == [30, 60, 120, 240]

    @given(st.lists(st.tuples(st.sampled_from(("ask", "answer", "silence", "again")), st.booleans()), max_size=30))
    def test_the_first_answer_counts_and_no_request_is_forgotten(self, moves: list[tuple[str, bool]]) -> None:
        asked, first, sent = enquiry(), None, 0
        for move, found in moves:
            match move:
                case "ask" if asked.may_ask(RULE):
                    sent += 1
                    asked = asked.requested(f"id-{sent}", f"digest-{sent}", NOW, RULE)
                case "answer" if asked.asked:
                    record = ("{}", "sig") if found else None
                    file = ("0" * 64, 2) if found else None
                    asked = asked.answered(found, None if found else "absent", record, file, NOW)
                    first = found if first is None else first
                case "silence" if asked.state == "waiting":
                    asked = asked.fell_silent()
                case "again" if asked.state == "silent":
                    sent += 1
                    asked = asked.begun_again().requested(f"id-{sent}", f"digest-{sent}", NOW, RULE)
            assert asked.found == first
            assert (asked.state == "answered") == (first is not None)
            assert (asked.due_at is not None) == (asked.state == "waiting" and bool(asked.asked))
            assert all(asked.was_asked(f"id-{n}", f"digest-{n}") for n in range(1, sent + 1))
        assert not asked.was_asked("id-1", "digest-2")

    def test_an_answer_is_bound_to_the_bytes(self) -> None:
        asked = enquiry().requested("id", "digest", NOW, RULE)
        assert asked.was_asked("id", "digest")
        assert not asked.was_asked("id", None)
        assert not asked.was_asked("other", "digest")


@pytest.mark.parametrize("state", [state for state in State if state.terminal])
def test_ends_are_settled(state: State) -> None:
    assert state.settled
