"""The history checker finds every planted violation by its name, and nothing where nothing is wrong."""

from collections.abc import Callable

import pytest

from tests.faults.checks import CHECKS, check
from tests.faults.history import Answer, DeadLetter, Operation, Tampered, Verdict
from tests.unit.faults.recorded import CENTRE_APPLICATION, PORTAL_APPLICATION, Recording, recorded

P, C = PORTAL_APPLICATION, CENTRE_APPLICATION


def _never_sent(made: Recording) -> None:
    made.operation("portal", "submit", "application-x")


def _sent_twice(made: Recording) -> None:
    made.send("again", "application.submitted", "portal > regional-gateway", P, tx=99)
    made.take("regional-gateway", "again", tx=99, offset=99, state="DELIVERED")


def _not_ended(made: Recording) -> None:
    made.drop("portal", "applications", "update", state="granted")


def _ended_twice(made: Recording) -> None:
    made.change("portal", "applications", {"id": P, "state": "refused"}, tx=99, kind="update")


def _went_back(made: Recording) -> None:
    made.change("csc", "matters", {"id": C, "state": "in_review"}, tx=99, kind="update")


def _unheard_of(made: Recording) -> None:
    made.change("portal", "applications", {"id": P, "state": "pondering"}, tx=99, kind="update")


def _no_act(made: Recording) -> None:
    made.drop("csc", "issued_documents", application=C)


def _two_decisions(made: Recording) -> None:
    made.send("other", "decision.made", "provider > regional-gateway", P, tx=99, cause="something-else")
    made.take("regional-gateway", "other", tx=99, offset=99, state="DELIVERED")


def _two_acts(made: Recording) -> None:
    row = {"application": P, "sha256": "another", "granted": True}
    made.change("portal", "issued_documents", row, tx=15, kind="update")


def _shown_another_act(made: Recording) -> None:
    made.operation("portal", "result", P, detail="never kept")


def _same_entry(made: Recording) -> None:
    made.rewrite("regional-gateway", "registration_journal", application=C, into={"entry_number": "2026-000001"})


def _registered_twice(made: Recording) -> None:
    row = {"application": P, "entry_number": "2026-000003", "status": "registered"}
    made.change("regional-gateway", "registration_journal", row, tx=10)


def _gap_in_the_queue(made: Recording) -> None:
    made.rewrite("regional-gateway", "queue_places", application=C, into={"number": 3})


def _queue_begins_late(made: Recording) -> None:
    made.rewrite("regional-gateway", "queue_places", application=P, into={"number": 3})


def _taken_twice(made: Recording) -> None:
    made.take("provider", "assigned-1", tx=99, offset=99)


def _applied_twice(made: Recording) -> None:
    made.send("assigned-again", "application.assigned", "regional-gateway > provider", P, tx=99, cause="submitted-1")
    made.take("provider", "assigned-again", tx=99, offset=99)


def _journaled_twice(made: Recording) -> None:
    event = {"kind": "step", "application": P, "step": "process-5", "actor": "portal", "message_id": None}
    made.change("gateway", "journal", {"event_id": "another", **event}, tx=99)


def _overtaken(made: Recording) -> None:
    made.rewrite("regional-gateway", "inbox", message_id="submitted-1", into={"record_offset": 15})


def _other_partition(made: Recording) -> None:
    made.rewrite("regional-gateway", "inbox", message_id="placement-1", into={"partition": 1})


def _journaled_elsewhere(made: Recording) -> None:
    """A record keyed by one application holds an event of another, whose own go by another partition."""
    for name, about, partition in (("one", [P], 0), ("other", [C, P], 1)):
        made.send(name, "journal.recorded", "portal > gateway", about[0], tx=99)
        made.rewrite("portal", "outbox", message_id=name, into={"about": about})
        made.take("gateway", name, tx=99, offset=partition)
        made.rewrite("gateway", "inbox", message_id=name, into={"topic": "egov.journal", "partition": partition})


def _told_otherwise(made: Recording) -> None:
    made.history.answers += [Answer(P, 1, "granted", "deviating"), Answer(P, 2, "granted", "conformant")]


def _taken_back(made: Recording) -> None:
    made.history.answers += [Answer(C, 2, None, "incomplete"), Answer(C, 1, "granted", "conformant")]


def _other_at_the_end(made: Recording) -> None:
    made.history.answers += [Answer(P, 1, None, "incomplete"), Answer(P, 2, "refused", "conformant")]


def _registered_unasked(made: Recording) -> None:
    made.drop("regional-gateway", "inbox", message_id="submitted-2")
    made.bury("egov.regional-gateway.in", "digest", "submitted-2")


def _relayed_unasked(made: Recording) -> None:
    row = {"message_id": "assigned-1", "delivery_state": "DELIVERED"}
    made.change("gateway", "message_log", row, tx=99)


def _never_arrived(made: Recording) -> None:
    made.drop("provider", "inbox", message_id="assigned-2")


def _no_receipt(made: Recording) -> None:
    made.drop("provider", "outbox", "delete", message_id="decision-1")


def _not_published(made: Recording) -> None:
    made.bury("egov.provider.in", "digest", None)
    made.history.dead_letters.clear()


def _without_reason(made: Recording) -> None:
    made.bury("egov.provider.in", "digest", None)
    made.history.dead_letters[:] = [DeadLetter("egov.provider.in.dlq", "digest", None, report=False)]


def _swallowed(made: Recording) -> None:
    made.history.tampered.append(Tampered("egov.provider.in", "digest", "one bit turned over"))


def _refused_without_trace(made: Recording) -> None:
    made.rewrite("provider", "inbox", message_id="assigned-1", into={"state": "DELIVERY_STOPPED"})


def _deviating_afterwards(made: Recording) -> None:
    made.history.verdicts[P] = Verdict("granted", "conformant", (), ("repeated-step at process-8",))


def _deviating(made: Recording) -> None:
    made.history.verdicts[P] = Verdict("granted", "deviating", ("out-of-order at process-6",))


def _not_journaled(made: Recording) -> None:
    del made.history.verdicts[C]


def _journal_stops(made: Recording) -> None:
    made.history.verdicts[C] = Verdict(None, "running")


def _given_up(made: Recording) -> None:
    made.history.operations.append(Operation("citizen-9", "portal", "draft", None, "unknown", 0, 120, 60, "503"))


PLANTED: dict[Callable[[Recording], None], tuple[str, str, str]] = {
    _never_sent: ("acceptance-lost", "lost", "application-x"),
    _sent_twice: ("submitted-twice", "doubled", P),
    _not_ended: ("no-terminal-state", "lost", P),
    _ended_twice: ("two-terminal-states", "doubled", P),
    _went_back: ("state-went-back", "wrong", C),
    _unheard_of: ("state-unknown", "wrong", P),
    _no_act: ("no-result", "lost", C),
    _two_decisions: ("two-results", "doubled", P),
    _two_acts: ("two-results", "doubled", P),
    _shown_another_act: ("result-not-kept", "wrong", P),
    _same_entry: ("number-doubled", "doubled", "registration journal 2026"),
    _registered_twice: ("numbered-twice", "doubled", P),
    _gap_in_the_queue: ("number-gap", "wrong", "queue preschool"),
    _queue_begins_late: ("number-gap", "wrong", "queue preschool"),
    _taken_twice: ("taken-twice", "doubled", P),
    _applied_twice: ("applied-twice", "doubled", P),
    _journaled_twice: ("journaled-twice", "doubled", P),
    _overtaken: ("order-broken", "wrong", P),
    _other_partition: ("two-partitions", "wrong", P),
    _journaled_elsewhere: ("two-partitions", "wrong", P),
    _told_otherwise: ("verdict-changed", "wrong", P),
    _taken_back: ("verdict-changed", "wrong", C),
    _other_at_the_end: ("verdict-changed", "wrong", P),
    _registered_unasked: ("effect-without-cause", "wrong", C),
    _relayed_unasked: ("effect-without-cause", "wrong", P),
    _never_arrived: ("message-lost", "lost", C),
    _no_receipt: ("no-receipt", "wrong", P),
    _not_published: ("not-in-dead-letters", "lost", "egov.provider.in/0/77"),
    _without_reason: ("dead-letter-without-reason", "wrong", "egov.provider.in/0/77"),
    _swallowed: ("tampered-not-rejected", "wrong", "egov.provider.in digest"),
    _refused_without_trace: ("not-in-dead-letters", "lost", P),
    _deviating: ("deviating", "wrong", P),
    _deviating_afterwards: ("deviating", "wrong", P),
    _not_journaled: ("not-journaled", "lost", C),
    _journal_stops: ("journal-incomplete", "lost", C),
    _given_up: ("client-gave-up", "lost", "citizen-9"),
}


def test_a_run_in_order_has_no_violation() -> None:
    assert check(recorded().history) == []


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__.strip("_"))
def test_planted_violation_is_found_by_name(plant: Callable[[Recording], None]) -> None:
    made = recorded()
    plant(made)
    found = {(violation.check, violation.effect, violation.about) for violation in check(made.history)}
    assert PLANTED[plant] in found, found


def test_every_check_finds_something_planted() -> None:
    finding = set()
    for plant in PLANTED:
        made = recorded()
        plant(made)
        finding |= {one.__name__ for one in CHECKS if list(one(made.history))}
    assert finding == {one.__name__ for one in CHECKS}


def test_a_run_that_was_incomplete_before_it_ended_is_in_order() -> None:
    made = recorded()
    made.history.answers += [
        Answer(P, 1, None, "incomplete"), Answer(P, 3, "granted", "conformant"), Answer(P, 2, None, "deviating"),
    ]  # fmt: skip
    assert check(made.history) == []


def test_a_dead_letter_with_its_reason_is_in_order() -> None:
    made = recorded()
    made.bury("egov.provider.in", "digest", None)
    made.history.tampered.append(Tampered("egov.provider.in", "digest", "one bit turned over"))
    assert check(made.history) == []


def test_an_application_that_was_sent_without_the_clients_knowing_counts_as_accepted() -> None:
    made = recorded()
    made.history.operations.clear()
    assert made.history.accepted == {P: "portal", C: "csc"}
