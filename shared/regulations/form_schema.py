"""JSON Schema 2020-12 of a channel's form, with labels in all languages under ``x-labels``."""

from collections.abc import Callable
from typing import Any

from shared.kit.text import Language, Text
from shared.regulations.fields import FormField
from shared.regulations.model import Regulation

_CONTROL = r"\x00-\x1f\x7f\u2028\u2029\ud800-\udfff"
ONE_LINE = rf"^[^\s{_CONTROL}](?:[^{_CONTROL}]*[^\s{_CONTROL}])?$"
"""A text field without a pattern of its own: one line, not blank, no space at either end, no half of a character."""
_LONGEST = 1000


def form_schema(regulation: Regulation, channel: str, language: Language) -> dict[str, Any]:
    """The schema of the channel's form with titles in ``language``.

    Raises ``KeyError`` for a channel that is not there or has no form. Rules between fields are listed under
    ``x-constraints`` for people; ``validate_form`` checks them.
    """
    form = regulation.channel(channel).form
    if form is None:
        raise KeyError(f"{regulation.id}: channel {channel} has no form")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_labelled(regulation.service, language),
        **_object(form.fields, language),
        "x-constraints": [
            {"path": c.path, "check": c.check.name, "labels": c.message.model_dump()} for c in form.constraints
        ],
    }


def _labelled(label: Text, language: Language) -> dict[str, Any]:
    return {"title": label.pick(language), "x-labels": label.model_dump()}


def _object(fields: tuple[FormField, ...], language: Language) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _labelled(field.label, language) | _typed(field, language) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _typed(field: FormField, language: Language) -> dict[str, Any]:
    return _SHAPES[field.type](field, language)


def _present(keywords: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in keywords.items() if value is not None}


def _text(field: FormField, _: Language) -> dict[str, Any]:
    pattern = field.pattern or ONE_LINE
    return {"type": "string", "minLength": 1, "maxLength": field.max_length or _LONGEST, "pattern": pattern}


def _choice(field: FormField, _: Language) -> dict[str, Any]:
    labels = {option.value: option.label.model_dump() for option in field.options}
    return {"type": "string", "enum": list(labels), "x-options": labels}


def _number(field: FormField, _: Language) -> dict[str, Any]:
    return {"type": "integer"} | _present({"minimum": field.minimum, "maximum": field.maximum})


def _list(field: FormField, language: Language) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "array", "uniqueItems": True}
    if field.item is not None:  # the loader has made sure of it
        shape["items"] = _labelled(field.item.label, language) | _typed(field.item, language)
    return shape | _present({"maxItems": field.max_items, "minItems": 1 if field.required else None})


_SHAPES: dict[str, Callable[[FormField, Language], dict[str, Any]]] = {
    "group": lambda field, language: _object(field.fields, language),
    "iin": lambda *_: {"type": "string", "format": "iin", "pattern": "^[0-9]{12}$"},
    "date": lambda *_: {"type": "string", "format": "date"},
    "choice": _choice,
    "number": _number,
    "list": _list,
    "text": _text,
}
