"""What annexes 4, 10 to 12, 17 and 18 of the act of Almaty oblast say, written by hand from it."""

from datetime import date
from typing import Any, NamedTuple

from shared.kit.iin import make_iin
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from shared.regulations.procedure import tasks_of
from shared.regulations.samples import Person, sample_form

TODAY = date(2026, 3, 2)
RECIPIENT = Person(make_iin(date(1980, 5, 17), "female", 1))


class Facts(NamedTuple):
    """What differs from annex to annex. ``channels``: clause of each; ``refusal``: the result kind that refuses."""

    annex: str
    standard: str
    modes: tuple[str, ...]
    channels: dict[str, str]
    refusal: str | None = None


FACTS = {
    "targeted-social-assistance": Facts(
        "4", "279", ("paper",), {"employment_centre": "1(1)", "akim": "1(2)"}, "refusal_notification"
    ),
    "local-social-assistance": Facts(
        "10", "279", ("electronic", "partly_automated", "paper"), {"office": "1(1)", "akim": "1(2)", "portal": "1(3)"}
    ),
    "home-education-reimbursement": Facts(
        "11", "279", ("electronic", "fully_automated", "paper"), {"csc": "1(1)", "portal": "1(2)"}
    ),
    "rural-specialists-fuel": Facts("12", "279", ("paper",), {"csc": "1(1)", "office": "1(2)", "akim": "1(3)"}),
    "rehabilitated-person-certificate": Facts("17", "279", ("paper",), {"csc": "1"}),
    "housing-assistance": Facts(
        "18", "319", ("electronic", "fully_automated", "paper"), {"csc": "1(1)", "portal": "1(2)"}, "reasoned_refusal"
    ),
}
CASES = [(name, channel) for name, facts in FACTS.items() for channel in facts.channels]


def of(regulations: Regulations, name: str) -> Regulation:
    """The regulation of that name."""
    return regulations[f"almaty-oblast/{name}"]


def form_of(regulation: Regulation, channel: str, variant: str) -> dict[str, Any]:
    """A form that is the case ``variant``."""
    return sample_form(regulation, channel, variant, RECIPIENT, TODAY).form


def durations(regulation: Regulation, channel: str, variant: str) -> list[tuple[int | None, str | None, str | None]]:
    """Value, unit and start of each task of a case."""
    found = [task.duration for task in tasks_of(regulation, channel, variant)]
    return [(d.value, d.unit, d.counted_from) if d else (None, None, None) for d in found]
