"""The words for a regulation file's schema faults: those of the file's author, not of the validation library."""

from pydantic_core import ErrorDetails

from shared.kit.text import LANGUAGES

_PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "this key is not known here",
    "union_tag_not_found": "a check has a name",
}


def worded(detail: ErrorDetails) -> tuple[str, str]:
    """Path inside the file and message of one fault."""
    location, kind = list(detail["loc"]), detail["type"]
    if "check" in location[:-2]:
        # pydantic names the chosen member of the union here; the file has no such key.
        del location[location.index("check") + 1]
    in_key = bool(location) and location[-1] == "[key]"
    if in_key:
        del location[-1]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    last = location[-1] if location else ""
    if kind == "missing" and last in LANGUAGES:
        return path, f"the {last} text is missing"
    if kind == "union_tag_invalid":
        return path, f"unknown check {detail['input'].get('name')!r}"
    if kind in ("enum", "literal_error"):
        return path, "this name is not known here" if in_key else f"unknown {_what(location)} {detail['input']!r}"
    return path, _PLAIN.get(kind) or detail["msg"].removeprefix("Value error, ")


def _what(location: list[int | str]) -> str:
    """What kind of word stands at ``location``: the key it stands under; in a list, one of those."""
    key = next((part for part in reversed(location) if isinstance(part, str)), "name")
    return key if location[-1:] == [key] else key.removesuffix("s")
