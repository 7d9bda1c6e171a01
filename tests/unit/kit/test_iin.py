"""The individual identification number: layout, check digit, making and masking."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.iin import bin_fault, birth_date_of, fault, is_valid, make_iin, masked

DATES = st.dates(date(1800, 1, 1), date(2099, 12, 31))


@given(DATES, st.sampled_from(["male", "female"]), st.integers(0, 9999))
def test_made_numbers_are_valid_and_carry_date_and_sex(born: date, sex: str, serial: int) -> None:
    iin = make_iin(born, "male" if sex == "male" else "female", serial)
    assert fault(iin) is None
    assert birth_date_of(iin) == born
    assert int(iin[6]) % 2 == (sex == "male")


@given(DATES, st.integers(0, 9999), st.sampled_from([*range(10), 11]), st.integers(1, 9))
def test_one_wrong_digit_is_found(born: date, serial: int, place: int, off: int) -> None:
    # Of the first weights only 11, that of the eleventh digit, is 0 modulo 11: that digit is unprotected by the law's
    # own formula. Elsewhere every single error is found, unless the second formula steps in and agrees by chance.
    iin = make_iin(born, "male", serial)
    wrong = iin[:place] + str((int(iin[place]) + off) % 10) + iin[place + 1 :]
    if all(sum(int(d) * w for d, w in zip(n, range(1, 12), strict=False)) % 11 < 10 for n in (iin, wrong)):
        assert not is_valid(wrong)


def test_check_digit_by_hand() -> None:
    # On paper: digits 9 5 0 1 0 1 3 0 0 0 1, weights 1…11: 9+10+0+4+0+6+21+0+0+0+11 = 61; 61 mod 11 = 6.
    assert is_valid("950101300016")
    assert not is_valid("950101300017")


@pytest.mark.parametrize(
    ("iin", "why"),
    [
        ("", "twelve"),
        ("95010130001", "twelve"),
        ("9501013000166", "twelve"),
        ("95010130001x", "twelve"),
        ("٩50101300016", "twelve"),
        ("950101700016", "seventh"),
        ("950101000016", "seventh"),
        ("951301300016", "date"),
        ("950230300016", "date"),
        ("950101300017", "check digit"),
    ],
)
def test_each_fault_is_named(iin: str, why: str) -> None:
    assert why in (fault(iin) or "")


def test_no_number_outside_the_centuries() -> None:
    with pytest.raises(ValueError, match="2100"):
        make_iin(date(2100, 1, 1), "male", 0)


def test_masked_hides_birth_date_and_end() -> None:
    assert masked("950101300016") == "******300***"
    assert masked("950101") == "***"


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        ("990140000017", None),
        ("990140000018", "check digit"),
        ("991340000017", "month"),
        ("990130000017", "fifth digit"),
        ("99014000001", "twelve digits"),
        ("٩٩٠١٤٠٠٠٠٠١٧", "twelve digits"),
    ],
)
def test_a_bin_has_a_month_a_kind_and_a_check_digit(number: str, wrong: str | None) -> None:
    assert (bin_fault(number) or "") == "" if wrong is None else wrong in str(bin_fault(number))
