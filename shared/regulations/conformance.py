"""The conformance verdict: one application's journal against the regulation.

The events are taken in the order given, which is the order of the journal; events of the same instant therefore keep
it. A walk keeps the steps that are due, takes each event against them and names what does not fit:

1. the event belongs to this regulation and channel, its time does not go back (but by what the clock was set
   back), its step exists, its actor is the system that owns the step;
2. nothing comes after a terminal, nothing comes twice;
3. a due step is taken; a step of the branch that a condition closed is ``condition-not-followed``;
   a step further on means that steps were left out (``missing-step``) or come later (``out-of-order``);
4. without a terminal the run is ``incomplete``, if nothing else is wrong.

The tasks of the provider's procedure and every term are judged in ``judgement``, which gives the verdict on a whole
journal.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from pydantic import AwareDatetime

from shared.regulations.flow import Flow, is_condition
from shared.regulations.model import Regulation, Step
from shared.regulations.parts import Outcome, Part

DeviationName = Literal[
    "missing-step",
    "out-of-order",
    "repeated-step",
    "step-after-terminal",
    "wrong-actor",
    "condition-not-followed",
    "unknown-step",
    "no-terminal",
    "wrong-regulation",
    "time-goes-back",
    "step-overdue",
    "missing-task",
    "task-out-of-order",
    "repeated-task",
    "unknown-task",
    "wrong-role",
    "task-overdue",
    "task-too-early",
    "overdue",
    "outside-hours",
    "missing-notice",
    "notice-overdue",
    "course-too-early",
    "course-overdue",
]


class StepEvent(Part):
    """A step taken, as a system journaled it. ``passed`` is the answer of a condition."""

    application: str
    regulation: str
    channel: str
    step: str
    actor: str
    time: AwareDatetime
    passed: bool | None = None
    message_id: str | None = None
    clause: str
    detail: str | None = None
    set_back_s: float = 0.0
    """Seconds by which the clock had ever been set back when the step was journaled."""


class Journaled(Protocol):
    """A journal event in any form, on the wire or as it is kept: a step taken, or a mark on the way."""

    @property
    def kind(self) -> str: ...
    @property
    def application(self) -> str: ...
    @property
    def regulation(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def passed(self) -> bool | None: ...
    @property
    def message_id(self) -> str | None: ...
    @property
    def clause(self) -> str: ...
    @property
    def detail(self) -> str | None: ...
    @property
    def variant(self) -> str | None: ...
    @property
    def role(self) -> str | None: ...
    @property
    def set_back_s(self) -> float: ...


def step_events(events: Iterable[Journaled]) -> list[StepEvent]:
    """The steps among journal events, marks left out, in the order given."""
    return [
        StepEvent(
            application=event.application,
            regulation=event.regulation,
            channel=event.channel,
            step=event.step,
            actor=event.actor,
            time=event.at,
            passed=event.passed,
            message_id=event.message_id,
            clause=event.clause,
            detail=event.detail,
            set_back_s=event.set_back_s,
        )
        for event in events
        if event.kind == "step"
    ]


class Deviation(Part):
    """One way in which the run differs from the regulation, at ``step`` (``None``: the run as a whole)."""

    name: DeviationName
    step: str | None
    text: str


class Verdict(Part):
    """``incomplete`` means that the run is right as far as it goes. ``steps``: the ids in the order of the events."""

    verdict: Literal["conformant", "deviating", "incomplete"]
    outcome: Outcome | None
    steps: tuple[str, ...]
    deviations: tuple[Deviation, ...]


def conformance(regulation: Regulation, channel: str, events: Sequence[StepEvent]) -> Verdict:
    """The verdict on the events of one application.

    Raises ``KeyError`` for a channel the regulation has not, ``ValueError`` for one without steps and for events of
    several applications.
    """
    if len({event.application for event in events}) > 1:
        raise ValueError("a verdict is on one application")
    flow = Flow(regulation.channel(channel))
    walk = _Walk(flow, regulation.id, channel, events)
    for place, event in enumerate(events):
        walk.take(place, event)
    if walk.end is None:
        walk.deviate("no-terminal", None, "no step that ends the run was taken")
    names = {deviation.name for deviation in walk.deviations}
    return Verdict(
        verdict="conformant" if not names else "incomplete" if names == {"no-terminal"} else "deviating",
        outcome=walk.end.terminal if walk.end else None,
        steps=tuple(event.step for event in events),
        deviations=tuple(walk.deviations),
    )


class _Walk:
    """The state of one comparison."""

    def __init__(self, flow: Flow, regulation: str, channel: str, events: Sequence[StepEvent]) -> None:
        self.flow, self.regulation, self.channel, self.events = flow, regulation, channel, events
        self.deviations: list[Deviation] = []
        self.end: Step | None = None
        self._due = flow.ready(flow.start())
        self._seen: set[str] = set()
        self._overtaken: set[str] = set()
        self._closed: set[str] = set()
        self._reached: dict[str, frozenset[str]] = {}

    def deviate(self, name: DeviationName, step: str | None, text: str) -> None:
        self.deviations.append(Deviation(name=name, step=step, text=text))

    def take(self, place: int, event: StepEvent) -> None:
        """Set one event against the flow."""
        # A step may be journaled with the time at which it was taken, before the clock was set back.
        if place and event.time + timedelta(seconds=event.set_back_s) < self.events[place - 1].time:
            self.deviate("time-goes-back", event.step, f"{event.step} is earlier than the event journaled before it")
        step = self._known(event)
        if step is None:
            return
        if event.actor != step.actor:
            self.deviate("wrong-actor", step.id, f"{step.id} belongs to {step.actor.value}, journaled by {event.actor}")
        if is_condition(step) and event.passed is None:
            self.deviate("condition-not-followed", step.id, f"{step.id} does not say whether it passed")
        if step.id in self._seen:
            self.deviate("repeated-step", step.id, f"{step.id} was taken before")
            return
        self._seen.add(step.id)
        if step.id in self._overtaken:
            self._late(step, event)
        elif self.end is not None:
            self.deviate("step-after-terminal", step.id, f"{step.id} comes after {self.end.id}, which ends the run")
        elif self._fits(place, step):
            self._move(step, event)

    def _known(self, event: StepEvent) -> Step | None:
        if (event.regulation, event.channel) != (self.regulation, self.channel):
            text = f"{event.step} was taken under {event.regulation}, channel {event.channel}"
            self.deviate("wrong-regulation", event.step, text)
            return None
        try:
            return self.flow.step(event.step)
        except KeyError:
            self.deviate("unknown-step", event.step, f"the channel has no step {event.step}")
            return None

    def _fits(self, place: int, step: Step) -> bool:
        """Whether the walk goes on from ``step``; deviations on the way to it are named."""
        if any(due.id == step.id for due in self._due):
            return True
        if step.id in self._closed:
            self.deviate("condition-not-followed", step.id, f"a condition before {step.id} leads elsewhere")
            # The run is on that branch now; what follows is judged by it, not reported again step by step.
            self._closed -= self._reach(step.id)
            return True
        skipped = self._between(step.id)
        if skipped is None:
            self.deviate("out-of-order", step.id, f"{step.id} comes after a step that it precedes")
            return False
        later = {event.step for event in self.events[place + 1 :]}
        overtaken = [name for name in skipped if name in later]
        for name in skipped:
            if name not in later:
                self.deviate("missing-step", name, f"{name} was not taken before {step.id}")
        if overtaken:
            self._overtaken.update(overtaken)
            self.deviate("out-of-order", step.id, f"{step.id} was taken before {', '.join(overtaken)}")
        return True

    def _move(self, step: Step, event: StepEvent) -> None:
        if step.terminal is not None:
            self.end, self._due = step, ()
            return
        if is_condition(step) and event.passed is None:
            self._due = tuple(due for _, way in self.flow.branches(step.id) for due in self.flow.ready(way))
            return
        self._close(step, event.passed)
        self._due = self.flow.ready(self.flow.following(step.id, event.passed))

    def _late(self, step: Step, event: StepEvent) -> None:
        """An overtaken condition may turn out to have closed the branch the walk is on."""
        if is_condition(step) and event.passed is not None:
            self._close(step, event.passed)
            here = [self.end] if self.end else list(self._due)
            if here and all(at.id in self._closed for at in here):
                text = f"{step.id} {'passed' if event.passed else 'failed'}, and the run went the other way"
                self.deviate("condition-not-followed", step.id, text)

    def _close(self, step: Step, passed: bool | None) -> None:
        """Note the steps that only the other answer leads to."""
        if is_condition(step):
            ways = dict(self.flow.branches(step.id))
            self._closed |= self._reach(ways[not passed].id) - self._reach(ways[bool(passed)].id)

    def _reach(self, name: str) -> frozenset[str]:
        if name not in self._reached:
            onward = (self._reach(target.id) for _, target in self.flow.branches(name))
            instead = (step.id for step in self.flow.instead_of(name))
            self._reached[name] = frozenset({name}).union(instead, *onward)
        return self._reached[name]

    def _between(self, goal: str) -> list[str] | None:
        """The required steps on the shortest way from a due step to ``goal``; ``None``: there is no way."""
        ways: list[tuple[Step, list[str]]] = [(due, []) for due in self._due]
        while ways:
            step, behind = ways.pop(0)
            if step.id == goal:
                return behind
            onward = behind if step.optional else [*behind, step.id]
            for _, target in self.flow.branches(step.id):
                ways += [(way, onward) for way in (target, *self.flow.instead_of(target.id))]
        return None
