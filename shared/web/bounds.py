"""An error answer of bounded size, whatever it tells of: a call of 1 MB must not be answered with 6 MB."""

import json
import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

PROBLEM_BYTES = 64 * 1024
"""No problem document is larger."""
FAULTS_SHOWN = 100
"""So many entries of a list are shown, faults above all; ``left_out`` says how many more there are."""
_CUT = "…"
_DEEPEST = 5
_VALUES = 5000
# From what any honest call needs to what always fits; the last has no place for more than the problem's own members.
_SIZES = ((FAULTS_SHOWN, 2000), (FAULTS_SHOWN, 200), (20, 200), (5, 100))


def bounded_json(document: Mapping[str, Any], own: frozenset[str]) -> bytes:
    """``document`` as JSON of at most ``PROBLEM_BYTES``.

    Long texts are cut, lists and objects end after ``FAULTS_SHOWN`` entries or fewer; ``left_out`` then counts for each
    list of the document what is not shown. In the worst case only the members named in ``own`` are left.
    """
    for entries, letters in _SIZES:
        cutter = _Cutter(entries, letters)
        shown = {name: cutter.cut(value) for name, value in document.items()}
        left_out = {
            name: len(value) - entries
            for name, value in document.items()
            if isinstance(value, list | tuple) and len(value) > entries
        }
        body = _encoded({**shown, "left_out": left_out} if left_out else shown)
        if len(body) <= PROBLEM_BYTES:
            return body
    cutter = _Cutter(*_SIZES[-1])
    return _encoded({name: cutter.cut(value) for name, value in document.items() if name in own})


def _encoded(document: Mapping[str, Any]) -> bytes:
    # A lone surrogate (legal in a JSON string) has no UTF-8 form; written as \udXXX it stays valid JSON.
    return json.dumps(document, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")


class _Cutter:
    """Copies values within bounds; ``left`` of them at most, however they lie within one another."""

    def __init__(self, entries: int, letters: int) -> None:
        self._entries = entries
        self._letters = letters
        self._left = _VALUES

    def cut(self, value: Any, depth: int = 0) -> Any:
        """A copy of ``value`` that is fit to be shown."""
        self._left -= 1
        goes_on = depth < _DEEPEST and self._left > 0
        if isinstance(value, Mapping) and goes_on:
            pairs = islice(value.items(), self._entries)
            return {_text(str(name), self._letters): self.cut(part, depth + 1) for name, part in pairs}
        if isinstance(value, list | tuple | set | frozenset) and goes_on:
            return [self.cut(part, depth + 1) for part in islice(value, self._entries)]
        return _leaf(value, self._letters)


def _leaf(value: Any, letters: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 64 else _CUT  # a text of it may cost more than all the rest
    if isinstance(value, float) and math.isfinite(value):
        return value
    collection = isinstance(value, Mapping | list | tuple | set | frozenset)
    return _CUT if collection else _text(str(value), letters)


def _text(value: str, letters: int) -> str:
    return value if len(value) <= letters else value[:letters] + _CUT
