"""What ``?wait=SECONDS`` waits for: ``&until=``."""

from collections.abc import Iterable
from typing import Any

from fastapi import Query
from pydantic import AfterValidator

CHANGE = "change"
"""Any change of the state."""
FINAL = "final"
"""A state after which nothing follows."""


def until_query(states: Iterable[str] = ()) -> Any:
    """The query parameter ``until``: a change, the end, or one of ``states``. Use it with ``known_until``."""
    return Query(
        description="With wait: answer at a change, in a final state, or once this state is reached or cannot be",
        json_schema_extra={"enum": [CHANGE, FINAL, *map(str, states)]},
    )


def known_until(states: Iterable[str] = ()) -> AfterValidator:
    """Refuses everything else, with the list of what there is."""
    known = [CHANGE, FINAL, *map(str, states)]

    def checked(until: str) -> str:
        if until not in known:
            raise ValueError(f"one of: {', '.join(known)}")
        return until

    return AfterValidator(checked)
