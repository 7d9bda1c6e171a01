"""Numbers as JSON schema means them: neither a text nor a boolean is one, and 2.0 is as whole as 2."""

from typing import Any

from pydantic import BeforeValidator


def _whole(value: Any) -> Any:
    if isinstance(value, bool | str | bytes):
        raise ValueError("a whole number, not a text or a boolean")
    return value


WHOLE = BeforeValidator(_whole)
"""For an integer of a JSON body: ``Annotated[int, Field(ge=0), WHOLE]``, last, so that the schema shows the bounds.

Pydantic's own integers are either laxer (``"2"`` passes) or stricter (``2.0`` does not).
"""
