"""The application form of a channel: fields with labels in three languages, and constraints between them."""

from typing import Annotated, Literal

from pydantic import Field as Limit
from pydantic import StringConstraints

from shared.regulations.checks import FormCheck
from shared.regulations.parts import Clause, LawText, Part, Pointer

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
FieldType = Literal["text", "iin", "date", "number", "choice", "list", "group"]
Pattern = Annotated[str, StringConstraints(pattern=r"^\^.*\$$")]
"""A regular expression for the whole value, so it is written anchored."""


class Option(Part):
    """One value a choice may take."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    label: LawText


class FormField(Part):
    """One field. ``group`` has ``fields``; ``list`` has ``item``; ``choice`` has ``options``."""

    name: FieldName
    type: FieldType
    label: LawText
    required: bool = False
    max_length: int | None = Limit(default=None, ge=1)
    pattern: Pattern | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_items: int | None = Limit(default=None, ge=1)
    options: tuple[Option, ...] = ()
    fields: tuple["FormField", ...] = ()
    item: "FormField | None" = None
    clause: Clause | None = None
    directory: Literal["kindergartens"] | None = None
    """Of a text: the list of what exists, from which a value has to be; ``shared/regulations/kindergartens.py``."""
    example: str | int | None = None
    """A value that fits, where none can be made from the type: for people who try it, and for the stand's own runs."""


class Constraint(Part):
    """A rule between fields, checked when the form is validated. ``path`` is where the fault is shown."""

    check: FormCheck
    path: Pointer
    message: LawText
    clause: Clause | None = None


class Form(Part):
    """The form of one channel."""

    fields: tuple[FormField, ...]
    constraints: tuple[Constraint, ...] = ()
