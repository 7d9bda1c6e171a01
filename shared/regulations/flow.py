"""A pure walker over the steps of a channel: where a run starts, what follows, how it can end.

It knows no system, message or time. Loading has already proved that targets exist, that there is no loop and that every
branch ends, so the walker does not check again.
"""

from collections.abc import Sequence

from shared.regulations.actions import CONDITIONS
from shared.regulations.model import Channel, Step
from shared.regulations.parts import Outcome


def is_condition(step: Step) -> bool:
    """Whether the step passes or fails."""
    return step.action in CONDITIONS


class Flow:
    """The flow of one channel. Raises ``ValueError`` for a channel without steps."""

    def __init__(self, channel: Channel) -> None:
        if not channel.steps:
            raise ValueError("the channel has no steps")
        self._steps = {step.id: step for step in channel.steps}
        ids = [step.id for step in channel.steps if not step.instead_of]
        self._after = dict(zip(ids, [*ids[1:], None], strict=True))
        self._first = ids[0]
        self._instead = {name: tuple(s for s in channel.steps if name in s.instead_of) for name in ids}

    def step(self, step_id: str) -> Step:
        """The step of that id; raises ``KeyError`` if there is none."""
        return self._steps[step_id]

    def start(self) -> Step:
        """The first step of the list."""
        return self._steps[self._first]

    def following(self, step: str, passed: bool | None = None) -> Step | None:
        """The step after ``step``, or ``None`` after a terminal.

        ``passed`` is the answer of a condition and is needed there; elsewhere it must not decide and is ignored.
        Raises ``KeyError`` for an unknown step, ``ValueError`` for a condition without an answer.
        """
        current = self._steps[step]
        if current.terminal is not None:
            return None
        if is_condition(current):
            if passed is None:
                raise ValueError(f"{step} is a condition: say whether it passed")
            if not passed:
                return self._steps[current.on_fail] if current.on_fail else None
        target = current.next or self._after[step]
        return self._steps[target] if target else None

    def branches(self, step: str) -> tuple[tuple[bool | None, Step], ...]:
        """Every way on from ``step`` with the answer that leads there; empty after a terminal."""
        answers = (True, False) if is_condition(self._steps[step]) else (None,)
        ways = ((answer, self.following(step, answer)) for answer in answers)
        return tuple((answer, target) for answer, target in ways if target is not None)

    def instead_of(self, step: str) -> tuple[Step, ...]:
        """The ends outside the list that may be taken when ``step`` is due."""
        return self._instead.get(step, ())

    def ready(self, step: Step | None) -> tuple[Step, ...]:
        """The steps that may be taken when ``step`` is due: itself, the ends that may be taken instead, and the step
        after it while it is optional."""
        due: list[Step] = []
        while step is not None:
            due += [step, *self.instead_of(step.id)]
            step = self.following(step.id) if step.optional and not is_condition(step) else None
        return tuple(due)


def paths(channel: Channel) -> list[tuple[str, ...]]:
    """Every path of step ids from the start to a terminal; an optional step gives a path with and one without it.

    Order: passed before failed, a step before the ends that may be taken instead, and with the optional step before
    without.
    """
    flow = Flow(channel)
    found: list[tuple[str, ...]] = []

    def walk(step: Step, behind: tuple[str, ...]) -> None:
        here = (*behind, step.id)
        if step.terminal is not None:
            found.append(here)
            return
        for _, following in flow.branches(step.id):
            for ready in flow.ready(following):
                walk(ready, here)

    for first in flow.ready(flow.start()):
        walk(first, ())
    return found


def outcome(channel: Channel, path: Sequence[str]) -> Outcome | None:
    """How a run that took the steps of ``path`` ended: the outcome of its last step, ``None`` while it is under way."""
    last = channel.step(path[-1]) if path else None
    return last.terminal if last else None
