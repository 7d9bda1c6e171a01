"""Examples for every schema of an OpenAPI document, put together from those of its fields.

A model or a field that says its own (``examples``) keeps it. Everything else is filled by the name of the property,
as names mean the same everywhere in the stand: an ``iin`` is an IIN in every service.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.web.example_values import VALUES

_REFERENCE = "#/components/schemas/"
_FORMATS = {
    "date-time": "2026-06-02T09:00:00+00:00",
    "date": "2026-06-02",
    "binary": "(bytes)",
    "uri": "http://127.0.0.1:8101",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (),
}
_METHODS = ("get", "put", "post", "patch", "delete")
MISSING = object()
"""What ``example_of`` returns where nothing is known."""


def add_examples(document: dict[str, Any]) -> None:
    """Put an example into every schema, parameter and JSON body of the OpenAPI ``document``, in place.

    What nothing is known about stays without one; a convention test finds that.
    """
    schemas = document.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        for field, part in schema.get("properties", {}).items():
            if "$ref" not in part:
                _give(part, "examples", example_of(part, schemas, field, name))
        _give(schema, "examples", example_of(schema, schemas, name))
    for operation in operations(document):
        for parameter in operation.get("parameters", ()):
            _give(parameter, "example", example_of(parameter["schema"], schemas, parameter["name"]))
        for body in (operation.get("requestBody", {}), *operation.get("responses", {}).values()):
            for kind, content in body.get("content", {}).items():
                if "json" in kind:
                    found = example_of(content.get("schema", {}), schemas, operation.get("operationId", ""))
                    _give(content, "example", found)


def _give(part: dict[str, Any], key: str, example: Any) -> None:
    if example is not MISSING:
        part.setdefault(key, [example] if key == "examples" else example)


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of an OpenAPI document."""
    for item in document["paths"].values():
        yield from (operation for method, operation in item.items() if method in _METHODS)


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, owner: str = "") -> Any:
    """An example of ``schema``, which describes something called ``name``; ``MISSING`` if none is known.

    ``schemas``: the components that it may refer to; ``owner``: the one it is a field of.
    """
    if "$ref" in schema:
        reference = schema["$ref"].removeprefix(_REFERENCE)
        return example_of(schemas[reference], schemas, reference)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("const", "enum"):
        if key in schema:
            return schema["const"] if key == "const" else schema["enum"][0]
    for value in (*VALUES.get(f"{owner}.{name}", ()), *VALUES.get(name, ())):
        if _fits(value, schema):
            return value
    choices = schema.get("anyOf") or schema.get("oneOf") if "properties" not in schema else None
    if choices:
        found = (example_of(choice, schemas, name) for choice in choices if choice.get("type") != "null")
        return next((example for example in found if example is not MISSING), MISSING)
    return _made(schema, schemas, name)


def _made(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str) -> Any:
    match schema.get("type"):
        case "object":
            parts = {key: example_of(part, schemas, key, name) for key, part in _shown(schema).items()}
            complete = parts and MISSING not in parts.values()
            return parts if complete else MISSING
        case "array":
            item = example_of(schema.get("items", {}), schemas, name)
            return MISSING if item is MISSING else [item]
        case "boolean":
            return bool(schema.get("default", True))
        case "integer" | "number":
            # A count that is nobody's name: what is asked for if nothing else is said, or the least.
            return schema["default"] if schema.get("default") is not None else schema.get("minimum", MISSING)
        case "string":
            return _FORMATS.get(schema.get("format", ""), MISSING)
    return MISSING


def _shown(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The properties an example has: all of an answer, of a body that is taken the least that is taken."""
    properties: dict[str, Any] = schema.get("properties", {})
    if schema.get("additionalProperties") is not False:
        return properties
    least = {name: part for name, part in properties.items() if name in schema.get("required", ())}
    return least or dict(list(properties.items())[:1])


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether ``value`` may stand where ``schema`` is asked for, as far as single values go."""
    if choices := schema.get("anyOf"):
        return any(_fits(value, choice) for choice in choices)
    # What is described elsewhere, or by its format, has its own example.
    elsewhere = "$ref" in schema or "enum" in schema or schema.get("format") in _FORMATS
    if elsewhere or not isinstance(value, _TYPES.get(schema.get("type", ""), (object,))):
        return False
    match value:
        case list():
            return all(_fits(item, schema.get("items", {})) for item in value)
        case dict():
            properties = schema.get("properties", value)
            return set(schema.get("required", ())) <= set(value) <= set(properties)
        case str():
            long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
            return long_enough and re.search(schema.get("pattern", ""), value) is not None
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
