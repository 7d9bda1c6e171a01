"""Annexes 2, 3 and 5 to 9 of the act of Almaty oblast against expectations written by hand from it, and their forms."""

from copy import deepcopy
from datetime import date
from typing import Any, NamedTuple

import pytest

from shared.kit.iin import make_iin
from shared.regulations.documents import to_hand_in
from shared.regulations.flow import paths
from shared.regulations.forms import validate_form
from shared.regulations.grounds import examination_grounds, may_refuse
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from shared.regulations.procedure import tasks_of
from tests.unit.regulations.test_preschool_queue import LATIN_IN_CYRILLIC, texts_of


class Facts(NamedTuple):
    """What differs from annex to annex."""

    annex: str
    days: int
    receipt_annex: str
    not_accepted: str
    """What clause 9(1) has the corporation refuse to accept."""
    may_refuse: bool


DOCUMENTS, APPLICATION = "құжаттарды қабылдаудан бас тартады", "өтінішті қабылдаудан бас тартады"
FACTS = {
    "prosthetic-orthopaedic-assistance": Facts("2", 8, "3", DOCUMENTS, may_refuse=False),
    "hearing-vision-hygiene-means": Facts("3", 8, "3", APPLICATION, may_refuse=False),
    "personal-assistant-sign-language": Facts("5", 8, "3", APPLICATION, may_refuse=False),
    "wheelchairs": Facts("6", 8, "3", APPLICATION, may_refuse=False),
    "sanatorium-treatment": Facts("7", 8, "3", DOCUMENTS, may_refuse=False),
    "special-services-institution": Facts("8", 15, "5", DOCUMENTS, may_refuse=True),
    "special-services-home-care": Facts("9", 12, "4", DOCUMENTS, may_refuse=True),
}
REFUSED_AT_THE_WINDOW = ("step-0", "step-1", "refuse-acceptance")
GRANTED = ("step-0", "step-1", "step-2", "step-3", "step-4", "step-5")


@pytest.fixture(params=FACTS)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the seven."""
    return str(request.param)


@pytest.fixture
def facts(name: str) -> Facts:
    """What its text says."""
    return FACTS[name]


@pytest.fixture
def regulation(regulations: Regulations, name: str) -> Regulation:
    """What its file says."""
    return regulations[f"almaty-oblast/{name}"]


def person(number: int = 1, **more: str) -> dict[str, str]:
    """A person as a form has one."""
    iin = make_iin(date(1980, 5, 17), "female", number)
    return {"iin": iin, "surname": "Тестова", "given_name": "Айгүл", "phone": "+77010000000", **more}


def form_of(regulation: Regulation) -> dict[str, Any]:
    """A form with the examples and the first options of its required fields."""
    definition = regulation.channel("csc").form
    assert definition is not None
    made: dict[str, Any] = {"applicant": person(address="Талдықорған, Абай көшесі, 1")}
    for field in definition.fields:
        if field.required and field.name != "applicant":
            made[field.name] = _value(field)
    return made


def _value(field: Any) -> Any:
    if field.type == "group":
        return {inner.name: _value(inner) for inner in field.fields if inner.required}
    if field.type == "choice":
        return field.options[0].value
    return "2026-03-02" if field.type == "date" else field.example


def faults(regulation: Regulation, form: dict[str, Any]) -> list[str]:
    """Pointers of the faults."""
    return [fault.path for fault in validate_form(regulation, "csc", form)]


def test_the_act_is_named(regulation: Regulation, facts: Facts) -> None:
    source = regulation.source
    assert (source.number, str(source.adopted_on), source.annex) == ("81", "2018-03-01", facts.annex)
    assert (source.registration_number, str(source.registered_on)) == ("4578", "2018-03-19")
    assert (source.standard_number, str(source.standard_adopted_on)) == ("279", "2015-04-28")
    assert (regulation.recipients.persons, regulation.recipients.fee, regulation.modes) == (
        ("natural",),
        "free",
        ("paper",),
    )
    assert f'"{regulation.service.kk}" мемлекеттік көрсетілетін қызмет регламенті' == regulation.title.kk


def test_two_channels_and_no_other(regulation: Regulation) -> None:
    assert {name: part.clause for name, part in regulation.channels.items()} == {"csc": "1(1)", "office": "1(2)"}
    assert not any(part.restrictions for part in regulation.channels.values())


def test_the_flow_of_clauses_8_and_9(regulation: Regulation, facts: Facts) -> None:
    rows = [
        (s.id, s.action.value, s.actor.value, s.clause, [(d.value, d.unit) for d in s.durations])
        for s in regulation.channel("csc").steps
        if s.inside is None and not s.instead_of
    ]
    assert rows == [
        ("step-0", "receive_package", "csc", "8", []),
        ("step-1", "accept_package", "csc", "9(1)", [(15, "minutes")]),
        ("step-2", "hand_to_provider", "csc", "9(2)", [(3, "hours")]),
        ("step-3", "run_procedure", "provider", "9(3)", []),
        ("step-4", "collect_result", "csc", "9(4)", [(3, "hours")]),
        ("step-5", "hand_out_result", "csc", "9(5)", [(15, "minutes")]),
    ]
    refused = [(*GRANTED[:3], "refuse-service")] if facts.may_refuse else []
    assert sorted(paths(regulation.channel("csc"))) == sorted([GRANTED, REFUSED_AT_THE_WINDOW, *refused])


def test_what_the_corporation_does_not_accept(regulation: Regulation, facts: Facts) -> None:
    channel = regulation.channel("csc")
    refusal, receipt = channel.step("refuse-acceptance"), channel.receipt("refusal")
    assert refusal is not None
    assert receipt is not None
    assert receipt.annex is not None
    assert facts.not_accepted in refusal.text.kk
    assert f"Стандарттың {facts.receipt_annex}-қосымшасына сәйкес қолхат береді" in refusal.text.kk
    assert receipt.annex.kk == f"Стандарттың {facts.receipt_annex}-қосымшасы"
    assert channel.result_of("refuse-acceptance") == "acceptance_refusal"
    assert channel.receipt("acceptance") is not None
    assert regulation.channel("office").receipts == ()


def test_the_procedure_of_clause_5(regulation: Regulation, facts: Facts) -> None:
    rows = [
        (p.n, p.role and p.role.value, [(d.value, d.unit, d.bound) for d in p.durations], p.clause)
        for p in regulation.procedure
    ]
    assert rows == [
        (1, "office_worker", [(30, "minutes", "stated")], "5(1)"),
        (2, "head", [(4, "hours", "stated")], "5(2)"),
        (3, "responsible_executor", [(facts.days, "working_days", "stated")], "5(3)"),
        (4, "head", [(4, "hours", "stated")], "5(4)"),
        (5, None, [(30, "minutes", "stated")], "5(5)"),
    ]
    assert f"{facts.days} (" in regulation.procedure[2].action.kk
    assert (regulation.terms, regulation.schedules, regulation.variants) == ((), (), ())


@pytest.mark.parametrize("channel", ["csc", "office"])
def test_all_five_steps_are_tasks(regulation: Regulation, channel: str) -> None:
    roles = [task.role.value for task in tasks_of(regulation, channel)]
    assert roles == ["office_worker", "head", "responsible_executor", "head", "responsible_executor"]


@pytest.mark.parametrize("channel", ["csc", "office"])
def test_the_service_is_refused_only_where_the_text_says(regulation: Regulation, facts: Facts, channel: str) -> None:
    grounds = [(ground.code, ground.category) for ground in examination_grounds(regulation, channel)]
    assert grounds == ([("item-10-of-the-standard", "unstated")] if facts.may_refuse else [])
    assert (may_refuse(regulation, channel) is not None) == facts.may_refuse
    kinds = {result.kind: result.is_refusal for result in regulation.results}
    stated = {"reasoned_refusal": True} if facts.may_refuse else {}
    assert kinds == {"notification": False, "acceptance_refusal": True, **stated}


def test_no_latin_letter_hides_in_a_cyrillic_word(regulation: Regulation) -> None:
    texts = texts_of(regulation)
    assert len(texts) > 80
    assert [t for t in texts if LATIN_IN_CYRILLIC.search(t.kk) or LATIN_IN_CYRILLIC.search(t.ru)] == []


def test_the_examples_of_the_form_fit_together(regulation: Regulation) -> None:
    form = form_of(regulation)
    assert faults(regulation, form) == []
    asked = {document.code for document in to_hand_in(regulation.channel("csc"), form, frozenset())}
    assert {"application", "identity_document"} <= asked
    assert "representative_document" not in asked


def test_a_legal_representative_brings_the_document_on_it(regulation: Regulation) -> None:
    form = form_of(regulation) | {"representative": person(2, relation="guardian")}
    assert faults(regulation, form) == []
    asked = {document.code for document in to_hand_in(regulation.channel("csc"), form, frozenset())}
    assert "representative_document" in asked


@pytest.mark.parametrize("name", [name for name, facts in FACTS.items() if not facts.may_refuse])
def test_for_a_child_the_legal_representative_applies(regulation: Regulation) -> None:
    form = form_of(regulation)
    if "service" in form:  # a personal assistant is for adults of group I
        form |= {"service": "sign_language", "impairment": "hearing"}
    form["disability"]["group"] = "child"
    assert faults(regulation, form) == ["/representative"]


@pytest.mark.parametrize(
    ("service", "group", "impairment", "expected"),
    [
        ("personal_assistant", "first", "mobility", []),
        ("personal_assistant", "first", "mobility_and_hearing", []),
        ("personal_assistant", "second", "mobility", ["/disability/group"]),
        ("personal_assistant", "third", "hearing", ["/disability/group", "/impairment"]),
        ("sign_language", "third", "hearing", []),
        ("sign_language", "first", "mobility_and_hearing", []),
        ("sign_language", "first", "mobility", ["/impairment"]),
    ],
)
def test_who_gets_an_assistant_and_who_a_sign_language_specialist(
    regulations: Regulations, service: str, group: str, impairment: str, expected: list[str]
) -> None:
    regulation = regulations["almaty-oblast/personal-assistant-sign-language"]
    form = form_of(regulation) | {"service": service, "impairment": impairment}
    form["disability"]["group"] = group
    assert faults(regulation, form) == expected


@pytest.mark.parametrize("name", [name for name, facts in FACTS.items() if facts.may_refuse])
@pytest.mark.parametrize(
    ("category", "group", "expected"),
    [
        ("elderly", None, []),
        ("elderly", "third", []),
        ("disabled_adult", "second", []),
        ("disabled_adult", "third", ["/disability/group"]),
        ("disabled_adult", None, ["/disability/group"]),
        ("psychoneurological", "third", []),
        ("disabled_child", "child", []),
        ("disabled_child", "first", ["/disability/group"]),
    ],
)
def test_the_group_of_the_disability_fits_the_category(
    regulation: Regulation, category: str, group: str | None, expected: list[str]
) -> None:
    form = form_of(regulation) | {"category": category, "representative": person(2, relation="parent")}
    if group:
        form["disability"] = {"group": group, "certificate_number": "0012345"}
    assert faults(regulation, form) == expected


def test_documents_follow_the_facts(regulations: Regulations) -> None:
    cases = [
        ("wheelchairs", "/disability/cause", "work_injury", "work_injury_documents"),
        ("hearing-vision-hygiene-means", "/means", "hearing_aid", "audiogram"),
        ("special-services-home-care", "/category", "elderly", "pension_certificate"),
        ("special-services-institution", "/legal_capacity", "incapable", "court_decision"),
    ]
    for name, pointer, value, document in cases:
        regulation = regulations[f"almaty-oblast/{name}"]
        channel = regulation.channel("office")
        for given in (value, "other"):
            form = deepcopy(form_of(regulation))
            *groups, last = pointer.split("/")[1:]
            at = form
            for group in groups:
                at = at[group]
            at[last] = given
            asked = {item.code for item in to_hand_in(channel, form, frozenset())}
            assert (document in asked) == (given == value), (name, given)
