"""The verdict on marks: what the texts want told or ended in time beside the steps and tasks. Pure.

A mark is journaled by the system that did it. As everywhere in the verdict, terms are reckoned anew.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from shared.regulations.calendar import WorkCalendar
from shared.regulations.conformance import Deviation, Journaled
from shared.regulations.model import Regulation
from shared.regulations.procedure import course_term, notice_term

EXTENDED = "extended"
"""A term was extended."""
EXTENSION_TOLD = "extension_told"
"""The recipient was told so in writing."""
COURSE_ENDED = "course_ended"
"""The course that began with the result came to its end."""


def judge_marks(
    regulation: Regulation, channel: str, variant: str, calendar: WorkCalendar, events: Sequence[Journaled]
) -> list[Deviation]:
    """What is wrong with the marks of one journal, its events in the order of the journal. ``calendar``: the
    provider's."""
    return [
        *_notices(regulation, channel, variant, calendar, events),
        *_courses(regulation, channel, variant, calendar, events),
    ]


def _notices(
    regulation: Regulation, channel: str, variant: str, calendar: WorkCalendar, events: Sequence[Journaled]
) -> list[Deviation]:
    """The written notice of an extension has a term of its own."""
    term = notice_term(regulation, channel, variant)
    if term is None or not events:
        return []
    found = []
    told = _marks(events, EXTENSION_TOLD)
    # The first notice that is not earlier than something is the one with which the latest so far becomes that late.
    latest = list(accumulate(map(_steady, told), max))
    last = max(map(_steady, events))
    for extended in _marks(events, EXTENDED):
        due = calendar.due(extended.at, term.duration)
        place = bisect_left(latest, _steady(extended))
        notice = told[place] if place < len(told) else None
        if due is None:
            continue
        if notice is None and last > _since(extended, due):
            text = f"nobody was told of the extension by {due.isoformat()} (clause {term.clause})"
            found.append(Deviation(name="missing-notice", step=EXTENDED, text=text))
        if notice is not None and notice.at > due:
            text = f"the extension was to be told by {due.isoformat()} (clause {term.clause})"
            found.append(Deviation(name="notice-overdue", step=EXTENSION_TOLD, text=text))
    return found


def _courses(
    regulation: Regulation, channel: str, variant: str, calendar: WorkCalendar, events: Sequence[Journaled]
) -> list[Deviation]:
    """A course ends neither before its least time nor after its longest, from the end of the run on."""
    term = course_term(regulation, channel, variant)
    ends = {step.id for step in regulation.channel(channel).steps if step.terminal is not None}
    begun = next((event for event in events if event.kind == "step" and event.step in ends), None)
    if term is None or begun is None:
        return []
    earliest, due = calendar.not_before(begun.at, term.duration), calendar.due(begun.at, term.duration)
    found = []
    for ended in _marks(events, COURSE_ENDED):
        if earliest is not None and _steady(ended) < _since(begun, earliest):
            text = f"the course does not end before {earliest.isoformat()} (clause {term.clause})"
            found.append(Deviation(name="course-too-early", step=COURSE_ENDED, text=text))
        if due is not None and ended.at > due:
            text = f"the course was to end by {due.isoformat()} (clause {term.clause})"
            found.append(Deviation(name="course-overdue", step=COURSE_ENDED, text=text))
    return found


def _marks(events: Sequence[Journaled], step: str) -> list[Journaled]:
    return [event for event in events if event.kind == "mark" and event.step == step]


def _steady(event: Journaled) -> datetime:
    """Its time on a line that never goes back."""
    return _since(event, event.at)


def _since(event: Journaled, at: datetime) -> datetime:
    """``at`` by the clock of ``event``, on that line."""
    return at + timedelta(seconds=event.set_back_s)
