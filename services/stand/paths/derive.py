"""Which paths there are: for each regulation and channel, every case, every way to end, every result it may give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from shared.regulations.actions import Action
from shared.regulations.complaints import Way
from shared.regulations.flow import paths
from shared.regulations.grounds import may_refuse
from shared.regulations.judgement import RETURNED
from shared.regulations.model import Channel, Regulation
from shared.regulations.procedure import PROVIDERS_STEPS
from shared.regulations.samples import variants_of


@dataclass(frozen=True)
class PathPlan:
    """One path: what has to happen, and what comes out of it.

    ``end`` is the step that ends the run, ``steps`` the shortest way to it; ``result`` the kind the recipient gets.
    """

    regulation: str
    channel: str
    variant: str
    outcome: str
    end: str
    action: Action
    """Of the step that ends the run."""
    steps: tuple[str, ...]
    result: str | None
    is_alternative: bool = False
    """The provider gives this result by what it finds out, not by the form."""
    mark: str | None = None
    """What still has to be told after the end: nobody comes for the refusal, and it goes back; or complaints about the
    application are answered."""
    times: int = 1
    """How often that has to be told."""

    @property
    def name(self) -> str:
        """For people."""
        parts = (self.regulation, self.channel, self.variant, self.outcome, self.end)
        return " ".join(parts) + (f" → {self.result}" if self.result else "") + self.after

    @property
    def after(self) -> str:
        """What follows the end, for people."""
        said = "complaint levels" if self.mark == COMPLAINT_LEVELS else self.mark
        return f", {said}" if said else ""


COMPLAINT_LEVELS = "complaint_answered"
"""The mark of an answered complaint; the path has one of every level and addressee."""


def derive(regulations: Mapping[str, Regulation], only: str | None = None) -> list[PathPlan]:
    """All paths, in the order of the data; ``only``: of that regulation. Raises ``KeyError`` for an unknown one."""
    chosen = regulations.values() if only is None else (regulations[only],)
    return [
        plan
        for regulation in chosen
        for name, channel in regulation.channels.items()
        if channel.steps
        for plan in (*_of_channel(regulation, name, channel), *_complaining(regulation, name, channel))
    ]


def shortened(plans: list[PathPlan]) -> list[PathPlan]:
    """One path for every pair of regulation and channel: the first that is granted."""
    first: dict[tuple[str, str], PathPlan] = {}
    for plan in sorted(plans, key=lambda plan: plan.outcome != "granted"):
        first.setdefault((plan.regulation, plan.channel), plan)
    return [plan for plan in plans if first[plan.regulation, plan.channel] == plan]


def _complaining(regulation: Regulation, name: str, channel: Channel) -> Iterator[PathPlan]:
    """The first granted path of the portal once more, with complaints at every level that can be made there."""
    if name != "portal" or regulation.complaints is None:
        return
    made = [level for level in regulation.complaints.levels if Way.PORTAL in level.ways]
    first = next((plan for plan in _of_channel(regulation, name, channel) if plan.outcome == "granted"), None)
    if first is not None and made:
        yield replace(first, mark=COMPLAINT_LEVELS, times=sum(len(level.addressees) for level in made))


def _of_channel(regulation: Regulation, name: str, channel: Channel) -> Iterator[PathPlan]:
    for end, steps in _ends(channel).items():
        variants = variants_of(regulation, name)
        if not _asks_provider(channel, steps):
            # What ends before the provider ends alike in every case.
            variants = variants[:1]
        for variant in variants:
            if _stated(regulation, name, variant, end):
                yield from _ending(regulation, name, channel, variant, end, steps)


def _stated(regulation: Regulation, name: str, variant: str, end: str) -> bool:
    """Whether the text has this end in that case: some refuse the service in some cases only."""
    last = regulation.channel(name).step(end)
    refuses = last is not None and last.action is Action.REFUSE_SERVICE
    return not refuses or may_refuse(regulation, name, variant) is not None


def _ending(
    regulation: Regulation, name: str, channel: Channel, variant: str, end: str, steps: tuple[str, ...]
) -> Iterator[PathPlan]:
    last = channel.step(end)
    assert last is not None
    assert last.terminal is not None
    known = regulation.variant(variant)
    given = last.gives or (known.gives.get(last.terminal) if known else None) or channel.result_of(end)
    base = (regulation.id, name, variant, last.terminal, end, last.action, steps)
    yield PathPlan(*base, given)
    if last.action is Action.REFUSE_SERVICE and channel.storage is not None:
        yield PathPlan(*base, given, mark=RETURNED)
    if last.gives is None:
        for other in channel.alternatives.get(last.terminal, ()):
            if other != given:
                yield PathPlan(*base, other, is_alternative=True)


def _ends(channel: Channel) -> dict[str, tuple[str, ...]]:
    """The shortest path to every end."""
    shortest: dict[str, tuple[str, ...]] = {}
    for path in sorted(paths(channel), key=len):
        shortest.setdefault(path[-1], path)
    order = [step.id for step in channel.steps]
    return dict(sorted(shortest.items(), key=lambda item: order.index(item[0])))


def _asks_provider(channel: Channel, steps: tuple[str, ...]) -> bool:
    found = (channel.step(step) for step in steps)
    return any(step is not None and step.action in PROVIDERS_STEPS for step in found) or any(
        step is not None and step.id in steps and step.action is Action.REFUSE_SERVICE for step in channel.steps
    )
