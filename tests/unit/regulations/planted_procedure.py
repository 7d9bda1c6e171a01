"""Faults to plant in cases, durations and the procedure, in results and examples, around a flow that runs it."""

from typing import Any

from shared.regulations.actions import Action
from tests.unit.regulations.factories import option, small_regulation, step, text
from tests.unit.regulations.planted import Change, fields, portal, steps


def procedure(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """The raw procedure."""
    found: list[dict[str, Any]] = raw["procedure"]
    return found


def variant(code: str = "urgent", **more: Any) -> dict[str, Any]:
    """A raw variant; keywords add to it."""
    return {"code": code, "name": text(code), "clause": "5", **more}


def when(field: str, equals: str) -> list[dict[str, str]]:
    """The facts of a variant."""
    return [{"field": field, "equals": equals}]


def taking(**duration: Any) -> Change:
    """The first step of the procedure takes so long."""
    return lambda r: procedure(r)[0].update(durations=[duration])


def two_steps(*acts: list[str]) -> Change:
    """A step of the procedure for each list of acts."""
    return lambda r: r.update(
        procedure=[procedure(small_regulation())[0] | {"n": n + 1, "acts": a} for n, a in enumerate(acts)]
    )


def running(raw: dict[str, Any]) -> None:
    """The flow runs a procedure that has no step for it."""
    steps(raw).insert(3, step("step-3", Action.RUN_PROCEDURE))
    steps(raw)[1].update(next="step-3")
    procedure(raw)[0].update(actor="csc")


def form_of(kind: int, **field: Any) -> Change:
    """A result has a form with two fields."""
    shape = {"code": "number", "label": text("number"), "value": "register_number"}
    fields = [shape | {"code": "name"}, shape | field]
    return lambda r: r["results"][kind].update(form={"title": text("title"), "clause": "4", "fields": fields})


_STEP = "procedure[0].durations"
PLANTED: list[tuple[str, Change, str]] = [
    (
        "two variants of one code",
        lambda r: r.update(variants=[variant(), variant()]),
        "variants[1].code: code 'urgent' is given twice",
    ),
    (
        "variant called default",
        lambda r: r.update(variants=[variant("default")]),
        "variants[0].code: 'default' is what an application is if no variant fits",
    ),
    (
        "variant of no channel",
        lambda r: r.update(variants=[variant(channels=["csc"])]),
        "variants[0].channels: the regulation has no channel 'csc'",
    ),
    (
        "variant that gives nothing known",
        lambda r: r.update(variants=[variant(gives={"granted": "crown"})]),
        "variants[0].gives: no result is of the kind 'crown'",
    ),
    (
        "variant by a field that is not there",
        lambda r: r.update(variants=[variant(when=when("/kind", "yes"))]),
        "variants[0].when[0].field: the form of 'portal' has no field '/kind'",
    ),
    (
        "variant by a value that cannot be",
        lambda r: r.update(variants=[variant(when=when("/claim", "no"))]),
        "variants[0].when[0].equals: in the form of 'portal' '/claim' cannot be 'no'",
    ),
    (
        "duration of no variant",
        taking(variant="urgent", value=1, unit="hours"),
        f"{_STEP}[0].variant: the regulation has no variant 'urgent'",
    ),
    ("duration without a unit", taking(value=1), f"{_STEP}[0]: a value has a unit"),
    (
        "range without an end",
        taking(bound="range", unit="hours", minimum=1),
        f"{_STEP}[0]: a range, and nothing else, has a minimum and a maximum",
    ),
    (
        "edges without a range",
        taking(unit="hours", minimum=1, maximum=2),
        f"{_STEP}[0]: a range, and nothing else, has a minimum and a maximum",
    ),
    (
        "range backwards",
        taking(bound="range", unit="hours", minimum=3, maximum=2),
        f"{_STEP}[0]: the minimum is over the maximum",
    ),
    (
        "counted from no field",
        taking(value=1, unit="hours", counted_from="field"),
        f"{_STEP}[0]: what is counted from a field, and nothing else, names the field",
    ),
    (
        "field for nothing",
        taking(value=1, unit="hours", field="/born"),
        f"{_STEP}[0]: what is counted from a field, and nothing else, names the field",
    ),
    (
        "counted from an unknown field",
        taking(value=1, unit="hours", counted_from="field", field="/died"),
        f"{_STEP}[0].field: the form of 'portal' has no field '/died'",
    ),
    (
        "stages that are not numbered",
        lambda r: procedure(r)[0].update(
            durations=[{"value": 1, "unit": "hours"}, {"value": 2, "unit": "hours", "stage": 2}]
        ),
        f"{_STEP}: variant 'default' has several durations: number their stages, each once",
    ),
    (
        "stage given twice",
        lambda r: procedure(r)[0].update(durations=[{"value": 1, "unit": "hours", "stage": 2}] * 2),
        f"{_STEP}: variant 'default' has several durations: number their stages, each once",
    ),
    (
        "duration of a step of no variant",
        lambda r: steps(r)[0].update(durations=[{"variant": "slow", "value": 1, "unit": "hours"}]),
        "channels.portal.steps[0].durations[0].variant: the regulation has no variant 'slow'",
    ),
    (
        "term of no variant",
        lambda r: r.update(terms=[{"kind": "overall", "duration": {"variant": "slow"}, "clause": "4"}]),
        "terms[0].duration.variant: the regulation has no variant 'slow'",
    ),
    (
        "nobody's step",
        lambda r: procedure(r)[0].update(role=None),
        "procedure[0]: nobody does this step: name in acts_as who does it here",
    ),
    (
        "procedure of no channel",
        lambda r: procedure(r)[0].update(channels=["csc"]),
        "procedure[0].channels: the regulation has no channel 'csc'",
    ),
    (
        "ground of an unknown case",
        lambda r: r["grounds"][0].update(variants=["urgent"]),
        "grounds[0].variants: the regulation has no variant 'urgent'",
    ),
    ("unknown act", lambda r: procedure(r)[0].update(acts=["dance"]), "procedure[0].acts[0]: unknown act 'dance'"),
    (
        "act given twice",
        lambda r: procedure(r)[0].update(acts=["examine", "examine"]),
        "procedure[0].acts: act 'examine' is given twice",
    ),
    (
        "the centre examines",
        lambda r: procedure(r)[0].update(acts=["examine"], actor="csc"),
        "procedure[0].acts: act 'examine' is the provider's, not the centre's",
    ),
    (
        "nobody examines",
        two_steps(["register"], ["sign"]),
        "channels.portal: the service may be refused, but in no step of the procedure anybody examines",
    ),
    (
        "signed before it is formalised",
        two_steps(["examine", "sign"], ["formalise"]),
        "procedure[0].acts: act 'sign' comes before 'formalise'",
    ),
    (
        "issued before it is sealed",
        two_steps(["examine", "issue"], ["seal"]),
        "procedure[0].acts: act 'issue' comes before 'seal'",
    ),
    (
        "running a procedure that is empty",
        running,
        "channels.portal: the flow runs the provider's procedure, which has no step for this channel",
    ),
    (
        "restriction on an undefined field",
        lambda r: portal(r).update(
            restrictions=[
                {"text": text("only"), "clause": "1", "check": {"name": "one_of", "field": "/place", "values": ["x"]}}
            ]
        ),
        "channels.portal.restrictions[0].check.field: the form has no field '/place'",
    ),
    (
        "alternative to no outcome",
        lambda r: portal(r).update(alternatives={"not_authorised": ["receipt"]}),
        "channels.portal.alternatives.not_authorised: outcomes do not say what this end gives otherwise",
    ),
    (
        "alternative of no kind",
        lambda r: portal(r).update(alternatives={"granted": ["voucher"]}),
        "channels.portal.alternatives.granted: no result is of the kind 'voucher'",
    ),
    (
        "two printed fields of one code",
        form_of(0, code="name"),
        "results[0].form.fields[1].code: code 'name' is given twice",
    ),
    (
        "printed field of no form",
        form_of(1, value="/place"),
        "results[1].form.fields[1].value: no form has a field '/place'",
    ),
    (
        "example of another pattern",
        lambda r: fields(r).append(
            {"name": "phone", "type": "text", "label": text("l"), "pattern": "^[0-9]+$", "example": "7x"}
        ),
        "channels.portal.form.fields[2].example: the example does not fit its own field",
    ),
    (
        "example that is too long",
        lambda r: fields(r).append(
            {"name": "code", "type": "text", "label": text("l"), "max_length": 2, "example": "abc"}
        ),
        "channels.portal.form.fields[2].example: the example does not fit its own field",
    ),
    (
        "example over the maximum",
        lambda r: fields(r).append({"name": "year", "type": "number", "label": text("l"), "maximum": 3, "example": 4}),
        "channels.portal.form.fields[2].example: the example does not fit its own field",
    ),
    (
        "example that cannot be chosen",
        lambda r: fields(r).append(
            {"name": "kind", "type": "choice", "label": text("l"), "options": [option("a")], "example": "b"}
        ),
        "channels.portal.form.fields[2].example: the example does not fit its own field",
    ),
    (
        "example of a date",
        lambda r: fields(r)[1].update(example="2020-01-01"),
        "channels.portal.form.fields[1].example: a field of the type 'date' has no such example",
    ),
]
