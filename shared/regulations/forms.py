"""Validating a form against its channel: every fault at once, each with a JSON pointer and words in three languages."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from shared.kit import iin
from shared.kit.text import Text
from shared.regulations.checks import form_finding
from shared.regulations.form_schema import form_schema
from shared.regulations.form_words import worded
from shared.regulations.model import Regulation
from shared.regulations.parts import Part

__all__ = ["Fault", "form_schema", "validate_form"]


MAX_VALUES = 500
"""Of a whole form, those within groups and lists too; the longest form of all regulations has 29."""
OVERSIZED = Text(
    kk=f"үлгіде ең көбі {MAX_VALUES} мән болады",
    ru=f"в форме не больше {MAX_VALUES} значений",
    en=f"a form has at most {MAX_VALUES} values",
)


class Fault(Part):
    """One thing that is wrong with a form. ``path``: RFC 6901 pointer to the field, also to one that is missing."""

    path: str
    message: Text


_FORMATS = FormatChecker(formats=())


def _iin_format(value: object) -> bool:
    return not isinstance(value, str) or iin.is_valid(value)


def _date_format(value: object) -> bool:
    if not isinstance(value, str):
        return True
    # RFC 3339 full-date; fromisoformat alone would also take 20200131 and week dates.
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    date.fromisoformat(value)
    return True


_FORMATS.checks("iin")(_iin_format)
_FORMATS.checks("date", raises=ValueError)(_date_format)


def _whole_pattern(_: Any, pattern: str, value: object, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    # What is too long is told by its length; a pattern may take the square of it.
    if not isinstance(value, str) or len(value) > schema.get("maxLength", len(value)):
        return
    # Python's "$" lets a trailing line feed through, which ECMA-262, the dialect of JSON Schema, does not.
    if not re.fullmatch(pattern, value):
        yield ValidationError("does not match its pattern")


_Validator = extend(Draft202012Validator, {"pattern": _whole_pattern})


def validate_form(regulation: Regulation, channel: str, form: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with ``form``, in the order of the form's fields; empty if it may be signed.

    Of a form with more than ``MAX_VALUES`` values only that is said: each fault costs, and nobody reads so many.
    Checks the schema and the rules between fields, not the grounds for refusal: those are the provider's to find.
    Raises ``KeyError`` for a channel that is not there or has no form.
    """
    schema = form_schema(regulation, channel, "en")
    if _oversized(form):
        return [Fault(path="", message=OVERSIZED)]
    validator = _Validator(schema, format_checker=_FORMATS)
    # A dictionary for its order: two keywords may say the same of one field, e.g. the pattern and the format of an IIN.
    faults = {found: None for error in validator.iter_errors(form) for found in worded(error)}
    definition = regulation.channel(channel).form
    for constraint in definition.constraints if definition else ():
        if form_finding(constraint.check, form) is not None:
            faults[constraint.path, constraint.message] = None
    order = {pointer: n for n, pointer in enumerate(_pointers(schema, ""))}
    found = (Fault(path=path, message=message) for path, message in faults)
    return sorted(found, key=lambda fault: _place(fault.path, order))


def _oversized(form: Mapping[str, Any]) -> bool:
    count, unseen = 0, [form]
    while unseen and count <= MAX_VALUES:
        value: Any = unseen.pop()
        if isinstance(value, Mapping | list | tuple):
            count += len(value)
            unseen += value.values() if isinstance(value, Mapping) else value
    return count > MAX_VALUES


def _place(path: str, order: Mapping[str, int]) -> int:
    """Where the field of ``path`` stands in the form; inside a list, where the list stands."""
    while path not in order:
        path = path.rpartition("/")[0]
    return order[path]


def _pointers(schema: Mapping[str, Any], above: str) -> Iterator[str]:
    yield above
    for name, part in schema.get("properties", {}).items():
        yield from _pointers(part, f"{above}/{name}")
