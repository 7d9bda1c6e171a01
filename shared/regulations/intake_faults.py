"""What can be wrong with the duties of a channel: steps and form fields they name but the channel has not."""

from collections.abc import Iterator

from shared.regulations.flow_faults import Found, Raw, mapping, names, parts, repeated, words

_REPRESENTATION = ("representative", "representative_iin", "principal_iin")


def pointer_faults(part: Raw, at: str, keys: tuple[str, ...], pointers: set[str]) -> Iterator[Found]:
    """Every value under ``keys`` that is no field of the form."""
    for key in keys:
        pointer = part.get(key)
        if isinstance(pointer, str) and pointer not in pointers:
            yield f"{at}.{key}", f"the form has no field {pointer!r}"


def intake_faults(channel: Raw, path: str, pointers: set[str]) -> Iterator[Found]:
    """Every fault of the channel's queries, receipts, consent and storage. ``pointers``: the fields of its form."""
    steps = names(channel.get("steps"), "id")
    for part, key in (("consent", "before"), ("storage", "step")):
        step = mapping(channel.get(part)).get(key)
        if isinstance(step, str) and step not in steps:
            yield f"{path}.{part}.{key}", f"no step has the id {step!r}"
    representation = mapping(channel.get("representation"))
    yield from pointer_faults(representation, f"{path}.representation", _REPRESENTATION, pointers)
    yield from repeated(channel.get("receipts"), f"{path}.receipts", "kind")
    for n, query in parts(channel.get("registry_queries")):
        at = f"{path}.registry_queries[{n}]"
        search = mapping(query.get("search"))
        yield from pointer_faults(search, f"{at}.search", tuple(str(key) for key in search), pointers)
        yield from pointer_faults(mapping(query.get("when")), f"{at}.when", ("field",), pointers)
    yield from _unasked_parts(channel, path)


def _unasked_parts(channel: Raw, path: str) -> Iterator[Found]:
    """Documents that a registry stands for although it is never asked."""
    asked = {part for _, query in parts(channel.get("registry_queries")) for part in words(query.get("include"))}
    for n, document in parts(channel.get("documents")):
        part = document.get("registry")
        if isinstance(part, str) and part not in asked:
            yield f"{path}.documents[{n}].registry", f"no registry query includes {part!r}"
