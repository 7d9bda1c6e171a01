"""What systems tell each other of the journal: exactly one form, and only what they can know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.journaled import MOST, joined, may_tell, read, written
from shared.messages.systems import System

COUNTS = st.dictionaries(st.sampled_from([system.value for system in System]), st.integers(1, MOST))


@given(COUNTS)
def test_what_is_written_is_read(counts: dict[str, int]) -> None:
    assert read(written(counts)) == counts


@given(COUNTS, COUNTS)
def test_two_together_know_what_the_better_one_knows(one: dict[str, int], other: dict[str, int]) -> None:
    together = joined(one, other)
    assert together.keys() == one.keys() | other.keys()
    assert all(together[system] == max(one.get(system, 0), other.get(system, 0)) for system in together)


@pytest.mark.parametrize(
    "text",
    [
        " ", "portal", "portal=", "portal=0", "portal=-1", "portal=01", "portal=100000", "portal=1.5", "portal=١",
        "somebody=1", "Portal=1", "portal=1 portal=2", "portal=1  csc=1", "portal=1,csc=1", "portal=1\ncsc=1", "=1",
        "portal=1 ", "portal=" + "9" * 5000,
    ],
)  # fmt: skip
def test_anything_else_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        read(text)


def test_a_system_speaks_for_itself_and_for_whom_it_hears_without_the_gateway() -> None:
    told = {(teller.value, about.value) for teller in System for about in System if may_tell(teller, about.value)}
    assert told == {(system.value, system.value) for system in System} | {
        ("provider", "regional-gateway"),
        ("regional-gateway", "provider"),
    }
