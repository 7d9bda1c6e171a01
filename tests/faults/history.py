"""What happened, as the parties saw it: the material from which ``checks`` proves that nothing was lost or doubled.

As in Jepsen, clients write down what they asked for and what they were told (``ok``, ``fail``, or ``unknown`` when no
answer came), and the effects are written down apart from them: every change of a row by the database itself, in the
transaction of the change. What else that transaction took from the inbox is the cause of the change.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["ok", "fail", "unknown"]
"""``fail``: it certainly did not happen. ``unknown``: no answer came, it may have happened."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a client wanted, and what it was told in the end."""

    client: str
    channel: str
    action: str
    """``draft``, ``submit``, ``follow`` (to the end), ``result``."""
    application: str | None
    outcome: Outcome
    started: float
    ended: float
    tries: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row, written down by the database of ``system`` in the transaction ``tx``."""

    system: str
    seq: int
    tx: int
    at: float
    table: str
    change: Literal["insert", "update", "delete"]
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record in a dead-letter topic."""

    topic: str
    digest: str
    reason: str | None
    report: bool
    """Whether it carries the report of what was wrong."""


@dataclass(frozen=True, slots=True)
class Tampered:
    """A record that a fault has put into a topic and that no system may take."""

    topic: str
    digest: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The run of one application against the regulation, as the gateway judges its journal."""

    outcome: str | None
    verdict: str
    remarks: tuple[str, ...] = ()
    """Deviations, and what is awaited."""
    afterwards: tuple[str, ...] = ()
    """What is wrong with what came after the end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict that somebody was told who asked while the run was under way, in order of ``at``."""

    application: str
    at: float
    outcome: str | None
    verdict: str


@dataclass
class History:
    """Everything recorded of one run."""

    operations: list[Operation] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    tampered: list[Tampered] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def of(self, system: str, table: str, *kinds: str) -> list[Change]:
        """The changes of a table, in order; with ``kinds`` only those."""
        found = self._by_table.get((system, table), [])
        return [change for change in found if not kinds or change.change in kinds]

    def everywhere(self, table: str, *kinds: str) -> list[Change]:
        """The changes of the tables of that name in all databases."""
        return [change for system in self.systems for change in self.of(system, table, *kinds)]

    @cached_property
    def systems(self) -> list[str]:
        """Whose databases were recorded."""
        return sorted({change.system for change in self.changes})

    @cached_property
    def messages(self) -> dict[str, Mapping[str, Any]]:
        """Envelope without content of every message that was ever sent, by id."""
        sent = sorted(self.everywhere("outbox", "insert"), key=lambda change: change.at)
        found: dict[str, Mapping[str, Any]] = {}
        for change in sent:
            # The first to send it is its source; the gateway's outbox holds it once more when it is relayed.
            found.setdefault(change.row["message_id"], change.row)
        return found

    def about(self, message_id: str) -> list[str]:
        """The applications that a message is about: its subject, or those of the events of a journal record."""
        message = self.messages.get(message_id)
        return [message_id] if message is None else list(message.get("about") or [message["subject"]])

    def causes(self, change: Change) -> list[Mapping[str, Any]]:
        """The messages that the transaction of ``change`` took; empty for a command from outside."""
        taken = self._taken_by_transaction.get((change.system, change.tx), [])
        return [self.messages[message_id] for message_id in taken if message_id in self.messages]

    @cached_property
    def accepted(self) -> dict[str, str]:
        """Channel of every application that a client was told is accepted, or that was sent without its knowing."""
        told = {op.application: op.channel for op in self.operations if op.action == "submit" and op.outcome == "ok"}
        sent = {
            message["subject"]: message["source"]
            for message in self.messages.values()
            if message["type"] == "application.submitted"
        }
        return {application: channel for application, channel in (sent | told).items() if application is not None}

    @cached_property
    def _by_table(self) -> dict[tuple[str, str], list[Change]]:
        found: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in sorted(self.changes, key=lambda change: change.seq):
            found[change.system, change.table].append(change)
        return found

    @cached_property
    def _taken_by_transaction(self) -> dict[tuple[str, int], list[str]]:
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for change in self.everywhere("inbox", "insert"):
            found[change.system, change.tx].append(change.row["message_id"])
        return found

    def forget_views(self) -> None:
        """Something was added: what was derived is derived anew."""
        for name in ("systems", "messages", "accepted", "_by_table", "_taken_by_transaction"):
            self.__dict__.pop(name, None)

    def write(self, file: Path) -> None:
        """Keep it, one JSON object a line, for whoever wants to look at a finding."""
        with file.open("w", encoding="utf-8") as out:
            for name, values in self._lists():
                for value in values:
                    out.write(json.dumps({"kind": name, **asdict(value)}, ensure_ascii=False, default=str) + "\n")
            for application, verdict in self.verdicts.items():
                line = {"kind": "verdict", "application": application, **asdict(verdict)}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _lists(self) -> Iterable[tuple[str, Iterable[Any]]]:
        return (
            ("operation", self.operations),
            ("change", self.changes),
            ("dead letter", self.dead_letters),
            ("tampered", self.tampered),
            ("answer", self.answers),
        )
