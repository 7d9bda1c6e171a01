"""Median, spread, percentiles, apportionment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stand.bench.figures import Figure, apportion, percentile, ratio, rounded

SECONDS = st.floats(min_value=0.001, max_value=1000)


def test_a_figure_is_the_median_with_the_range() -> None:
    figure = Figure.of([30.0, 10.0, 20.0])
    assert (figure.median, figure.lowest, figure.highest, figure.runs) == (20.0, 10.0, 30.0, 3)
    assert figure.spread == 1.0


def test_of_an_even_number_the_median_lies_between() -> None:
    assert Figure.of([1.0, 2.0, 4.0, 100.0]).median == 3.0


def test_a_single_run_has_no_spread() -> None:
    assert Figure.of([5.0]).spread == 0.0


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Figure.of([])


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.0, 1), (0.001, 1)])
def test_percentiles_by_nearest_rank(share: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_a_high_percentile_of_few_values_is_the_highest() -> None:
    assert percentile([1.0, 2.0, 3.0], 0.99) == 3.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5), ([1.0], -0.1)])
def test_percentiles_of_nothing_or_beyond_all(values: list[float], share: float) -> None:
    with pytest.raises(ValueError):
        percentile(values, share)


@given(st.lists(SECONDS, min_size=1), st.floats(min_value=0, max_value=1))
def test_a_percentile_is_a_value_that_enough_do_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_ratio() -> None:
    assert ratio(50, 200) == 0.25
    assert ratio(50, 0) == 0.0


def test_apportionment_by_largest_remainder() -> None:
    assert apportion({"a": 1.0, "b": 1.5, "c": 0.4}, 3) == {"a": 1, "b": 2, "c": 0}


@given(st.dictionaries(st.text(max_size=3), SECONDS, min_size=1), st.integers(min_value=1, max_value=200))
def test_apportionment_gives_every_seat_and_hardly_deviates(shares: dict[str, float], seats: int) -> None:
    given_seats = apportion(shares, seats)
    total = sum(shares.values())
    assert sum(given_seats.values()) == seats
    assert all(abs(given_seats[name] - share / total * seats) <= 1 + 1e-6 for name, share in shares.items())


def test_nothing_to_apportion() -> None:
    with pytest.raises(ValueError, match="nothing"):
        apportion({"a": 0.0}, 3)


def test_rounding_keeps_four_digits() -> None:
    assert rounded(123456.0) == 123500.0
    assert rounded(0.00123456) == 0.001235
