"""What a channel is limited to, by the form and by what the intake knows beside it."""

import pytest

from shared.regulations.loader import load_regulations
from shared.regulations.restrictions import restriction_findings

STANDARD = load_regulations()["national/preschool-queue-2012"].channel("csc")
FORM = {"residence": "settlement"}


@pytest.mark.parametrize(
    ("centre", "clauses"),
    [
        ({"serves": ["district", "settlement"]}, []),
        ({"serves": ["almaty"]}, ["10(1)"]),
        ({"serves": []}, []),  # a centre for everybody
        ({}, []),
    ],
)
def test_by_the_place_of_residence(centre: dict[str, list[str]], clauses: list[str]) -> None:
    assert [found.clause for found in restriction_findings(STANDARD, {**FORM, "centre": centre})] == clauses


def test_where_nothing_is_known_of_a_centre_nothing_stands_against_it() -> None:
    assert restriction_findings(STANDARD, FORM) == []
