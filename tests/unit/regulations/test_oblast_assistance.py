"""Act, channels, flows and refusals of annexes 4, 10 to 12, 17 and 18 of the act of Almaty oblast."""

import pytest

from shared.regulations.errors import ChannelNotOffered
from shared.regulations.flow import paths
from shared.regulations.grounds import examination_grounds, may_refuse
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from tests.unit.regulations.oblast_assistance import CASES, FACTS, Facts, of
from tests.unit.regulations.test_preschool_queue import LATIN_IN_CYRILLIC, texts_of

COUNTER, PORTAL = ("intake", "procedure"), ("step-1", "step-2", "step-3", "delivery")
CORPORATION = ("step-0", "step-1", "step-2", "step-3", "step-4", "step-5")
REFUSED_AT_THE_WINDOW = ("step-0", "step-1", "step-1-refusal")


@pytest.fixture(params=FACTS)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the six."""
    return str(request.param)


@pytest.fixture
def facts(name: str) -> Facts:
    """What its text says."""
    return FACTS[name]


@pytest.fixture
def regulation(regulations: Regulations, name: str) -> Regulation:
    """What its file says."""
    return regulations[f"almaty-oblast/{name}"]


def test_the_act_is_named(regulation: Regulation, facts: Facts) -> None:
    source = regulation.source
    assert (source.number, str(source.adopted_on), source.annex) == ("81", "2018-03-01", facts.annex)
    assert (source.registration_number, str(source.registered_on)) == ("4578", "2018-03-19")
    assert source.standard_number == facts.standard
    assert regulation.modes == facts.modes
    assert (regulation.recipients.persons, regulation.recipients.fee) == (("natural",), "free")
    assert f'"{regulation.service.kk}" мемлекеттік көрсетілетін қызмет регламенті' == regulation.title.kk


def test_these_channels_and_no_other(regulations: Regulations, regulation: Regulation, facts: Facts) -> None:
    assert {name: part.clause for name, part in regulation.channels.items()} == facts.channels
    for channel in {"office", "csc", "portal", "akim", "employment_centre", "mobile"} - set(facts.channels):
        with pytest.raises(ChannelNotOffered):
            regulations.find(regulation.id, channel)


@pytest.mark.parametrize(("name", "channel"), CASES)
def test_the_ways_a_run_can_go(regulations: Regulations, name: str, channel: str) -> None:
    way = {"csc": CORPORATION, "portal": PORTAL}.get(channel, COUNTER)
    expected = [way]
    if channel == "csc":
        expected.append(REFUSED_AT_THE_WINDOW)
    if FACTS[name].refusal:
        expected.append((*way[: way.index("step-3" if "step-3" in way else "procedure")], "refuse-service"))
    assert sorted(paths(of(regulations, name).channel(channel))) == sorted(expected)


@pytest.mark.parametrize(
    ("name", "minutes", "annex", "item", "not_accepted"),
    [
        ("home-education-reimbursement", 15, "Стандарттың 3-қосымшасы", 10, "өтінішті қабылдаудан бас тартады"),
        ("rural-specialists-fuel", 20, "Стандарттың қосымшасы", 10, "құжаттарды қабылдаудан бас тартады"),
        ("rehabilitated-person-certificate", 20, "Стандарттың 2-қосымшасы", 9, "құжаттарды қабылдаудан бас тартады"),
        ("housing-assistance", 20, "Стандарттың 3-қосымшасы", 10, "құжаттарды қабылдаудан бас тартады"),
    ],
)
def test_the_window_of_the_state_corporation(
    regulations: Regulations, name: str, minutes: int, annex: str, item: int, not_accepted: str
) -> None:
    channel = of(regulations, name).channel("csc")
    assert [[(d.value, d.unit) for d in s.durations] for s in channel.steps if not s.inside and not s.instead_of] == [
        [],
        [(minutes, "minutes")],
        [(3, "hours")],
        [],
        [(3, "hours")],
        [(minutes, "minutes")],
    ]
    refusal, receipt = channel.step("step-1-refusal"), channel.receipt("refusal")
    assert refusal is not None
    assert receipt is not None
    assert receipt.annex is not None
    assert receipt.annex.kk == annex
    assert f"Стандарттың {item}-тармағына сәйкес Мемлекеттік корпорацияның қызметкері {not_accepted}" in refusal.text.kk
    assert channel.result_of("step-1-refusal") == "acceptance_refusal"


@pytest.mark.parametrize(("name", "channel"), CASES)
def test_the_service_is_refused_only_where_the_text_says(regulations: Regulations, name: str, channel: str) -> None:
    regulation, refusal = of(regulations, name), FACTS[name].refusal
    grounds = examination_grounds(regulation, channel)
    assert [ground.category for ground in grounds] == (["unstated"] if refusal else [])
    step = may_refuse(regulation, channel)
    assert (step is not None) == (refusal is not None)
    assert step is None or regulation.channel(channel).result_of(step.id) == refusal


def test_no_schedule_and_no_overall_term_is_invented(regulation: Regulation) -> None:
    assert regulation.schedules == ()
    assert not [term for term in regulation.terms if term.kind == "overall"]


def test_no_latin_letter_hides_in_a_cyrillic_word(regulation: Regulation) -> None:
    texts = texts_of(regulation)
    assert len(texts) > 80
    assert [t for t in texts if LATIN_IN_CYRILLIC.search(t.kk) or LATIN_IN_CYRILLIC.search(t.ru)] == []
