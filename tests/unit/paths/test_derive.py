"""Which paths are derived from the data."""

import pytest

from services.stand.paths.derive import COMPLAINT_LEVELS, derive, shortened
from shared.regulations.flow import paths
from shared.regulations.loader import load_regulations

ALL = load_regulations()
PLANS = derive(ALL)


def test_every_channel_and_every_end_is_covered() -> None:
    ends = {(plan.regulation, plan.channel, plan.end) for plan in PLANS}
    assert ends == {
        (regulation.id, name, path[-1])
        for regulation in ALL.values()
        for name, channel in regulation.channels.items()
        if channel.steps
        for path in paths(channel)
    }


def test_every_case_is_granted_once_in_every_channel_it_fits() -> None:
    granted = {(plan.regulation, plan.variant) for plan in PLANS if plan.outcome == "granted"}
    assert {(r.id, v.code) for r in ALL.values() for v in r.variants} <= granted


def test_every_result_kind_comes_out_of_some_path() -> None:
    given = {(plan.regulation, plan.result) for plan in PLANS}
    assert {(r.id, result.kind) for r in ALL.values() for result in r.results} <= given


def test_complaint_levels_are_a_path_of_every_text_that_has_them() -> None:
    complaining = [plan for plan in PLANS if plan.mark == COMPLAINT_LEVELS]
    assert {plan.regulation for plan in complaining} == {r.id for r in ALL.values() if r.complaints is not None}
    (plan,) = complaining
    assert (plan.channel, plan.outcome, plan.times) == ("portal", "granted", 6)
    assert plan.name.endswith(", complaint levels")


def test_no_path_is_derived_twice() -> None:
    assert len(PLANS) == len(set(PLANS))


def test_the_short_form_has_every_pair_once() -> None:
    short = shortened(PLANS)
    pairs = {(plan.regulation, plan.channel) for plan in PLANS}
    assert len(short) == len(pairs) == len({(plan.regulation, plan.channel) for plan in short})
    assert {plan.outcome for plan in short} == {"granted"}


def test_one_regulation_only() -> None:
    found = derive(ALL, "almaty-city/preschool-queue")
    assert {plan.regulation for plan in found} == {"almaty-city/preschool-queue"}
    with pytest.raises(KeyError):
        derive(ALL, "almaty-city/nothing")
