"""Whole numbers of a JSON body."""

from typing import Annotated

import pytest
from pydantic import BaseModel, Field, ValidationError

from shared.web.numbers import WHOLE


class Counted(BaseModel):
    """Something with a number."""

    number: Annotated[int, Field(le=10**30), WHOLE]


@pytest.mark.parametrize(("given", "number"), [(2, 2), (2.0, 2), (-1, -1), (10**30, 10**30)])
def test_whole(given: object, number: int) -> None:
    assert Counted.model_validate({"number": given}).number == number


@pytest.mark.parametrize("given", ["2", True, 1.5, None, [], float("nan"), float("inf"), b"2"])
def test_not_whole(given: object) -> None:
    with pytest.raises(ValidationError):
        Counted.model_validate({"number": given})


def test_schema_shows_the_bounds() -> None:
    assert Counted.model_json_schema()["properties"]["number"] == {
        "maximum": 10**30,
        "title": "Number",
        "type": "integer",
    }
