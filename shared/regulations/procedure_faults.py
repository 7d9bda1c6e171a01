"""What can be wrong with cases, durations and the provider's procedure. Works on the raw data as the others do."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from shared.regulations.flow_faults import Found, Raw, mapping, names, parts, repeated, words
from shared.regulations.form_faults import options, pointers
from shared.regulations.terms import DEFAULT, Act

_OUTSIDE_THE_FORM = "/centre/"
"""Facts the intake knows beside the form."""
_ORDER = (Act.SUBMIT, Act.REGISTER, Act.RESOLVE, Act.EXAMINE, Act.FORMALISE, Act.SIGN, Act.SEAL, Act.ISSUE)
"""Acts whose first occurrences come in this order, wherever a procedure has them."""
_OF_THE_CENTRE = frozenset({Act.SUBMIT, Act.REGISTER, Act.GIVE_RECEIPT, Act.PASS_ON, Act.ISSUE})
"""What people of a centre may do in a procedure."""
_LISTS = ("procedure", "terms")


def procedure_faults(raw: Raw) -> Iterator[Found]:
    """Every fault of the variants and what names them, of all durations, and of the procedure with each channel that
    runs it."""
    channels = mapping(raw.get("channels"))
    yield from repeated(raw.get("variants"), "variants", "code")
    for n, variant in parts(raw.get("variants")):
        yield from _variant_faults(variant, f"variants[{n}]", raw, channels)
    known = names(raw.get("variants"), "code") | {DEFAULT}
    for n, ground in parts(raw.get("grounds")):
        unknown = [code for code in words(ground.get("variants")) if code not in known]
        yield from ((f"grounds[{n}].variants", f"the regulation has no variant {code!r}") for code in unknown)
    for at, duration, served in _durations(raw, channels):
        yield from _duration_faults(duration, at, known, served, channels)
    for n, step in parts(raw.get("procedure")):
        yield from _step_faults(step, f"procedure[{n}]", channels)
    for name, channel in channels.items():
        yield from _chain_faults(name, mapping(channel), raw)


def _variant_faults(variant: Raw, at: str, raw: Raw, channels: Raw) -> Iterator[Found]:
    if variant.get("code") == DEFAULT:
        yield f"{at}.code", f"{DEFAULT!r} is what an application is if no variant fits"
    named = words(variant.get("channels"))
    yield from ((f"{at}.channels", f"the regulation has no channel {name!r}") for name in named if name not in channels)
    for kind in mapping(variant.get("gives")).values():
        if isinstance(kind, str) and kind not in names(raw.get("results"), "kind"):
            yield f"{at}.gives", f"no result is of the kind {kind!r}"
    forms = _forms(channels, named)
    for n, condition in parts(variant.get("when")):
        pointer, value = condition.get("field"), condition.get("equals")
        if not isinstance(pointer, str) or pointer.startswith(_OUTSIDE_THE_FORM):
            continue
        for name, fields in forms.items():
            if pointer not in set(pointers(fields)):
                yield f"{at}.when[{n}].field", f"the form of {name!r} has no field {pointer!r}"
            elif (values := options(fields, pointer)) is not None and value not in values:
                yield f"{at}.when[{n}].equals", f"in the form of {name!r} {pointer!r} cannot be {value!r}"


def _forms(channels: Raw, named: list[str]) -> dict[str, Any]:
    """The fields of the forms of the named channels (none named: of all) that can be run."""
    runnable = {name: mapping(part) for name, part in channels.items() if mapping(part).get("steps")}
    return {
        name: mapping(channel.get("form")).get("fields")
        for name, channel in runnable.items()
        if not named or name in named
    }


def _durations(raw: Raw, channels: Raw) -> Iterator[tuple[str, Raw, list[str]]]:
    """Every duration with its place and the channels it is for (none: all)."""
    for n, step in parts(raw.get("procedure")):
        for m, duration in parts(step.get("durations")):
            yield f"procedure[{n}].durations[{m}]", duration, words(step.get("channels"))
    for n, term in parts(raw.get("terms")):
        yield f"terms[{n}].duration", mapping(term.get("duration")), words(term.get("channels"))
    for name, channel in channels.items():
        for n, step in parts(mapping(channel).get("steps")):
            for m, duration in parts(step.get("durations")):
                yield f"channels.{name}.steps[{n}].durations[{m}]", duration, [str(name)]


def _duration_faults(duration: Raw, at: str, known: set[str], served: list[str], channels: Raw) -> Iterator[Found]:
    variant = duration.get("variant", DEFAULT)
    if isinstance(variant, str) and variant not in known:
        yield f"{at}.variant", f"the regulation has no variant {variant!r}"
    if duration.get("value") is not None and duration.get("unit") is None:
        yield at, "a value has a unit"
    edges = (duration.get("minimum"), duration.get("maximum"))
    if (duration.get("bound") == "range") != all(edge is not None for edge in edges):
        yield at, "a range, and nothing else, has a minimum and a maximum"
    elif isinstance(edges[0], int) and isinstance(edges[1], int) and edges[0] > edges[1]:
        yield at, "the minimum is over the maximum"
    pointer = duration.get("field")
    if (duration.get("counted_from") == "field") != (pointer is not None):
        yield at, "what is counted from a field, and nothing else, names the field"
    elif isinstance(pointer, str):
        for name, fields in _forms(channels, served).items():
            if pointer not in set(pointers(fields)):
                yield f"{at}.field", f"the form of {name!r} has no field {pointer!r}"


def _step_faults(step: Raw, at: str, channels: Raw) -> Iterator[Found]:
    yield from (
        (f"{at}.channels", f"the regulation has no channel {name!r}")
        for name in words(step.get("channels"))
        if name not in channels
    )
    acts = words(step.get("acts"))
    yield from ((f"{at}.acts", f"act {act!r} is given twice") for act in sorted({a for a in acts if acts.count(a) > 1}))
    if step.get("actor") == "csc":
        for act in acts:
            if act in set(Act) and act not in _OF_THE_CENTRE:
                yield f"{at}.acts", f"act {act!r} is the provider's, not the centre's"
    elif step.get("role") is None and step.get("acts_as") is None and not mapping(step.get("stated")):
        yield at, "nobody does this step: name in acts_as who does it here"
    stages: dict[Any, list[Any]] = {}
    for _, duration in parts(step.get("durations")):
        stages.setdefault(str(duration.get("variant", DEFAULT)), []).append(duration.get("stage"))
    for variant, given in stages.items():
        if len(given) > 1 and (None in given or len(set(map(str, given))) < len(given)):
            yield f"{at}.durations", f"variant {variant!r} has several durations: number their stages, each once"


def _chain_faults(name: Any, channel: Raw, raw: Raw) -> Iterator[Found]:
    """What a channel whose flow has a part of the provider's needs of the procedure."""
    actions = names(channel.get("steps"), "action")
    if not actions & {"run_procedure", "check_documents"}:
        return
    numbers = {n for _, step in parts(channel.get("steps")) for n in _numbers(step.get("procedure"))}
    taken = [
        (n, step)
        for n, step in parts(raw.get("procedure"))
        if step.get("actor", "provider") == "provider"
        and (not words(step.get("channels")) or name in words(step.get("channels")))
        and (not numbers or step.get("n") in numbers)
    ]
    if "run_procedure" in actions and not taken:
        yield f"channels.{name}", "the flow runs the provider's procedure, which has no step for this channel"
    acts = [(place, act) for place, step in taken for act in words(step.get("acts"))]
    if not acts:
        return
    if actions & {"refuse_service", "check_documents"} and Act.EXAMINE not in {act for _, act in acts}:
        yield f"channels.{name}", "the service may be refused, but in no step of the procedure anybody examines"
    yield from _order_faults(acts)


def _numbers(value: Any) -> list[int]:
    return [item for item in value if isinstance(item, int)] if isinstance(value, list) else []


def _order_faults(acts: list[tuple[int, str]]) -> Iterator[Found]:
    first = {act: place for place, (_, act) in reversed(list(enumerate(acts)))}
    present = [act.value for act in _ORDER if act in first]
    for before, after in pairwise(present):
        if first[before] > first[after]:
            n = acts[first[after]][0]
            yield f"procedure[{n}].acts", f"act {after!r} comes before {before!r}"
