"""What the texts oblige a system to, as far as data alone show it and no other test does (docs/obligations.md)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.regulations.actions import Action
from shared.regulations.calendar import office_calendar_for
from shared.regulations.days_off import DaysOff
from shared.regulations.errors import ChannelRestricted
from shared.regulations.fields import FormField
from shared.regulations.grounds import examination_grounds
from shared.regulations.hours import Beginning, beginning
from shared.regulations.loader import Regulations
from shared.regulations.model import Channel, Regulation, ResultKind
from shared.regulations.procedure import application_due, tasks_of, term_of
from shared.regulations.restrictions import require_open
from shared.regulations.samples import sample_form
from tests.unit.regulations.oblast_assistance import RECIPIENT, TODAY

ZONE = ZoneInfo("Asia/Almaty")
STANDARD, SCHOOLING = "national/preschool-queue-2012", "national/home-schooling"
SEMEY = "almaty-oblast/semey-nuclear-victims"
FORMS = {
    "almaty-city/preschool-queue": {"electronic", "paper"},
    "almaty-oblast/employment-referral": {"electronic", "paper"},
    "almaty-oblast/foreign-labour-permit": {"electronic", "paper"},
    "almaty-oblast/home-education-reimbursement": {"electronic", "paper"},
    "almaty-oblast/housing-assistance": {"electronic"},
    "almaty-oblast/local-social-assistance": {"electronic", "paper"},
    "almaty-oblast/targeted-assistance-certificate": {"electronic", "paper"},
    SCHOOLING: {"electronic", "paper"},
    STANDARD: {"electronic", "paper"},
}
"""What the results are given in; on paper, where a regulation does not stand here."""
ELECTRONIC_ONLY = {
    ("almaty-oblast/home-education-reimbursement", "assignment_information"),
    ("almaty-oblast/local-social-assistance", "assignment_information"),
    (STANDARD, "queue_notice"),
    (STANDARD, "refusal"),
}
SIGNED = ("submit_request", "sign_and_send")


def result(regulation: Regulation, kind: str) -> ResultKind:
    found = regulation.result(kind)
    assert found is not None, kind
    return found


def english_annex(regulation: Regulation, kind: str) -> str:
    form = result(regulation, kind).form
    assert form is not None
    assert form.annex is not None
    return form.annex.en


def fields_of(channel: Channel) -> dict[str, FormField]:
    assert channel.form is not None
    return {field.name: field for field in channel.form.fields}


def field_names(value: Any) -> set[str]:
    """Names of all fields of a form, also of those inside others."""
    return {name for field in value.fields for name in {field.name, *field_names(field)}}


def test_only_employers_can_be_legal_persons(regulations: Regulations) -> None:
    """A form has a place for a BIN only where legal persons may apply."""
    asked = {
        regulation.id
        for regulation in regulations.values()
        for channel in regulation.channels.values()
        if channel.form is not None and "bin" in field_names(channel.form)
    }
    legal = {regulation.id for regulation in regulations.values() if "legal" in regulation.recipients.persons}
    paid = {regulation.id for regulation in regulations.values() if regulation.recipients.fee not in ("free", None)}
    assert asked == legal == paid == {"almaty-oblast/foreign-labour-permit"}


@pytest.mark.parametrize("place", ["astana", "almaty"])
def test_the_standard_of_2012_is_rendered_only_by_centres_in_two_cities(regulations: Regulations, place: str) -> None:
    standard = regulations[STANDARD]
    for name in ("office", "akim", "portal"):
        with pytest.raises(ChannelRestricted):
            require_open(standard.channel(name), {"residence": place})
    require_open(standard.channel("csc"), {"residence": place, "centre": {"serves": [place]}})
    with pytest.raises(ChannelRestricted):
        require_open(standard.channel("csc"), {"residence": place, "centre": {"serves": ["district"]}})


def test_what_information_systems_hold_is_not_demanded(regulations: Regulations) -> None:
    """Home schooling: nothing but the two items of the list, and nothing at all where the state makes the offer."""
    schooling = regulations[SCHOOLING]
    for name in ("office", "portal", "mobile"):
        asked = {d.code for d in schooling.channel(name).documents if d.required != "from_registry"}
        assert asked == {"application" if name == "office" else "request", "medical_conclusion"}
    assert [d.required for d in schooling.channel("proactive").documents] == ["from_registry"]


def test_home_schooling_is_refused_on_three_grounds_one_of_them_no_consent(regulations: Regulations) -> None:
    schooling = regulations[SCHOOLING]
    for name in schooling.channels:
        grounds = examination_grounds(schooling, name)
        assert {ground.clause for ground in grounds} == {"refusal 1)", "refusal 2)", "refusal 3)"}
    consent = fields_of(schooling.channel("office"))["consent"]
    assert consent.required
    assert {option.value for option in consent.options} == {"given", "withheld"}


def test_every_request_of_the_portal_is_signed_by_the_recipient(regulations: Regulations) -> None:
    seen = 0
    for regulation in regulations.values():
        channel = regulation.channels.get("portal")
        if channel is None or not channel.steps:
            continue
        seen += 1
        assert [d.kind for d in channel.documents if d.code == "request"] == ["signed_request"], regulation.id
        assert any(step.action.value in SIGNED and step.actor == "portal" for step in channel.steps), regulation.id
    assert seen == 9


def test_acceptance_is_shown_where_the_text_has_the_cabinet_show_it(regulations: Regulations) -> None:
    shows = {
        regulation.id: [step.clause for step in channel.steps if step.action is Action.SHOW_ACCEPTANCE]
        for regulation in regulations.values()
        if (channel := regulation.channels.get("portal")) is not None and channel.steps
    }
    assert shows == {
        "almaty-city/preschool-queue": [],  # the notification of acceptance comes with process 6
        "almaty-oblast/employment-referral": [],  # not stated
        "almaty-oblast/foreign-labour-permit": ["8(2)"],
        "almaty-oblast/home-education-reimbursement": ["10(2)"],
        "almaty-oblast/housing-assistance": ["10(2)"],
        "almaty-oblast/local-social-assistance": ["8(2)"],
        "almaty-oblast/targeted-assistance-certificate": ["10(2)"],
        SCHOOLING: ["row 4, result 1)"],
        STANDARD: ["14(3)"],
    }


@pytest.mark.parametrize(
    ("variant", "ends"),
    [
        ("decision", "2026-06-26 18:00"),  # nineteen working days from the registration on Monday
        ("duplicate", "2026-06-05 18:00"),
        ("first-certificate", "2026-06-11 18:00"),  # four working days from the decision of 5 June
        ("compensation", "2026-06-10 18:00"),  # the stand's own payment schedule: the 10th and the 25th
        ("compensation-in-custody", "2026-06-10 18:00"),
    ],
)
def test_the_clocks_of_semey_start_with_different_events(
    regulations: Regulations, variant: str, ends: str | None
) -> None:
    semey = regulations[SEMEY]
    received = datetime(2026, 6, 1, 10, tzinfo=ZONE)
    calendar = office_calendar_for(semey, "office", ZONE, DaysOff())
    third = next(task for task in tasks_of(semey, "office", variant) if task.n == 3)
    before = datetime(2026, 6, 2, 16, tzinfo=ZONE)  # the task before was done on Tuesday
    due = term_of(third, before, Beginning(received, received), calendar, {"decision_date": "2026-06-05"}).due_at
    assert (f"{due.astimezone(ZONE):%Y-%m-%d %H:%M}" if due else None) == ends


def test_compensation_of_prisoners_goes_to_the_control_cash_account(regulations: Regulations) -> None:
    semey = regulations[SEMEY]
    variant = semey.variant("compensation-in-custody")
    assert variant is not None
    assert variant.gives == {"granted": "compensation_in_custody"}
    assert {c.field: c.equals for c in variant.when} == {"/purpose": "compensation", "/account": "control"}
    form = result(semey, "compensation_in_custody").form
    assert form is not None
    assert form.statement is not None
    assert form.statement.ru == "Компенсация перечисляется на контрольный счёт наличности."


def test_results_are_given_in_the_forms_of_the_texts(regulations: Regulations) -> None:
    for regulation in regulations.values():
        part = [channel for channel in regulation.channels.values() if channel.steps]
        kinds = {channel.outcomes["granted"] for channel in part}
        kinds |= {kind for channel in part for kind in channel.alternatives.get("granted", ())}
        kinds |= {kind for variant in regulation.variants for kind in variant.gives.values()}
        kinds |= {known.kind for known in regulation.results if known.kind in ("reasoned_refusal", "refusal_decision")}
        if regulation.id == STANDARD:
            kinds.add("refusal")
        for kind in kinds:
            expected = FORMS.get(regulation.id, {"paper"})
            if (regulation.id, kind) in ELECTRONIC_ONLY:
                expected = {"electronic"}
            assert set(result(regulation, kind).forms) == expected, (regulation.id, kind)


def test_the_certificate_is_also_given_to_whoever_does_not_belong(regulations: Regulations) -> None:
    certificate = regulations["almaty-oblast/targeted-assistance-certificate"]
    assert not result(certificate, "does_not_belong").is_refusal
    for channel in certificate.channels.values():
        given = {channel.outcomes["granted"], *channel.alternatives["granted"]}
        assert given == {"belongs", "does_not_belong"}


def test_results_have_the_forms_of_the_orders(regulations: Regulations) -> None:
    assistance = regulations["almaty-oblast/targeted-social-assistance"]
    for kind in ("assignment_notification", "refusal_notification"):
        assert "order No 320" in english_annex(assistance, kind)
        assert "5 May 2015" in english_annex(assistance, kind)
    rehabilitated = regulations["almaty-oblast/rehabilitated-person-certificate"]
    for kind in ("certificate", "duplicate"):
        assert "resolution No 184" in english_annex(rehabilitated, kind)
        assert "2 April 2015" in english_annex(rehabilitated, kind)
    referrals = regulations["almaty-oblast/employment-referral"]
    kinds = ("employment_referral", "youth_practice_referral", "social_job_referral", "public_works_referral")
    assert [english_annex(referrals, kind) for kind in kinds] == [f"annex {n} of the Standard" for n in range(1, 5)]


def test_externat_is_permitted_at_the_fifteen_organisations_of_annex_1(regulations: Regulations) -> None:
    office = regulations["almaty-city/externat-permission"].channel("office")
    schools = [option.value for option in fields_of(office)["school"].options if option.value.startswith("externat")]
    assert len(set(schools)) == 15
    for school in schools:
        require_open(office, {"school": school})
    with pytest.raises(ChannelRestricted):
        require_open(office, {"school": "another"})


def test_the_school_that_teaches_in_uyghur_has_a_row_of_its_own(regulations: Regulations) -> None:
    office = regulations["almaty-city/externat-permission"].channel("office")
    options = fields_of(office)["school"].options
    uyghur = [n for n, option in enumerate(options, start=1) if "йгур" in option.label.ru]
    assert uyghur == [13]


def test_rehabilitation_is_one_service_and_no_part_of_it_is_offered_alone(regulations: Regulations) -> None:
    """City rehabilitation 9(1): correction and social rehabilitation, one course."""
    rehabilitation = regulations["almaty-city/rehabilitation"]
    assert set(fields_of(rehabilitation.channel("office"))) == {"applicant", "relation", "child"}
    conclusion = rehabilitation.result("commission_conclusion")
    assert conclusion is not None
    assert conclusion.form is not None
    assert conclusion.form.statement is not None
    assert "коррекции и социальной реабилитации" in conclusion.form.statement.ru


def test_the_five_first_priority_categories_of_2012(regulations: Regulations) -> None:
    standard = regulations[STANDARD]
    for name in ("office", "akim", "csc", "portal"):
        category = fields_of(standard.channel(name))["priority_category"]
        assert not category.required
        assert {option.value for option in category.options} == {
            "child_of_person_with_disability",
            "without_parental_care",
            "orphan",
            "large_family",
            "war_participant_benefit",
        }


def test_a_refusal_of_2012_comes_within_the_term_of_the_service(regulations: Regulations) -> None:
    standard = regulations[STANDARD]
    refusal = result(standard, "refusal")
    assert (refusal.forms, refusal.delivery["portal"].en) == (("electronic",), "personal cabinet on the portal")
    assert refusal.delivery["office"].en == "in person at the authorised body"
    received = datetime(2026, 6, 1, 10, tzinfo=ZONE)
    for name in ("office", "akim", "portal"):
        form = sample_form(standard, name, "default", RECIPIENT, TODAY).form
        calendar = office_calendar_for(standard, name, ZONE, DaysOff())
        due = application_due(standard, name, "default", beginning(standard, name, calendar, received), calendar, form)
        assert due is not None
        assert f"{due.astimezone(ZONE):%d.%m %H:%M}" == "04.06 18:00", name


def test_grounds_are_those_the_text_names(regulations: Regulations) -> None:
    named = {
        regulation.id: {(ground.category, ground.clause) for ground in examination_grounds(regulation, name)}
        for regulation in regulations.values()
        for name in list(regulation.channels)[:1]
    }
    for name, clause in {
        "special-services-institution": "3",
        "special-services-home-care": "3",
        "employment-referral": "3",
        "foreign-labour-permit": "3",
        "housing-assistance": "3",
    }.items():
        assert named[f"almaty-oblast/{name}"] == {("unstated", clause)}
    for name in ("externat-permission", "pmp-examination-consultation"):
        assert named[f"almaty-city/{name}"] == {("documents", "9")}
    assert named[STANDARD] == {("documents", "16(1)"), ("basis", "16(2)")}


@pytest.mark.parametrize(
    "name",
    [
        "almaty-oblast/targeted-social-assistance",
        "almaty-oblast/rehabilitated-person-certificate",
        "almaty-oblast/employment-referral",
    ],
)
def test_fields_that_no_text_gives_are_marked_as_the_stands_own(regulations: Regulations, name: str) -> None:
    regulation = regulations[name]
    assert any(kind.form and kind.form.fields for kind in regulation.results)
    marked = [note for note in regulation.notes if "not among the texts" in note.topic]
    assert any(note.kind == "silent" and note.choice.startswith("The stand’s own fields") for note in marked)
