"""The offline list of operations: groups, fields and examples of an OpenAPI document, as HTML without a script."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from shared.web.examples import MISSING, example_of

_REFERENCE = "#/components/schemas/"
_OTHER = "operations"


def operations_page(document: Mapping[str, Any], neighbours: Mapping[str, str], code: str) -> str:
    """The body of ``/docs``. ``neighbours``: base URLs of the stand's systems by code, ``code`` is this one."""
    others = " · ".join(
        f'<a href="{escape(url, quote=True)}/docs">{escape(name)}</a>'
        for name, url in sorted(neighbours.items())
        if name != code
    )
    groups: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            group = operation.get("tags", [_OTHER])[0]
            groups.setdefault(group, []).append("".join(_operation(document, method, path, operation)))
    intro = f'<p><a href="/openapi.json">OpenAPI</a>{f" · {others}" if others else ""}</p>'
    contents = "".join(f'<li><a href="#{_anchor(name)}">{escape(name)}</a></li>' for name in groups)
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    parts = (
        f'<h2 id="{_anchor(name)}">{escape(name)}</h2><p>{escape(about.get(name, ""))}</p>{"".join(shown)}'
        for name, shown in groups.items()
    )
    return f"{intro}<ul>{contents}</ul>{''.join(parts)}"


def _anchor(name: str) -> str:
    return escape(name.replace(" ", "-"), quote=True)


def _operation(document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    name = escape(operation["operationId"], quote=True)
    yield f'<div class="operation" id="{name}"><span class="method">{escape(method.upper())}</span> '
    yield f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))} <small>{name}</small>"
    if description := operation.get("description"):
        yield f"<br>{escape(description)}"
    if callers := operation.get("x-callers"):
        yield f"<br><small>for: {escape(', '.join(callers))}</small>"
    fields = [_parameter(parameter) for parameter in operation.get("parameters", ())]
    if fields:
        yield f"<ul>{''.join(fields)}</ul>"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>← {escape(kind)}</p>{_fields(document, content.get('schema', {}))}{_example(content)}"
    yield f"<small>→ {', '.join(escape(status) for status in operation['responses'])}</small>"
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values() if status.startswith("2") else ():
            if "example" in content:
                yield f"<details><summary><small>{escape(status)}</small></summary>{_example(content)}</details>"
        for link in answer.get("links", {}).values():
            target = escape(link["operationId"], quote=True)
            yield f' <small>⇒ <a href="#{target}">{target}</a></small>'
    yield "</div>"


def _parameter(parameter: Mapping[str, Any]) -> str:
    description = parameter.get("description", "")
    where = parameter["in"] + (", required" if parameter.get("required") else "")
    return _line(parameter["name"], where, description, parameter.get("example", MISSING))


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    schemas = document["components"]["schemas"]
    choices = [schema, *schema.get("anyOf", ())]
    name = next((part["$ref"].removeprefix(_REFERENCE) for part in choices if "$ref" in part), None)
    if name is None:
        return ""
    body = schemas[name]
    lines = (
        _line(
            field,
            "required" if field in body.get("required", ()) else "optional",
            part.get("description", ""),
            example_of(part, schemas, field, name),
        )
        for field, part in body.get("properties", {}).items()
    )
    return f"<ul>{''.join(lines)}</ul>"


def _line(name: str, what: str, description: str, example: Any) -> str:
    shown = "" if example is MISSING else f" e.g. <code>{escape(json.dumps(example, ensure_ascii=False)[:200])}</code>"
    return f"<li><code>{escape(name)}</code> <small>({escape(what)})</small> {escape(description)}{shown}</li>"


def _example(content: Mapping[str, Any]) -> str:
    if "example" not in content:
        return ""
    return f"<pre>{escape(json.dumps(content['example'], ensure_ascii=False, indent=2))}</pre>"
