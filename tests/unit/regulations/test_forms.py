"""The form: its schema in three languages, and every fault at once with its pointer."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.kit.iin import make_iin
from shared.kit.text import LANGUAGES, Language
from shared.regulations import forms
from shared.regulations.forms import form_schema, validate_form
from shared.regulations.model import Regulation
from tests.unit.regulations.factories import queue_form

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def found(queue: Regulation, form: Any) -> list[tuple[str, str]]:
    """Pointer and English words of each fault."""
    return [(fault.path, fault.message.en) for fault in validate_form(queue, "portal", form)]


def paths(queue: Regulation, form: Any) -> list[str]:
    """Pointers of the faults."""
    return [path for path, _ in found(queue, form)]


def put(form: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy of ``form`` with ``value`` at ``pointer``."""
    copy = deepcopy(form)
    *groups, name = pointer.split("/")[1:]
    at = copy
    for group in groups:
        at = at[group]
    at[name] = value
    return copy


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_is_valid_and_speaks_the_language(queue: Regulation, language: Language) -> None:
    schema = form_schema(queue, "portal", language)
    Draft202012Validator.check_schema(schema)
    child = schema["properties"]["child"]
    assert child["title"] == {"kk": "Бала", "ru": "Ребёнок", "en": "Child"}[language]
    assert child["x-labels"] == {"kk": "Бала", "ru": "Ребёнок", "en": "Child"}
    assert child["required"] == ["iin", "surname", "given_name", "birth_date"]


def test_the_schema_has_the_five_priority_categories(queue: Regulation) -> None:
    category = form_schema(queue, "portal", "ru")["properties"]["priority_category"]
    assert len(category["enum"]) == 5
    assert category["x-options"]["orphan"] == {"kk": "жетім балалар", "ru": "дети-сироты", "en": "orphans"}


def test_a_right_form_has_no_faults(queue: Regulation) -> None:
    full = queue_form() | {"preferred_kindergartens": ["12", "№ 5 «Балапан»"], "priority_category": "large_family"}
    full["child"]["patronymic"] = "Тестұлы"
    assert found(queue, queue_form()) == found(queue, full) == []


def test_an_empty_form_names_every_required_field(queue: Regulation) -> None:
    assert found(queue, {}) == [
        (f"/{name}", "this field is required") for name in ("applicant", "relation", "child", "district", "language")
    ]


def test_faults_come_together_in_the_order_of_the_form(queue: Regulation) -> None:
    form = queue_form() | {"language": "fr", "district": None, "preferred_kindergartens": ["1", "2", "3", "4"]}
    form["child"].pop("surname")
    form["applicant"]["phone"] = "8701"
    assert list(dict.fromkeys(paths(queue, form))) == [
        "/applicant/phone",
        "/child/surname",
        "/district",
        "/language",
        "/preferred_kindergartens",
    ]


@pytest.mark.parametrize(
    ("pointer", "value", "words"),
    [
        (
            "/applicant/iin",
            "900102400057",
            "the IIN is wrong: twelve digits, a date of birth and a check digit are expected",
        ),
        ("/applicant/iin", 900102400057, "text is expected"),
        ("/applicant/phone", "+7701123456", "the value is not in the expected format"),
        ("/applicant/phone", "+7701123456٣", "the value is not in the expected format"),
        ("/applicant/phone", "+7701123456\n", "the value is not in the expected format"),
        ("/applicant/surname", " ТЕСТОВА", "the value is not in the expected format"),
        ("/applicant/surname", "ТЕСТОВА\n", "the value is not in the expected format"),
        ("/applicant/surname", "Т" * 101, "at most this many characters: 100"),
        ("/applicant/address", "\ud800", "the value is not in the expected format"),
        ("/child/birth_date", "20220304", "write the date as YYYY-MM-DD"),
        ("/child/birth_date", "2022-02-30", "write the date as YYYY-MM-DD"),
        ("/child/birth_date", "2022-03-04T00:00:00", "write the date as YYYY-MM-DD"),
        (
            "/child/iin",
            "220305500000",
            "the IIN is wrong: twelve digits, a date of birth and a check digit are expected",
        ),
        ("/relation", "uncle", "choose one of the values of the list"),
        ("/preferred_kindergartens", "12", "a list is expected"),
        ("/preferred_kindergartens", ["1", "1"], "the values must differ"),
        ("/child", "Әли", "a group of fields is expected"),
    ],
)
def test_a_wrong_value_is_told_in_words(queue: Regulation, pointer: str, value: Any, words: str) -> None:
    assert found(queue, put(queue_form(), pointer, value)) == [(pointer, words)]


def test_a_blank_value_is_empty_and_out_of_format(queue: Regulation) -> None:
    words = {text for path, text in found(queue, put(queue_form(), "/child/surname", "")) if path == "/child/surname"}
    assert "the value must not be empty" in words


def test_pointers_are_escaped(queue: Regulation) -> None:
    assert found(queue, queue_form() | {"a/b~c": 1}) == [("/a~1b~0c", "the form has no such field")]


def test_list_items_are_pointed_at(queue: Regulation) -> None:
    assert paths(queue, queue_form() | {"preferred_kindergartens": ["1", " "]}) == ["/preferred_kindergartens/1"]


@pytest.mark.parametrize(("born", "expected"), [(date(2007, 8, 13), ["/child/birth_date"]), (date(2007, 8, 14), [])])
def test_birth_before_the_line_is_a_fault_of_the_form(queue: Regulation, born: date, expected: list[str]) -> None:
    assert paths(queue, queue_form(born)) == expected


def test_the_iin_of_another_day_is_a_fault_of_the_form(queue: Regulation) -> None:
    form = queue_form(date(2022, 3, 4), iin=make_iin(date(2022, 3, 5), "male", 7))
    assert found(queue, form) == [("/child/iin", "the child's IIN does not match the date of birth")]


def test_the_portal_does_not_judge_the_age(queue: Regulation) -> None:
    assert found(queue, queue_form(date(2008, 1, 1))) == []


@pytest.mark.parametrize("channel", ["akim", "mobile"])
def test_a_channel_without_a_form(queue: Regulation, channel: str) -> None:
    with pytest.raises(KeyError):
        form_schema(queue, channel, "en")
    with pytest.raises(KeyError):
        validate_form(queue, channel, {})


@pytest.mark.parametrize(
    "form",
    [
        {"preferred_kindergartens": [""] * 300_000},
        {"preferred_kindergartens": [[[""]] * 200] * 200},
        {str(n): "" for n in range(100_000)},
        {"child": {"a" * 1000 + str(n): n for n in range(1000)}},
        [""] * 300_000,
    ],
)
def test_of_an_oversized_form_only_that_is_said(queue: Regulation, form: Any) -> None:
    assert found(queue, form) == [("", "a form has at most 500 values")]


def test_an_oversized_form_is_checked_for_nothing_else(queue: Regulation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "_Validator", lambda *_, **__: pytest.fail("the form was checked"))
    assert found(queue, {"preferred_kindergartens": [""] * 300_000}) == [("", "a form has at most 500 values")]


def test_the_pattern_is_not_tried_on_what_is_too_long(queue: Regulation) -> None:
    form = put(queue_form(), "/applicant/surname", "Т" * 1_000_000 + "\n")
    assert found(queue, form) == [("/applicant/surname", "at most this many characters: 100")]


@given(form=JSON)
def test_anything_is_answered_with_faults(queue: Regulation, form: Any) -> None:
    faults = validate_form(queue, "portal", form)
    assert faults
    assert all(fault.path == "" or fault.path.startswith("/") for fault in faults)


@given(pointer=st.sampled_from(["/applicant/address", "/child/given_name", "/district", "/child/iin"]), value=JSON)
def test_a_fault_points_at_the_field_it_is_in(queue: Regulation, pointer: str, value: Any) -> None:
    form = put(queue_form(), pointer, value)
    assert all(path == pointer or path.startswith(f"{pointer}/") for path in paths(queue, form))
