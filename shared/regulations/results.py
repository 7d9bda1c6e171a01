"""The form of a result: what is printed on it, in the words of the annex of the standard."""

import re
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from shared.regulations.parts import POINTER, Clause, Code, LawText, Part
from shared.regulations.terms import Duration, Role

ResultValue = Literal[
    "recipient_name",
    "recipient_iin",
    "child_name",
    "child_iin",
    "child_birth_date",
    "organisation",
    "signatory",
    "entry_number",
    "register_number",
    "decided_on",
    "valid_until",
    "queue_number",
    "kindergarten",
    "contract_number",
    "reasons",
]
"""What the provider knows of a result when it signs it. What does not exist in a matter is left out."""


def _known(value: str) -> str:
    if value not in get_args(ResultValue) and not re.fullmatch(POINTER, value):
        raise ValueError(f"unknown value {value!r}")
    return value


class ResultField(Part):
    """One field of the form. ``value`` is a word of the provider's, or a pointer to the form of the application."""

    code: Code
    label: LawText
    value: Annotated[str, AfterValidator(_known)]


class ResultForm(Part):
    """How a result looks. ``statement`` is its sentence; ``valid``: how long it may be used, counted from its issue;
    ``signed_by``: who signs it, if that is not the authorised person who signs the organisation's other acts."""

    title: LawText
    annex: LawText | None = None
    statement: LawText | None = None
    fields: tuple[ResultField, ...] = Field(min_length=1)
    sealed: bool = False
    signed_by: Role | None = None
    valid: Duration | None = None
    clause: Clause
