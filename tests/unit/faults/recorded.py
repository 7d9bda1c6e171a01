"""The history of a run as it should be: two applications, one through each diagram; tests spoil it."""

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal

from tests.faults.history import Change, DeadLetter, History, Operation, Verdict

PORTAL_APPLICATION, CENTRE_APPLICATION = "application-p", "application-c"


@dataclass
class Recording:
    """Builds a history change by change; ``spoil`` rewrites what is there."""

    history: History = field(default_factory=History)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def change(
        self,
        system: str,
        table: str,
        row: dict[str, Any],
        *,
        tx: int,
        kind: Literal["insert", "update", "delete"] = "insert",
    ) -> None:
        number = next(self._numbers)
        self.history.changes.append(Change(system, number, tx, float(number), table, kind, row))
        self.history.forget_views()

    def send(self, message_id: str, kind: str, way: str, subject: str, *, tx: int, cause: str | None = None) -> None:
        """A message into the outbox of its source and, at once, out of it by a receipt."""
        source, _, destination = way.partition(" > ")
        row = {"message_id": message_id, "type": kind, "source": source, "destination": destination}
        self.change(source, "outbox", {**row, "subject": subject, "causationid": cause}, tx=tx)
        self.change(source, "outbox", {"message_id": message_id}, tx=tx + 500, kind="delete")

    def take(self, system: str, message_id: str, *, tx: int, offset: int, state: str = "DELIVERED") -> None:
        """A message into the inbox."""
        row = {"message_id": message_id, "state": state, "topic": f"egov.{system}.in"}
        self.change(system, "inbox", {**row, "partition": 0, "record_offset": offset}, tx=tx)

    def bury(self, topic: str, digest: str, message_id: str | None, reason: str = "signature") -> None:
        """A dead letter, in the database and in its topic."""
        row = {"topic": topic, "partition": 0, "record_offset": 77, "digest": digest, "message_id": message_id}
        self.change("provider", "dead_letters", {**row, "reason": reason}, tx=900)
        self.history.dead_letters.append(DeadLetter(f"{topic}.dlq", digest, reason, report=True))

    def operation(self, channel: str, action: str, application: str, outcome: Any = "ok", detail: str = "") -> None:
        """What a client was told."""
        self.history.operations.append(Operation("somebody", channel, action, application, outcome, 0, 1, 1, detail))

    # -- spoiling --------------------------------------------------------------------------------------------

    def drop(self, system: str, table: str, kind: str = "insert", **row: Any) -> None:
        """As if that change had never been."""
        found = self.find(system, table, kind, **row)
        self.history.changes.remove(found)
        self.history.forget_views()

    def rewrite(self, system: str, table: str, kind: str = "insert", *, into: dict[str, Any], **row: Any) -> None:
        """As if other values had been written."""
        found = self.find(system, table, kind, **row)
        place = self.history.changes.index(found)
        self.history.changes[place] = replace(found, row={**found.row, **into})
        self.history.forget_views()

    def find(self, system: str, table: str, kind: str = "insert", **row: Any) -> Change:
        """The one change of that table with these values."""
        found = [
            change
            for change in self.history.changes
            if (change.system, change.table, change.change) == (system, table, kind)
            and row.items() <= change.row.items()
        ]
        assert len(found) == 1, found
        return found[0]


def recorded() -> Recording:
    """Nothing was lost, doubled or wrong."""
    made = Recording()
    for number, (channel, application) in enumerate(
        (("portal", PORTAL_APPLICATION), ("csc", CENTRE_APPLICATION)), start=1
    ):
        _apply(made, channel, application, number)
    return made


def _apply(made: Recording, channel: str, application: str, number: int) -> None:
    base, i = 10 * number, f"-{number}"
    table, key = ("applications", "id") if channel == "portal" else ("matters", "id")
    way = f"{channel} > regional-gateway"

    def state(name: str, tx: int, kind: Literal["insert", "update"] = "update") -> None:
        made.change(channel, table, {key: application, "state": name}, tx=tx, kind=kind)

    state("draft" if channel == "portal" else "entering", base, "insert")
    if channel == "csc":
        state("querying", base)
        state("registry_silent", base)
        state("querying", base)
        state("completing", base)
    made.operation(channel, "submit", application)
    state("submitted", base + 1)
    made.send(f"submitted{i}", "application.submitted", way, application, tx=base + 1)
    made.take("gateway", f"submitted{i}", tx=base, offset=number)
    made.change("gateway", "message_log", {"message_id": f"submitted{i}", "delivery_state": "DELIVERED"}, tx=base)
    event = {"kind": "step", "application": application, "step": "process-5", "actor": channel, "message_id": None}
    made.change("gateway", "journal", {"event_id": f"event{i}", **event}, tx=base)

    made.take("regional-gateway", f"submitted{i}", tx=base, offset=number)
    entry = {"application": application, "entry_number": f"2026-{number:06d}", "status": "registered"}
    made.change("regional-gateway", "registration_journal", entry, tx=base)
    made.send(
        f"assigned{i}",
        "application.assigned",
        "regional-gateway > provider",
        application,
        tx=base,
        cause=f"submitted{i}",
    )
    made.take("provider", f"assigned{i}", tx=base, offset=2 * number)
    made.change("provider", "matters", {"application": application, "state": "placing"}, tx=base)
    made.send(
        f"placement{i}",
        "queue_placement.requested",
        "provider > regional-gateway",
        application,
        tx=base,
        cause=f"assigned{i}",
    )
    made.take("regional-gateway", f"placement{i}", tx=base + 2, offset=10 + number)
    place = {"application": application, "queue": "preschool", "number": number}
    made.change("regional-gateway", "queue_places", place, tx=base + 2)
    made.send(
        f"decision{i}",
        "decision.made",
        "provider > regional-gateway",
        application,
        tx=base + 1,
        cause=f"placement{i}",
    )
    made.take("regional-gateway", f"decision{i}", tx=base + 3, offset=20 + number)
    back = f"regional-gateway > {channel}"
    made.send(f"result{i}", "result.delivered", back, application, tx=base + 3, cause=f"decision{i}")
    made.take(channel, f"result{i}", tx=base + 5, offset=number)
    act = {"application": application, "sha256": f"act{i}", "granted": True}
    made.change(channel, "issued_documents", act, tx=base + 5)
    state("granted" if channel == "portal" else "ready", base + 5)
    if channel == "csc":
        state("handed_out", base + 6)
    made.operation(channel, "result", application, detail=f"act{i}")
    made.history.verdicts[application] = Verdict("granted", "conformant")
