"""The life of an application and the lock-out, as pure state machines."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.domain.application import RANK, Application, State, new_draft
from services.portal.errors import NotADraft
from shared.kit.lockout import Attempts, Lockout

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
RULE = Lockout(5, timedelta(minutes=15))

Event = Callable[[Application, datetime], Application]
EVENTS: dict[str, Event] = {
    "fill": lambda a, at: a.filled({"x": 1}, at),
    "submit": lambda a, at: a.submitted(("message", "digest"), at),
    "refuse-signature": lambda a, at: a.signature_refused({"step": "process-4"}, at),
    "register": lambda a, at: a.registered("1", at, at, at),
    "review": lambda a, at: a.review_started(at, at),
    "grant": lambda a, at: a.answered(State.GRANTED, review_started_at=at, decided_at=at, queue={"number": 1}, at=at),
    "refuse": lambda a, at: a.answered(State.REFUSED, review_started_at=at, decided_at=at, queue=None, at=at),
    "reject": lambda a, at: a.rejected({"reason": "policy"}, at),
}


def draft() -> Application:
    return new_draft("1", iin="900101300017", service="s/s", channel="portal", at=NOW)


def run(*names: str) -> Application:
    application = draft()
    for number, name in enumerate(names):
        application = EVENTS[name](application, NOW + timedelta(seconds=number))
    return application


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=12))
def test_no_order_of_events_moves_backwards(names: list[str]) -> None:
    application = draft()
    for number, name in enumerate(names):
        before = application
        try:
            application = EVENTS[name](before, NOW + timedelta(seconds=number))
        except NotADraft:
            assert before.state is not State.DRAFT
            continue
        assert RANK[application.state] >= RANK[before.state]
        assert not before.state.terminal or application.state is before.state
        assert application.timeline[: len(before.timeline)] == before.timeline
        reached = [mark["mark"] for mark in application.timeline]
        assert len(reached) == len(set(reached))
        if application.state not in {State.DRAFT, State.REFUSED}:
            assert application.message_id == "message"


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), State.DRAFT),
        (("register", "grant", "reject", "review"), State.DRAFT),
        (("submit",), State.SUBMITTED),
        (("submit", "register"), State.REGISTERED),
        (("submit", "register", "review"), State.IN_REVIEW),
        (("submit", "register", "review", "grant"), State.GRANTED),
        (("submit", "register", "review", "refuse"), State.REFUSED),
        (("submit", "grant", "register", "review", "refuse"), State.GRANTED),
        (("submit", "review", "register"), State.IN_REVIEW),
        (("submit", "reject", "register", "grant"), State.REJECTED),
        (("submit", "register", "reject"), State.REGISTERED),
        (("refuse-signature", "register", "grant"), State.REFUSED),
    ],
)
def test_where_a_run_ends(events: tuple[str, ...], state: State) -> None:
    assert run(*events).state is state


@pytest.mark.parametrize("event", ["fill", "submit", "refuse-signature"])
@pytest.mark.parametrize("before", [("submit",), ("submit", "grant"), ("refuse-signature",), ("submit", "reject")])
def test_only_a_draft_is_worked_on(before: tuple[str, ...], event: str) -> None:
    with pytest.raises(NotADraft):
        EVENTS[event](run(*before), NOW)


def test_late_registration_adds_its_marks_and_moves_nothing() -> None:
    late = run("submit", "grant", "register")
    assert [mark["mark"] for mark in late.timeline][-2:] == ["delivered", "registered"]
    assert late.entry_number == "1"


@given(st.lists(st.integers(min_value=0, max_value=2000), max_size=30))
def test_no_window_has_more_than_the_allowed_failures(gaps: list[int]) -> None:
    attempts, at, counted = Attempts("900101300017"), NOW.timestamp(), []
    for gap in gaps:
        at += gap
        if attempts.locked_for(at, RULE) == 0:
            counted.append(at)
        attempts = attempts.failed(at, RULE)
        assert len(attempts.failures) <= RULE.failures
    for first, sixth in zip(counted, counted[RULE.failures :], strict=False):
        assert sixth - first >= RULE.window.total_seconds()
