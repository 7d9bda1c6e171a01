"""Canonical JSON: one value, one sequence of bytes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.canonical import canonical_json
from shared.kit.errors import InvalidInput

_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
_LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT
# Whole numbers above 2**53 are written without a point and would be read back as integers that JSON cannot hold.
_FLOATS = st.floats(-(2**53) + 1, 2**53 - 1)
_VALUES = st.recursive(
    _LEAVES | _FLOATS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_canonical_json_of_its_own_reading_is_the_same(value: Any) -> None:
    once = canonical_json(value)
    assert canonical_json(json.loads(once)) == once


@given(st.dictionaries(_TEXT, _LEAVES, min_size=2, max_size=6), st.randoms())
def test_order_of_keys_does_not_matter(value: dict[str, Any], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)
    assert canonical_json({key: value[key] for key in keys}) == canonical_json(value)


def test_example_of_the_rfc() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_json(value) == expected.encode()


def test_kazakh_is_written_as_it_is() -> None:
    assert canonical_json({"ә": "қ"}) == '{"ә":"қ"}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, {1: "x"}, object(), b"bytes", "\ud800", {1, 2}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match="no canonical JSON"):
        canonical_json({"value": value} if not isinstance(value, dict) else value)
