"""What of JSON (RFC 8259) is taken from outside: bounded, without a second meaning, and fit to be kept and signed.

I-JSON (RFC 7493) without its advice on numbers: UTF-8, no name twice in an object, no half of a surrogate pair. No NUL
either, which PostgreSQL cannot keep in a text. All of it is looked at before anything is built from the body, so that
an answer costs as little for a hostile body as for an honest one.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from shared.kit.errors import InvalidInput

VALUES = 20_000
"""So many values, counted with the names in objects, a JSON body has at most."""
DEPTH = 32
DIGITS = 100
"""Of one number. No field takes more than a few; a decimal text of a million digits costs minutes to read."""

# Also one that does not end: tried anew from each of its quotes, it would cost the square of its length.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")
_NUMBER = re.compile(r"[-+.eE0-9]+")
_UNFIT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNFIT = re.compile("[\0\ud800-\udfff]")


def json_pointer(parts: Iterable[object]) -> str:
    """RFC 6901 pointer of a location; ``""`` is the whole."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


class NotJson(ValueError):
    """It is not JSON at all; whoever reads it for good says where it breaks."""


def check_json(body: bytes) -> None:
    """Raise ``InvalidInput`` for JSON that is not taken, ``NotJson`` for what is none; an empty body passes."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse("", f"not UTF-8 at octet {error.start}")
    if not text.strip():
        return
    _check_shape(_STRING.sub('""', text))
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=_number, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from error
    if _UNFIT_ESCAPE.search(text):
        for inside, found in _texts(value, ()):
            if _UNFIT.search(found):
                _refuse(json_pointer(inside), "a NUL or half of a surrogate pair is no character of a text")


def _check_shape(bare: str) -> None:
    """The bounds, told from the text with empty strings in it."""
    if bare.count(",") + bare.count(":") > VALUES:
        _refuse("", f"at most {VALUES} values")
    depth = 0
    for bracket in _BRACKETS.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEPTH:
            _refuse("", f"at most {DEPTH} levels within one another")
    if any(len(number[0]) > DIGITS for number in _NUMBER.finditer(bare)):
        _refuse("", f"a number has at most {DIGITS} characters")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        _refuse("", f"the name {twice!r} stands twice in one object")
    return found


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse("", f"the number {text} is too great")
    return value


def _no_number(name: str) -> NoReturn:
    # Python would take it; RFC 8259 §6 does not.
    _refuse("", f"{name} is no number")


def _texts(value: Any, inside: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of ``value``, names too, with where it stands."""
    if isinstance(value, str):
        yield inside, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        if isinstance(name, str):
            yield (*inside, name), name
        yield from _texts(part, (*inside, name))


def _refuse(path: str, message: str) -> NoReturn:
    raise InvalidInput(faults=[{"in": "body", "path": path, "message": message}])
