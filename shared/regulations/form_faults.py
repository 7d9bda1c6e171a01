"""What can be wrong with the fields of a form, and what the form has for others to point at."""

import re
from collections.abc import Iterator
from typing import Any

from shared.regulations.flow_faults import Found, Raw, names, parts, repeated

_NEEDS = {"group": "fields", "list": "item", "choice": "options"}


def pointers(fields: Any, above: str = "") -> Iterator[str]:
    """The pointer of every field, groups before their fields; not those inside lists."""
    for _, field in parts(fields):
        pointer = f"{above}/{field.get('name')}"
        yield pointer
        yield from pointers(field.get("fields"), pointer)


def options(fields: Any, pointer: str) -> set[str] | None:
    """The values of the choice that ``pointer`` names; ``None`` if there is no such field or it is no choice."""
    name, _, rest = pointer[1:].partition("/")
    for _, field in parts(fields):
        if field.get("name") == name:
            if rest:
                return options(field.get("fields"), f"/{rest}")
            return names(field.get("options"), "value") if field.get("type") == "choice" else None
    return None


def field_faults(fields: Any, path: str) -> Iterator[Found]:
    """Every fault of the fields and those inside them."""
    yield from repeated(fields, path, "name")
    for n, field in parts(fields):
        yield from _one_field(field, f"{path}[{n}]")


def _one_field(field: Raw, at: str) -> Iterator[Found]:
    for kind, key in _NEEDS.items():
        if (field.get("type") == kind) != bool(field.get(key)):
            yield at, f"a field has {key!r} if and only if its type is {kind!r}"
    yield from repeated(field.get("options"), f"{at}.options", "value")
    yield from field_faults(field.get("fields"), f"{at}.fields")
    if field.get("example") is not None:
        yield from _example_faults(field, f"{at}.example")
    if isinstance(field.get("item"), dict):
        yield from _one_field(field["item"], f"{at}.item")


def _example_faults(field: Raw, at: str) -> Iterator[Found]:
    example, pattern = field["example"], field.get("pattern")
    match field.get("type"):
        case "text" if isinstance(example, str):
            try:
                fits = not isinstance(pattern, str) or re.fullmatch(pattern, example) is not None
            except re.error:
                fits = True  # a pattern that is none is reported where it stands
            longest = field.get("max_length")
            fits = fits and not (isinstance(longest, int) and len(example) > longest)
        case "number" if isinstance(example, int):
            least, most = field.get("minimum"), field.get("maximum")
            fits = not ((isinstance(least, int) and example < least) or (isinstance(most, int) and example > most))
        case "choice":
            fits = example in names(field.get("options"), "value")
        case kind:
            yield at, f"a field of the type {kind!r} has no such example"
            return
    if not fits:
        yield at, "the example does not fit its own field"
