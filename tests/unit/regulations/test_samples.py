"""Sample forms: for every case of every channel there is one that is taken and has no ground against it."""

from datetime import date

import pytest

from shared.kit.iin import make_iin
from shared.regulations.forms import validate_form
from shared.regulations.grounds import evaluate
from shared.regulations.loader import load_regulations
from shared.regulations.model import Regulation, Variant
from shared.regulations.registries import Condition
from shared.regulations.restrictions import restriction_findings
from shared.regulations.samples import NoSample, Person, sample_form, variants_of

ALL = load_regulations()
TODAY = date(2026, 3, 2)
RECIPIENT = Person(make_iin(date(1990, 4, 12), "female", 210))
CASES = [
    pytest.param(regulation, channel, variant, id=f"{regulation.id}:{channel}:{variant}")
    for regulation in ALL.values()
    for channel, part in regulation.channels.items()
    if part.steps
    for variant in variants_of(regulation, channel)
]


@pytest.mark.parametrize(("regulation", "channel", "variant"), CASES)
def test_a_sample_is_taken_and_has_nothing_against_it(regulation: Regulation, channel: str, variant: str) -> None:
    sample = sample_form(regulation, channel, variant, RECIPIENT, TODAY)
    part = regulation.channel(channel)
    documents = {document.code for document in part.documents}
    assert validate_form(regulation, channel, sample.form) == []
    assert restriction_findings(part, sample.form) == []
    assert evaluate(regulation, channel, sample.form, documents, TODAY) == []


@pytest.mark.parametrize("regulation", [pytest.param(r, id=r.id) for r in ALL.values()])
def test_every_case_the_text_sets_apart_can_be_had(regulation: Regulation) -> None:
    had = {variant for c, part in regulation.channels.items() if part.steps for variant in variants_of(regulation, c)}
    assert {known.code for known in regulation.variants} <= had


def test_a_case_that_no_form_can_be_is_said_so() -> None:
    regulation = ALL["almaty-city/pmp-examination-consultation"]
    first = regulation.variants[0]
    hidden = Variant(code="hidden", name=first.name, clause="1", when=(Condition(field="/help", equals="nothing"),))
    changed = regulation.model_copy(update={"variants": (*regulation.variants, hidden)})
    with pytest.raises(NoSample, match="hidden"):
        sample_form(changed, "office", "hidden", RECIPIENT, TODAY)


def test_a_case_that_only_the_intake_decides_leaves_the_default() -> None:
    oralman = load_regulations()["almaty-oblast/oralman-status"]
    assert variants_of(oralman, "csc") == ("csc-district-branch", "default")
    assert variants_of(oralman, "office") == ("default",)
