"""Condition 3: which grounds an application meets, and which it must not."""

from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.iin import make_iin
from shared.kit.text import LANGUAGES
from shared.regulations.actions import Action
from shared.regulations.grounds import evaluate, examination_grounds, grounds_at, may_refuse
from shared.regulations.loader import Regulations, load_regulations
from shared.regulations.model import Regulation
from tests.unit.regulations.factories import queue_form, small_regulation

ON = date(2026, 3, 2)


def codes(
    queue: Regulation, form: dict[str, object], documents: frozenset[str] = frozenset(), on: date = ON
) -> list[str]:
    """Codes of the grounds met."""
    return [ground.code for ground in evaluate(queue, "portal", form, documents, on)]


def test_nothing_stands_against_a_right_application(queue: Regulation) -> None:
    assert codes(queue, queue_form()) == []


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2029, 3, 3), []),
        (date(2029, 3, 4), ["child-not-under-seven"]),
        (date(2030, 1, 1), ["child-not-under-seven"]),
    ],
)
def test_the_seventh_birthday_ends_the_basis(queue: Regulation, on: date, expected: list[str]) -> None:
    assert codes(queue, queue_form(date(2022, 3, 4)), on=on) == expected


@pytest.mark.parametrize(("on", "expected"), [(date(2027, 2, 28), []), (date(2027, 3, 1), ["child-not-under-seven"])])
def test_a_child_of_29_february_turns_seven_on_1_march(queue: Regulation, on: date, expected: list[str]) -> None:
    assert codes(queue, queue_form(date(2020, 2, 29)), on=on) == expected


@pytest.mark.parametrize(("born", "expected"), [(date(2007, 8, 13), ["child-born-too-early"]), (date(2007, 8, 14), [])])
def test_the_portal_takes_births_after_13_august_2007(queue: Regulation, born: date, expected: list[str]) -> None:
    assert codes(queue, queue_form(born), on=date(2014, 8, 1)) == expected


def test_a_claimed_benefit_needs_its_document(queue: Regulation) -> None:
    form = queue_form() | {"priority_category": "orphan"}
    assert codes(queue, form) == ["benefit-document-missing"]
    assert codes(queue, form, frozenset({"benefit_document"})) == []


def test_registry_documents_are_never_asked_for(queue: Regulation) -> None:
    assert codes(queue, queue_form(), frozenset()) == codes(queue, queue_form(), frozenset({"birth_certificate"})) == []


def test_an_iin_of_another_day_is_a_violation(queue: Regulation) -> None:
    other = make_iin(date(2022, 3, 5), "male", 7)
    assert codes(queue, queue_form(date(2022, 3, 4), iin=other)) == ["child-data-mismatch"]


def test_all_grounds_are_found_at_once_in_the_order_of_the_file(queue: Regulation) -> None:
    form = queue_form(date(2005, 1, 1), iin=make_iin(date(2005, 1, 2), "male", 7)) | {"priority_category": "orphan"}
    found = evaluate(queue, "portal", form, frozenset(), ON)
    assert [(ground.code, ground.clause) for ground in found] == [
        ("benefit-document-missing", "12(11)"),
        ("child-data-mismatch", "12(11)"),
        ("child-not-under-seven", "1, 12(10)"),
        ("child-born-too-early", "12, 12(10)"),
    ]


def test_the_finding_is_told_in_every_language(queue: Regulation) -> None:
    (found,) = evaluate(queue, "portal", queue_form(date(2018, 5, 6)), frozenset(), ON)
    assert all(
        "02.03.2026" in found.detail.pick(language) and "7" in found.detail.pick(language) for language in LANGUAGES
    )
    (missing,) = evaluate(queue, "portal", queue_form() | {"priority_category": "orphan"}, frozenset(), ON)
    assert "право на первоочередное место" in missing.detail.ru


def test_grounds_for_an_officer_to_choose_from(queue: Regulation) -> None:
    at_condition_3 = [ground.code for ground in grounds_at(queue, "portal", Action.CHECK_DOCUMENTS)]
    assert at_condition_3[0] == "document-violations"
    assert len(at_condition_3) == 5
    assert [g.code for g in grounds_at(queue, "portal", Action.CHECK_CERTIFICATE)] == ["signature-not-confirmed"]


def test_a_ground_counts_only_in_its_channels(tmp_path: Path) -> None:
    raw = small_regulation()
    raw["channels"]["mobile"] = deepcopy(raw["channels"]["portal"])
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "service.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    small = load_regulations(tmp_path)["city/service"]
    met = {name: evaluate(small, name, {"claim": "yes"}, frozenset(), ON) for name in ("portal", "mobile")}
    assert [ground.code for ground in met["portal"]] == ["benefit-missing"]
    assert met["mobile"] == []


def test_a_channel_that_is_not_there(queue: Regulation) -> None:
    with pytest.raises(KeyError):
        evaluate(queue, "mobile", queue_form(), frozenset(), ON)


@given(born=st.dates(date(2007, 8, 14), date(2060, 1, 1)), on=st.dates(date(2014, 7, 25), date(2060, 1, 1)))
def test_age_is_counted_in_birthdays(queue: Regulation, born: date, on: date) -> None:
    seventh = date(born.year + 7, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + 7)
    expected = ["child-not-under-seven"] if on >= seventh else []
    assert codes(queue, queue_form(born), on=on) == expected


def test_a_ground_is_stated_for_its_cases_only(regulations: Regulations) -> None:
    victims = regulations["almaty-oblast/semey-nuclear-victims"]
    assert [ground.code for ground in examination_grounds(victims, "csc", "decision")] == ["registration-refused"]
    assert may_refuse(victims, "csc", "decision") is not None
    for variant in ("first-certificate", "duplicate", "compensation", "compensation-in-custody"):
        assert examination_grounds(victims, "csc", variant) == []
        assert may_refuse(victims, "csc", variant) is None
    assert may_refuse(victims, "csc") is not None
