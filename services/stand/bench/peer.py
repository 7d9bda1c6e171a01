"""A peer: the same flow in SpiffWorkflow, its state serialised and saved in SQLite after every step.

What it includes is the flow and its persistence. There is no HTTP, no message between systems, no signature, no journal
and no second database; it runs in one process. SpiffWorkflow (LGPL) is no dependency of the stand: the peer is left out
where it is not installed (``pip install egov-stand[bench]``).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any
from xml.sax.saxutils import quoteattr

from services.stand.cases import CASES, SERVICE, form_for
from shared.kit.iin import make_iin
from shared.regulations.actions import Action
from shared.regulations.loader import load_regulations
from shared.regulations.model import Step

NAME = "SpiffWorkflow"
INCLUDES = "flow and SQLite after every step; no HTTP, messages, signatures, journal"
_PROCESS = "portal"
_BORN = date(2023, 1, 1)
_SAVE = "INSERT INTO runs VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state"


def spiff_alone(data_dir: Path, runs: int) -> dict[str, Any]:
    """Applications a second through the portal's flow to the granted end; says why if it is not there."""
    try:
        found = version(NAME)
    except PackageNotFoundError:
        return {"name": NAME, "skipped": "not installed"}
    channel = load_regulations()[SERVICE].channel("portal")
    # Registration is once a person, not once an application.
    steps = [step for step in channel.steps if step.action is not Action.REGISTER_RECIPIENT]
    engine = _Engine(steps)
    person = {"iin": "900412412107", "names": {"ru": {"surname": "ТЕСТОВА", "given_name": "ТЕСТ"}}}
    with closing(sqlite3.connect(data_dir / "spiff.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
        started, saves = perf_counter(), 0
        for number in range(runs):
            form = form_for(CASES[0], person, make_iin(_BORN, "male", number), _BORN)
            for state in engine.run(form):
                database.execute(_SAVE, (number, state))
                saves += 1
        seconds = perf_counter() - started
    return {
        "name": f"{NAME} {found}",
        "applications_per_s": runs / seconds,
        "steps_per_application": saves / runs,
        "includes": INCLUDES,
    }


def bpmn(steps: Sequence[Step]) -> str:
    """The flow of a channel in BPMN 2.0: conditions as gateways, ends as end events, everything else as tasks."""
    nodes, flows = ['<startEvent id="start"/>'], [_flow("start", steps[0].id)]
    for number, step in enumerate(steps):
        following = step.next or (steps[number + 1].id if number + 1 < len(steps) else None)
        if step.on_fail is not None:
            default = f"{step.id}-failed"
            nodes.append(f"<exclusiveGateway id={quoteattr(step.id)} default={quoteattr(default)}/>")
            flows.append(_flow(step.id, str(following), condition="passed"))
            flows.append(_flow(step.id, step.on_fail, name=default))
            continue
        nodes.append(f"<scriptTask id={quoteattr(step.id)}><script>last = {step.id!r}</script></scriptTask>")
        if step.terminal is not None:
            nodes.append(f"<endEvent id={quoteattr(f'{step.id}-end')}/>")
            following = f"{step.id}-end"
        flows.append(_flow(step.id, str(following)))
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="egov">'
        f'<process id="{_PROCESS}" isExecutable="true">{"".join(nodes + flows)}</process></definitions>'
    )


def _flow(source: str, target: str, *, condition: str | None = None, name: str | None = None) -> str:
    inner = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>' if condition else ""
    found = name or f"{source}-to-{target}"
    return (
        f"<sequenceFlow id={quoteattr(found)} sourceRef={quoteattr(source)} targetRef={quoteattr(target)}>"
        f"{inner}</sequenceFlow>"
    )


class _Engine:
    """SpiffWorkflow with the flow loaded. Imported late and without types: it may not be there."""

    def __init__(self, steps: Sequence[Step]) -> None:
        parser = import_module("SpiffWorkflow.bpmn.parser").BpmnParser()
        parser.add_bpmn_str(bpmn(steps).encode())
        self._specification = parser.get_spec(_PROCESS)
        self._start = import_module("SpiffWorkflow.bpmn").BpmnWorkflow
        self._serializer = import_module("SpiffWorkflow.bpmn.serializer").BpmnWorkflowSerializer()
        self._ready = import_module("SpiffWorkflow.util.task").TaskState.READY
        self._steps = {step.id for step in steps}

    def run(self, form: dict[str, Any]) -> Iterator[str]:
        """One application, task after task; its serialised state after every step."""
        run = self._start(self._specification)
        while not run.is_completed():
            task = run.get_next_task(state=self._ready)
            if task is None:
                raise RuntimeError("the flow stands still")
            if not task.data:
                task.data.update(form=form, passed=True)
            task.run()
            if task.task_spec.bpmn_id in self._steps:
                yield self._serializer.serialize_json(run)
