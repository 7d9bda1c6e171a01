"""What can be wrong with a regulation as a whole: names used but not defined, names defined twice.

Like the flow's faults these are looked for in the raw data, beside the schema, so that one start shows all of them.
"""

from collections.abc import Iterator

from shared.regulations.actions import CONDITIONS
from shared.regulations.flow_faults import Found, Raw, flow_faults, mapping, names, parts, repeated, words
from shared.regulations.form_faults import field_faults
from shared.regulations.form_faults import pointers as pointers_of
from shared.regulations.intake_faults import intake_faults, pointer_faults
from shared.regulations.procedure_faults import procedure_faults

_LISTS = (
    ("results", "kind"),
    ("procedure", "n"),
    ("information", "code"),
    ("annexes", "code"),
    ("notes", "code"),
)
_POINTERS = ("field", "target", "iin", "birth_date")


def regulation_faults(raw: Raw, expected_id: str) -> Iterator[Found]:
    """Every fault of one file that its schema cannot see. ``expected_id``: the id its place and name stand for."""
    if isinstance(raw.get("id"), str) and raw["id"] != expected_id:
        yield "id", f"the file stands for {expected_id!r}, but says {raw['id']!r}"
    for name, key in _LISTS:
        yield from repeated(raw.get(name), name, key)
    channels = mapping(raw.get("channels"))
    for name, channel in channels.items():
        yield from _channel_faults(mapping(channel), f"channels.{name}", raw)
        yield from _repeated_grounds(raw, name)
    for n, ground in parts(raw.get("grounds")):
        yield from _ground_faults(ground, f"grounds[{n}]", channels)
    for n, schedule in parts(raw.get("schedules")):
        yield from _unknown_channels(schedule, f"schedules[{n}]", channels)
    for n, term in parts(raw.get("terms")):
        yield from _unknown_channels(term, f"terms[{n}]", channels)
    for n, result in parts(raw.get("results")):
        yield from _result_faults(result, f"results[{n}]", channels)
    for n, annex in parts(raw.get("annexes")):
        channel = annex.get("channel")
        if isinstance(channel, str) and channel not in channels:
            yield f"annexes[{n}].channel", f"the regulation has no channel {channel!r}"
    yield from _exclusion_faults(raw, channels)
    yield from _place_faults(raw, channels)
    yield from procedure_faults(raw)


def _exclusion_faults(raw: Raw, channels: Raw) -> Iterator[Found]:
    for n, exclusion in parts(raw.get("exclusions")):
        for name in words(exclusion.get("channels")):
            if mapping(channels.get(name)).get("steps"):
                yield f"exclusions[{n}].channels", f"{name!r} is a channel of this regulation"


def _place_faults(raw: Raw, channels: Raw) -> Iterator[Found]:
    """Every option of the field has its place, and every place its option."""
    listed = mapping(raw.get("places"))
    yield from repeated(listed.get("places"), "places.places", "value")
    field = listed.get("field")
    if not isinstance(field, str):
        return
    forms = [mapping(mapping(channel).get("form")).get("fields") for channel in channels.values()]
    found = [item for form in forms for _, item in parts(form) if f"/{item.get('name')}" == field]
    if not found:
        yield "places.field", f"no form has a field {field!r}"
    places, options = (
        names(listed.get("places"), "value"),
        {name for f in found for name in names(f.get("options"), "value")},
    )
    for name in sorted(places ^ options) if found else ():
        yield "places.places", f"{name!r} is not both a place and an option of {field!r}"


def _channel_faults(channel: Raw, path: str, raw: Raw) -> Iterator[Found]:
    yield from flow_faults(channel, path)
    yield from repeated(channel.get("documents"), f"{path}.documents", "code")
    kinds = names(raw.get("results"), "kind")
    for end, kind in mapping(channel.get("outcomes")).items():
        if isinstance(kind, str) and kind not in kinds:
            yield f"{path}.outcomes.{end}", f"no result is of the kind {kind!r}"
    yield from _alternative_faults(channel, path, kinds)
    form = mapping(channel.get("form"))
    pointers = set(pointers_of(form.get("fields")))
    yield from intake_faults(channel, path, pointers)
    yield from field_faults(form.get("fields"), f"{path}.form.fields")
    for n, document in parts(channel.get("documents")):
        yield from _document_faults(document, f"{path}.documents[{n}]", pointers, has_form=bool(form))
    for n, constraint in parts(form.get("constraints")):
        at = f"{path}.form.constraints[{n}]"
        yield from pointer_faults(mapping(constraint.get("check")), f"{at}.check", _POINTERS, pointers)
        yield from pointer_faults(constraint, at, ("path",), pointers)
    for n, restriction in parts(channel.get("restrictions")):
        at = f"{path}.restrictions[{n}].check"
        yield from pointer_faults(mapping(restriction.get("check")), at, _POINTERS, pointers)
    numbers = [step.get("n") for _, step in parts(raw.get("procedure"))]
    for n, step in parts(channel.get("steps")):
        if isinstance(step.get("gives"), str) and step["gives"] not in kinds:
            yield f"{path}.steps[{n}].gives", f"no result is of the kind {step['gives']!r}"
        covered = step.get("procedure")
        for number in covered if isinstance(covered, list) else []:
            if number not in numbers:
                yield f"{path}.steps[{n}].procedure", f"the procedure has no step {number!r}"


def _alternative_faults(channel: Raw, path: str, kinds: set[str]) -> Iterator[Found]:
    for end, given in mapping(channel.get("alternatives")).items():
        if end not in mapping(channel.get("outcomes")):
            yield f"{path}.alternatives.{end}", "outcomes do not say what this end gives otherwise"
        for kind in words(given):
            if kind not in kinds:
                yield f"{path}.alternatives.{end}", f"no result is of the kind {kind!r}"


def _result_faults(result: Raw, at: str, channels: Raw) -> Iterator[Found]:
    for name in mapping(result.get("delivery")):
        if name not in channels:
            yield f"{at}.delivery.{name}", f"the regulation has no channel {name!r}"
    fields = mapping(result.get("form")).get("fields")
    yield from repeated(fields, f"{at}.form.fields", "code")
    forms = (mapping(mapping(channel).get("form")).get("fields") for channel in channels.values())
    known = {pointer for form in forms for pointer in pointers_of(form)}
    for n, field in parts(fields):
        value = field.get("value")
        if isinstance(value, str) and value.startswith("/") and value not in known:
            yield f"{at}.form.fields[{n}].value", f"no form has a field {value!r}"


def _document_faults(document: Raw, at: str, pointers: set[str], *, has_form: bool) -> Iterator[Found]:
    claimed = document.get("claimed_by")
    if has_form and document.get("required") == "if_claimed" and claimed is None:
        yield at, "a document that is required if claimed names the field in claimed_by"
    if document.get("required") in ("always", "from_registry") and claimed is not None:
        yield f"{at}.claimed_by", "only a document that is required if claimed has this"
    if document.get("claimed_value") is not None and claimed is None:
        yield f"{at}.claimed_value", "a value needs the field claimed_by that may have it"
    if document.get("required") != "from_registry" and document.get("otherwise") is not None:
        yield f"{at}.otherwise", "only a document that is taken from a registry has this"
    yield from pointer_faults(document, at, ("claimed_by",), pointers)


def _repeated_grounds(raw: Raw, channel: str) -> Iterator[Found]:
    """Two grounds of one code in one channel; another channel may have its own ground of that code."""
    mine = [(n, ground) for n, ground in parts(raw.get("grounds")) if channel in words(ground.get("channels"))]
    for found, message in repeated([ground for _, ground in mine], "", "code"):
        n = mine[int(found[1 : found.index("]")])][0]
        yield f"grounds[{n}].code", message


def _ground_faults(ground: Raw, at: str, channels: Raw) -> Iterator[Found]:
    yield from _unknown_channels(ground, at, channels)
    check = mapping(ground.get("check"))
    for name in words(ground.get("channels")):
        channel, step = mapping(channels.get(name)), ground.get("step")
        found = [item for _, item in parts(channel.get("steps")) if item.get("id") == step]
        if name in channels and isinstance(step, str) and not found:
            yield f"{at}.step", f"channel {name!r} has no step {step!r}"
        elif found and not any(item.get("action") in list(CONDITIONS) or item.get("instead_of") for item in found):
            yield f"{at}.step", f"step {step!r} is not a condition: no ground is found there"
        documents = names(channel.get("documents"), "code")
        if isinstance(check.get("document"), str) and check["document"] not in documents:
            yield f"{at}.check.document", f"channel {name!r} has no document {check['document']!r}"
        pointers = set(pointers_of(mapping(channel.get("form")).get("fields")))
        yield from pointer_faults(check, f"{at}.check", _POINTERS, pointers)


def _unknown_channels(part: Raw, at: str, channels: Raw) -> Iterator[Found]:
    for name in words(part.get("channels")):
        if name not in channels:
            yield f"{at}.channels", f"the regulation has no channel {name!r}"
