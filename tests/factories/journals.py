"""Journals of right runs: the steps of a path, with the tasks of the provider where the provider is at work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.messages.control import JournalEvent
from shared.regulations.actions import CONDITIONS, Action
from shared.regulations.calendar import Calendars
from shared.regulations.hours import beginning, counter_closed, gives_by_hand
from shared.regulations.model import Regulation, Step
from shared.regulations.procedure import PROVIDERS_STEPS, left_out, tasks_of, term_of
from shared.regulations.terms import DEFAULT

CALENDARS = Calendars(ZoneInfo("Asia/Almaty"))
MONDAY = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""10:00 in Almaty on a working day."""


@dataclass(frozen=True)
class Event:
    """A journal event as far as a judge reads it."""

    kind: str
    step: str
    actor: str
    at: datetime
    regulation: str
    channel: str
    clause: str = "1"
    application: str = "a-1"
    passed: bool | None = None
    message_id: str | None = None
    detail: str | None = None
    variant: str | None = None
    role: str | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    set_back_s: float = 0.0


def as_kept(events: Iterable[JournalEvent]) -> list[Event]:
    """Events of one sender as they came on the wire, for a judge; its clock was never set back."""
    return [Event(**{field.name: getattr(event, field.name, 0.0) for field in fields(Event)}) for event in events]


def right_journal(
    regulation: Regulation, channel: str, path: Sequence[str], variant: str = DEFAULT, start: datetime = MONDAY
) -> list[Event]:
    """The journal of a run along ``path``: a second from step to step, every task a second after it can be done."""
    events: list[Event] = []
    at = start
    for place, name in enumerate(path):
        step = regulation.channel(channel).step(name)
        assert step is not None
        at += timedelta(seconds=1)
        provider = step.action in PROVIDERS_STEPS or step.action is Action.REFUSE_SERVICE
        if provider and not any(event.kind == "task" for event in events):
            refused = regulation.channel(channel).step(path[-1]).terminal == "refused"  # type: ignore[union-attr]
            events += _tasks(regulation, channel, variant, at, refused=refused)
            at = max(at, events[-1].at + timedelta(seconds=1))
        following = path[place + 1] if place + 1 < len(path) else None
        events.append(_step(regulation, channel, step, at, following))
    return events


def _step(regulation: Regulation, channel: str, step: Step, at: datetime, following: str | None) -> Event:
    passed = (following != step.on_fail) if step.action in CONDITIONS else None
    return Event("step", step.id, step.actor.value, at, regulation.id, channel, passed=passed)


def _tasks(regulation: Regulation, channel: str, variant: str, at: datetime, *, refused: bool) -> list[Event]:
    calendar = CALENDARS.office_of(regulation, channel)
    begun = beginning(regulation, channel, calendar, at)
    received_at = begun.received_at
    plans = tasks_of(regulation, channel, variant)
    events: list[Event] = []
    before = None
    for plan in plans:
        if refused and left_out(plan, plans):
            continue
        term = term_of(plan, before, begun, calendar, {})
        before = max(before or received_at, term.not_before or received_at) + timedelta(seconds=1)
        closed = gives_by_hand(channel, plan.acts) and counter_closed(regulation, channel, calendar, before)
        before = closed.opens_at if closed else before
        events.append(
            Event(
                "task",
                plan.id,
                "provider",
                before,
                regulation.id,
                channel,
                variant=variant,
                role=plan.role.value,
                due_at=term.due_at,
            )
        )
    return events


def changed(events: Sequence[Event], of: str, **fields: object) -> list[Event]:
    """``events`` with those of the step ``of`` changed."""
    return [replace(event, **fields) if event.step == of else event for event in events]  # type: ignore[arg-type]


def later(events: Sequence[Event], step: str, by: timedelta) -> list[Event]:
    """``events`` with ``step`` and everything after it so much later."""
    place = next(n for n, event in enumerate(events) if event.step == step)
    return [*events[:place], *(replace(event, at=event.at + by) for event in events[place:])]
