"""The history checker: what must be true of a run in which parts have failed. Pure; every check has a planted violation
in ``tests/unit/faults`` that it finds by name."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from tests.faults.history import Change, History

Effect = Literal["lost", "doubled", "wrong"]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be. ``about`` is the application, or what else it is about."""

    check: str
    effect: Effect
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.check} ({self.about}): {self.text}"


Check = Callable[[History], Iterator[Violation]]

_MATTERS = {"portal": ("applications", "id"), "csc": ("matters", "id")}
"""Where the channel's own record of an application is."""
_RANKS: Mapping[str, Mapping[str, int]] = {
    "portal": {
        "draft": 0, "submitted": 1, "registered": 2, "in_review": 3, "granted": 9, "refused": 9, "rejected": 9,
    },
    # Asking a silent registry again is no step back.
    "csc": {
        "entering": 0, "querying": 1, "registry_silent": 1, "completing": 2, "submitted": 3, "registered": 4,
        "in_review": 5, "ready": 6, "refused": 6, "handed_out": 9, "returned": 9, "rejected": 9, "data_unavailable": 9,
        "acceptance_refused": 9,
    },
}  # fmt: skip
_TERMINAL = 9
_DECIDED = frozenset({"granted", "refused"})
_WITHOUT_RESULT = frozenset({"rejected", "data_unavailable", "acceptance_refused"})
_RESULTS = frozenset({"result.delivered", "refusal.issued"})
_CAUSES: Mapping[tuple[str, str], tuple[str, frozenset[str]]] = {
    ("regional-gateway", "registration_journal"): ("application", frozenset({"application.submitted"})),
    ("regional-gateway", "queue_places"): ("application", frozenset({"queue_placement.requested"})),
    ("provider", "matters"): ("application", frozenset({"application.assigned"})),
    ("portal", "issued_documents"): ("application", _RESULTS),
    ("csc", "issued_documents"): ("application", _RESULTS),
}
"""New rows of these tables name an application; they may only come of a message of these types about it."""


def check(history: History) -> list[Violation]:
    """All violations, in the order of the checks."""
    return [violation for one in CHECKS for violation in one(history)]


def clients_served(history: History) -> Iterator[Violation]:
    """Who kept asking was served in the end: no client gave up."""
    for op in history.operations:
        if op.outcome != "ok":
            text = f"{op.action}: {op.outcome} after {op.tries} tries and {op.ended - op.started:.0f} s ({op.detail})"
            yield Violation("client-gave-up", "lost", op.application or op.client, text)


def accepted_is_sent(history: History) -> Iterator[Violation]:
    """What a client was told is accepted left the channel's system exactly once."""
    sent = Counter(
        message["subject"] for message in history.messages.values() if message["type"] == "application.submitted"
    )
    for application in history.accepted:
        if not sent[application]:
            yield Violation("acceptance-lost", "lost", application, "accepted, but never sent")
        elif sent[application] > 1:
            yield Violation("submitted-twice", "doubled", application, f"sent as {sent[application]} messages")


def exactly_one_end(history: History) -> Iterator[Violation]:
    """Every accepted application reached one terminal state, its states only ever went on, and the journals agree."""
    for application, states in _states(history).items():
        channel = history.accepted.get(application)
        if channel is None:
            continue
        ranks = [_RANKS[channel].get(state, -1) for state in states]
        if -1 in ranks:
            unknown = states[ranks.index(-1)]
            yield Violation("state-unknown", "wrong", application, f"the checker does not know {unknown}")
            continue
        ends = [state for state, rank in zip(states, ranks, strict=True) if rank == _TERMINAL]
        if not ends:
            yield Violation("no-terminal-state", "lost", application, f"ended as {states[-1]}")
        elif len(set(ends)) > 1:
            yield Violation("two-terminal-states", "doubled", application, " and ".join(dict.fromkeys(ends)))
        back = [(a, b) for (a, ra), (b, rb) in pairwise(zip(states, ranks, strict=True)) if rb < ra]
        for before, after in back:
            yield Violation("state-went-back", "wrong", application, f"{before} became {after}")
    for application in history.accepted.keys() - _states(history).keys():
        yield Violation("no-terminal-state", "lost", application, "the channel's system does not know it")


def exactly_one_result(history: History) -> Iterator[Violation]:
    """One decision, one act delivered; what a client was shown is that act."""
    decided = _count(history.messages.values(), {"decision.made"})
    delivered = _count(history.messages.values(), _RESULTS)
    issued, states = _issued(history), _states(history)
    for application, channel in history.accepted.items():
        if _WITHOUT_RESULT.intersection(states.get(application, ())[-1:]):
            continue
        for name, found in (("decisions", decided), ("answers", delivered)):
            if found[application] > 1:
                yield Violation("two-results", "doubled", application, f"{found[application]} {name}")
        acts = issued.get(application, [])
        if not acts:
            yield Violation("no-result", "lost", application, f"no act arrived at the {channel}")
        elif len(acts) > 1:
            yield Violation("two-results", "doubled", application, f"{len(acts)} acts were kept")


def shown_is_kept(history: History) -> Iterator[Violation]:
    """What a client was shown as the result is the act that is kept."""
    issued = _issued(history)
    for op in history.operations:
        if op.action == "result" and op.outcome == "ok" and op.detail not in issued.get(op.application or "", []):
            yield Violation("result-not-kept", "wrong", op.application or "", f"the client was shown {op.detail}")


def numbers(history: History) -> Iterator[Violation]:
    """Registration and queue numbers are unique and gapless, and nobody has two."""
    entries: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for change in history.of("regional-gateway", "registration_journal", "insert"):
        year, _, number = str(change.row["entry_number"]).rpartition("-")
        entries[f"registration journal {year}"][change.row["application"]].append(int(number))
    for change in history.of("regional-gateway", "queue_places", "insert"):
        entries[f"queue {change.row['queue']}"][change.row["application"]].append(int(change.row["number"]))
    for series, given in sorted(entries.items()):
        for application, found in given.items():
            if len(found) > 1:
                yield Violation("numbered-twice", "doubled", application, f"{series}: {sorted(found)}")
        counts = Counter(number for found in given.values() for number in found)
        for number, times in sorted(counts.items()):
            if times > 1:
                yield Violation("number-doubled", "doubled", series, f"{number} was given {times} times")
        gaps = sorted(set(range(min(counts), max(counts) + 1)) - counts.keys())
        if gaps or min(counts) != 1:
            yield Violation("number-gap", "wrong", series, f"missing: {gaps or 'from 1 on'}")


def applied_once(history: History) -> Iterator[Violation]:
    """No system took a message twice, and no message had the same effect twice."""
    for system in history.systems:
        taken = Counter(change.row["message_id"] for change in history.of(system, "inbox", "insert"))
        for message_id, times in taken.items():
            if times > 1:
                yield Violation("taken-twice", "doubled", _subject(history, message_id), f"{system}: {message_id}")
    effects: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for message_id, message in history.messages.items():
        if message.get("causationid") and message["type"] not in _MANY_OF_ONE:
            key = tuple(message.get(name) for name in ("causationid", "source", "type", "destination", "subject"))
            effects[key].append(message_id)
    for (cause, source, kind, *_), found in effects.items():
        if len(found) > 1:
            text = f"{source} sent {kind} {len(found)} times because of {cause}"
            yield Violation("applied-twice", "doubled", _subject(history, found[0]), text)
    steps = Counter(
        tuple(change.row.get(name) for name in ("application", "actor", "kind", "step", "message_id"))
        for change in history.of("gateway", "journal", "insert")
    )
    for (application, actor, kind, step, _), times in steps.items():
        if times > 1:
            yield Violation("journaled-twice", "doubled", str(application), f"{actor}: {kind} {step}, {times} times")


_MANY_OF_ONE = frozenset({"journal.recorded", "registry.requested", "notice.issued", "message.rejected"})
"""Of these one message may cause several of the same kind, each about something else."""


def order_kept(history: History) -> Iterator[Violation]:
    """A system takes the messages about one application in the order in which they stand in the partition."""
    for system in history.systems:
        last: dict[tuple[str, str, int], Change] = {}
        for change in history.of(system, "inbox", "insert"):
            subject = _subject(history, change.row["message_id"])
            place = (subject, change.row["topic"], change.row["partition"])
            before = last.get(place)
            if before is not None and before.row["record_offset"] > change.row["record_offset"]:
                text = (
                    f"{system} took offset {change.row['record_offset']} of {place[1]}/{place[2]} after"
                    f" {before.row['record_offset']}"
                )
                yield Violation("order-broken", "wrong", subject, text)
            last[place] = change


def one_partition(history: History) -> Iterator[Violation]:
    """All messages about one application come by one partition of a topic, journal events among them."""
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    for change in history.everywhere("inbox", "insert"):
        for subject in history.about(change.row["message_id"]):
            places[subject, change.row["topic"]].add(change.row["partition"])
    for (subject, topic), partitions in places.items():
        if len(partitions) > 1:
            yield Violation("two-partitions", "wrong", subject, f"{topic}: {sorted(partitions)}")


def effects_have_causes(history: History) -> Iterator[Violation]:
    """What a message must have led to was done in the transaction that took such a message, and in no other."""
    for (system, table), (column, types) in _CAUSES.items():
        for change in history.of(system, table, "insert"):
            about = change.row[column]
            if not any(c["type"] in types and c["subject"] == about for c in history.causes(change)):
                yield Violation("effect-without-cause", "wrong", about, f"{system}: a row of {table} came of nothing")
    for change in history.of("gateway", "message_log", "insert"):
        message_id = change.row["message_id"]
        if not any(cause["message_id"] == message_id for cause in history.causes(change)):
            about = _subject(history, message_id)
            yield Violation("effect-without-cause", "wrong", about, f"gateway: {message_id} was relayed unasked")


def delivered(history: History) -> Iterator[Violation]:
    """Every message sent was taken by whom it was for, or is a dead letter; and its sender knows (empty outbox)."""
    taken = {(change.system, change.row["message_id"]) for change in history.everywhere("inbox", "insert")}
    dead = {change.row["message_id"] for change in history.everywhere("dead_letters", "insert")}
    for message_id, message in history.messages.items():
        if (message["destination"], message_id) not in taken and message_id not in dead:
            text = f"{message['type']} {message_id} from {message['source']} never reached {message['destination']}"
            yield Violation("message-lost", "lost", message["subject"], text)
    for system in history.systems:
        waiting = {change.row["message_id"]: change for change in history.of(system, "outbox", "insert")}
        for change in history.of(system, "outbox", "delete"):
            waiting.pop(change.row["message_id"], None)
        for message_id, change in waiting.items():
            text = f"{system} still waits for the receipt of {change.row['type']} {message_id}"
            yield Violation("no-receipt", "wrong", change.row["subject"], text)


def rejected_is_buried(history: History) -> Iterator[Violation]:
    """Every rejected record stands in a dead-letter topic with its reason and report, also each one tampered with."""
    published: dict[tuple[str, str], list[tuple[str | None, bool]]] = defaultdict(list)
    for letter in history.dead_letters:
        published[letter.topic, letter.digest].append((letter.reason, letter.report))
    for change in history.everywhere("dead_letters", "insert"):
        row = change.row
        about = f"{row['topic']}/{row['partition']}/{row['record_offset']}"
        found = published.get((row["topic"] + ".dlq", row["digest"]), [])
        if not found:
            yield Violation("not-in-dead-letters", "lost", about, f"{row['reason']}: not in the dead-letter topic")
        elif not any(reason == row["reason"] and report for reason, report in found):
            yield Violation("dead-letter-without-reason", "wrong", about, f"{row['reason']} became {found}")
    buried = {(change.row["topic"], change.row["digest"]) for change in history.everywhere("dead_letters", "insert")}
    for tampered in history.tampered:
        if (tampered.topic, tampered.digest) not in buried:
            text = f"{tampered.what}: rejected by nobody"
            yield Violation("tampered-not-rejected", "wrong", f"{tampered.topic} {tampered.digest}", text)
    letters = {change.row["message_id"] for change in history.everywhere("dead_letters", "insert")}
    for change in history.everywhere("inbox", "insert"):
        if change.row["state"] == "DELIVERY_STOPPED" and change.row["message_id"] not in letters:
            about = _subject(history, change.row["message_id"])
            yield Violation("not-in-dead-letters", "lost", about, f"{change.system} refused it and kept nothing")


def conformant(history: History) -> Iterator[Violation]:
    """No run deviates from its regulation, and nothing wrong comes after its end."""
    for application in history.accepted:
        verdict = history.verdicts.get(application)
        if verdict is None:
            yield Violation("not-journaled", "lost", application, "the gateway has no journal of it")
        elif verdict.verdict == "deviating":
            yield Violation("deviating", "wrong", application, "; ".join(verdict.remarks))
        elif verdict.afterwards:
            yield Violation("deviating", "wrong", application, "afterwards: " + "; ".join(verdict.afterwards))
        elif verdict.outcome is None:
            yield Violation(
                "journal-incomplete", "lost", application, f"{verdict.verdict}: {'; '.join(verdict.remarks)}"
            )


def verdict_stays(history: History) -> Iterator[Violation]:
    """Who was told how a run ended is never told otherwise."""
    told: dict[str, list[tuple[str | None, str]]] = defaultdict(list)
    for answer in sorted(history.answers, key=lambda answer: answer.at):
        told[answer.application].append((answer.outcome, answer.verdict))
    for application, verdict in history.verdicts.items():
        told[application].append((verdict.outcome, verdict.verdict))
    for application, answers in told.items():
        given = [place for place, (outcome, _) in enumerate(answers) if outcome is not None]
        since = answers[given[0] :] if given else []
        if len(set(since)) > 1:
            ways = " → ".join(f"{verdict} ({outcome})" for outcome, verdict in dict.fromkeys(since))
            yield Violation("verdict-changed", "wrong", application, ways)


CHECKS: tuple[Check, ...] = (
    clients_served,
    accepted_is_sent,
    exactly_one_end,
    exactly_one_result,
    shown_is_kept,
    numbers,
    applied_once,
    order_kept,
    one_partition,
    effects_have_causes,
    delivered,
    rejected_is_buried,
    conformant,
    verdict_stays,
)


def _states(history: History) -> dict[str, list[str]]:
    """The states an application was in at its channel's system, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for system, (table, key) in _MATTERS.items():
        for change in history.of(system, table, "insert", "update"):
            states = found[change.row[key]]
            if not states or states[-1] != change.row["state"]:
                states.append(change.row["state"])
    return found


def _issued(history: History) -> dict[str, list[str]]:
    """SHA-256 of the acts that the channel's system kept, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for system in _MATTERS:
        for change in history.of(system, "issued_documents", "insert", "update"):
            found[change.row["application"]].append(change.row["sha256"])
    return found


def _count(messages: Iterable[Mapping[str, Any]], types: Iterable[str]) -> Counter[str]:
    wanted = frozenset(types)
    return Counter(message["subject"] for message in messages if message["type"] in wanted)


def _subject(history: History, message_id: str) -> str:
    message = history.messages.get(message_id)
    return message["subject"] if message is not None else message_id
