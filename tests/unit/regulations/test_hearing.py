"""Who must not answer a complaint: whoever it is against, under every login of theirs."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.regulations.hearing import Complaint, ComplaintState, StaffMember

AT = datetime(2026, 6, 1, tzinfo=UTC)
IINS = ("850615400026", "790411431003")


def member(login: str = "head", name: str = "ТЕСТОВА ГҮЛНӘР", iin: str | None = None, body: str = "b") -> StaffMember:
    return StaffMember(login, name, iin, body, True)


def complaint(accused: list[str] | None = None, **content: Any) -> Complaint:
    state = ComplaintState.REGISTERED.value
    return Complaint(
        "c",
        "b",
        "authorised_body",
        "r",
        "l",
        "written",
        None,
        {"about": "", **content},
        state,
        AT,
        accused=accused or [],
    )


@pytest.mark.parametrize(
    ("about", "against"),
    [
        ("Тестова Гүлнәр", True),
        ("гүлнәр тестова", True),
        ("ТЕСТОВА, ГҮЛНӘР Ахметқызы (басшы)", True),
        ("ТЕСТОВА", False),
        ("ТЕСТОВА ДАНА", False),
        ("", False),
    ],
)
def test_who_is_named_with_surname_and_given_name(about: str, against: bool) -> None:
    head = member()
    assert complaint(about=about).is_against(head, [head]) is against


def test_a_name_of_one_word_is_only_that_person() -> None:
    single = member(name="ТЕСТОВ")
    assert complaint(about="тестов").is_against(single, [single])
    assert not complaint(about="ТЕСТОВ ЕРЛАН").is_against(single, [single])


def test_another_login_of_the_same_iin_and_not_that_of_a_namesake() -> None:
    named, again, namesake = member(iin=IINS[0]), member("again", "Г. Т.", IINS[0]), member("other", iin=IINS[1])
    found = complaint(accused=["head"])
    staff = [named, again, namesake]
    assert [found.is_against(one, staff) for one in staff] == [True, True, False]


def test_without_an_iin_a_namesake_counts_as_the_same_person() -> None:
    named, elsewhere = member(iin=IINS[0]), member("elsewhere", body="ministry")
    assert complaint(accused=["head"]).is_against(elsewhere, [named, elsewhere])


def test_who_works_for_the_organisation_or_has_decided() -> None:
    own, above = member(iin=IINS[0]), member("minister", "ТЕСТОВ М", IINS[1], "ministry")
    staff = [own, above]
    assert [complaint(against="b").is_against(one, staff) for one in staff] == [True, False]
    assert [complaint().is_against(one, staff, ["minister"]) for one in staff] == [False, True]


@given(
    st.lists(st.sampled_from(["head", "second", "third"]), min_size=1, unique=True),
    st.lists(st.sampled_from([None, *IINS]), min_size=3, max_size=3),
)
def test_whoever_is_pointed_out_never_answers(accused: list[str], iins: list[str | None]) -> None:
    staff = [
        member(login, f"ТЕСТОВ {login}", iin) for login, iin in zip(("head", "second", "third"), iins, strict=True)
    ]
    found = complaint(accused=accused)
    for one in staff:
        same = any(one.iin is not None and one.iin == other.iin for other in staff if other.login in accused)
        assert found.is_against(one, staff) is (one.login in accused or same)
