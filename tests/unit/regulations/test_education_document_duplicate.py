"""The facts of the regulation on duplicates against expectations written by hand from the act, and its form."""

from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.kit.text import LANGUAGES
from shared.regulations.forms import form_schema, validate_form
from shared.regulations.model import Regulation
from tests.unit.regulations.factories import duplicate_form, queue_form, with_representative
from tests.unit.regulations.test_preschool_queue import LATIN_IN_CYRILLIC, texts_of


def test_the_act_is_named(duplicate: Regulation) -> None:
    source = duplicate.source
    assert (source.number, str(source.adopted_on), source.standard_number) == ("2/498", "2014-06-23", "538")
    assert (duplicate.recipients.persons, duplicate.recipients.fee, duplicate.modes) == (
        ("natural",),
        "free",
        ("paper",),
    )
    assert {name: channel.clause for name, channel in duplicate.channels.items()} == {"office": "1(1)", "csc": "1(2)"}
    assert duplicate.queue is None


def test_no_latin_letter_hides_in_a_cyrillic_word(duplicate: Regulation) -> None:
    texts = texts_of(duplicate)
    assert len(texts) > 80
    assert [t for t in texts if LATIN_IN_CYRILLIC.search(t.kk) or LATIN_IN_CYRILLIC.search(t.ru)] == []


def test_terms_of_clause_10(duplicate: Regulation) -> None:
    rows = [
        (t.kind, t.duration.value, t.duration.unit, t.duration.bound, t.channels, t.clause) for t in duplicate.terms
    ]
    assert rows == [
        ("overall", 30, "calendar_days", "max", ("office", "csc"), "10(1)"),
        ("waiting", 15, "minutes", "max", (), "10(2)"),
        ("service", 15, "minutes", "max", (), "10(3)"),
    ]


def test_procedure_of_clause_9(duplicate: Regulation) -> None:
    rows = [
        (p.n, p.role and p.role.value, [(d.value, d.unit) for d in p.durations], p.clause) for p in duplicate.procedure
    ]
    assert rows == [
        (1, "recipient", [(10, "minutes")], "9(1)"),
        (2, None, [(10, "minutes")], "9(2)"),
        (3, "head", [(5, "minutes")], "9(3)"),
        (4, "employee", [(15, "minutes")], "9(4)"),
        (5, "head", [(10, "minutes")], "9(5)"),
        (6, "employee", [], "9(6)"),
    ]
    assert duplicate.procedure[1].stated == {"kk": "employee", "ru": "responsible_person"}


def test_hours(duplicate: Regulation) -> None:
    office, csc = duplicate.schedules
    assert (office.channels, csc.channels) == (("office",), ("csc",))
    assert office.hours == office.stated["ru"]
    assert office.hours.lunch is None
    assert office.stated["kk"].lunch is not None
    assert [f"{t:%H:%M}" for t in (csc.hours.opens, csc.hours.closes) if t] == ["09:00", "20:00"]
    assert csc.hours.days == ("mon", "tue", "wed", "thu", "fri", "sat")


def test_results(duplicate: Regulation) -> None:
    result = duplicate.result("education_document_duplicate")
    assert result is not None
    assert (result.forms, result.is_refusal, set(result.delivery)) == (("paper",), False, {"office", "csc"})
    assert {r.kind for r in duplicate.results if r.is_refusal} == {"refusal", "no_data_message", "acceptance_refusal"}


def test_every_difference_has_a_choice(duplicate: Regulation) -> None:
    kinds = [note.kind for note in duplicate.notes]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"kk_vs_ru": 12, "internal": 2, "slip": 3, "silent": 14}
    assert all(set(note.says) == {"kk", "ru"} for note in duplicate.notes if note.kind == "kk_vs_ru")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_is_valid(centre: Regulation, language: Any) -> None:
    schema = form_schema(centre, "csc", language)
    Draft202012Validator.check_schema(schema)
    assert {"representative", "power_of_attorney"} <= set(schema["properties"])
    assert not {"representative", "power_of_attorney"} & set(schema["required"])


def form_of(centre: Regulation) -> dict[str, Any]:
    """A right form without a representative."""
    return queue_form() if "child" in form_schema(centre, "csc", "en")["properties"] else duplicate_form()


def found(centre: Regulation, form: dict[str, Any]) -> list[tuple[str, str]]:
    """Pointer and Russian words of each fault."""
    return [(fault.path, fault.message.ru) for fault in validate_form(centre, "csc", form)]


@pytest.mark.parametrize("certification", [None, "notarial", "other"])
def test_right_forms(centre: Regulation, certification: str | None) -> None:
    form = form_of(centre)
    assert found(centre, with_representative(form, certification) if certification else form) == []


def test_a_notarys_licence_may_be_given(centre: Regulation) -> None:
    form = with_representative(form_of(centre))
    form["power_of_attorney"]["notary"] = "0002317"
    assert found(centre, form) == []


@pytest.mark.parametrize(
    ("field", "value"), [("register_number", "1-2301"), ("notarised_on", "2026-01-15"), ("notary", "0002317")]
)
def test_data_of_a_power_of_attorney_certified_otherwise_are_not_filled_in(
    centre: Regulation, field: str, value: str
) -> None:
    form = with_representative(form_of(centre), "other")
    form["power_of_attorney"][field] = value
    words = "при ином удостоверении доверенности ее данные не заполняются"
    assert found(centre, form) == [(f"/power_of_attorney/{field}", words)]


@pytest.mark.parametrize("field", ["register_number", "notarised_on"])
def test_data_of_a_notarised_power_of_attorney_are_filled_in(centre: Regulation, field: str) -> None:
    form = with_representative(form_of(centre))
    del form["power_of_attorney"][field]
    words = "данные нотариально удостоверенной доверенности заполняются"
    assert found(centre, form) == [(f"/power_of_attorney/{field}", words)]


def test_representative_and_power_of_attorney_go_together(centre: Regulation) -> None:
    form = with_representative(form_of(centre))
    without_power = {k: v for k, v in form.items() if k != "power_of_attorney"}
    without_person = {k: v for k, v in form.items() if k != "representative"}
    assert [path for path, _ in found(centre, without_power)] == ["/power_of_attorney"]
    assert [path for path, _ in found(centre, without_person)] == ["/representative"]


def test_how_it_is_certified_must_be_said(centre: Regulation) -> None:
    form = with_representative(form_of(centre))
    form["power_of_attorney"] = {"register_number": "1-2301"}
    paths = [path for path, _ in found(centre, form)]
    assert paths == ["/power_of_attorney/certification", "/power_of_attorney/register_number"]


def test_the_centre_takes_earlier_births_than_the_portal(queue: Regulation) -> None:
    form = queue_form(date(2007, 8, 13))
    assert found(queue, form) == []
    assert [fault.path for fault in validate_form(queue, "portal", form)] == ["/child/birth_date"]
