"""Faults to plant in the small regulation: what it is, how it gets there, what the loader has to say."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.unit.regulations.factories import option, result, small_regulation, text

Change = Callable[[dict[str, Any]], object]


def portal(raw: dict[str, Any]) -> dict[str, Any]:
    """The raw portal channel."""
    channel: dict[str, Any] = raw["channels"]["portal"]
    return channel


def steps(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """The raw steps of the portal channel."""
    found: list[dict[str, Any]] = portal(raw)["steps"]
    return found


def fields(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """The raw form fields of the portal channel."""
    found: list[dict[str, Any]] = portal(raw)["form"]["fields"]
    return found


def constraint(check: dict[str, Any], path: str = "/born") -> dict[str, Any]:
    """A raw form constraint."""
    return {"check": check, "path": path, "message": text("m")}


def step_of(step_id: str) -> dict[str, Any]:
    """A terminal step."""
    return deepcopy(small_regulation()["channels"]["portal"]["steps"][3]) | {"id": step_id}


PLANTED: list[tuple[str, Change, str]] = [
    (
        "unknown action",
        lambda r: steps(r)[0].update(action="dance"),
        "channels.portal.steps[0].action: unknown action 'dance'",
    ),
    (
        "owned by another system",
        lambda r: steps(r)[1].update(actor="portal"),
        "channels.portal.steps[1].actor: action 'check_documents' is owned by 'provider', not by 'portal'",
    ),
    (
        "unknown system",
        lambda r: steps(r)[1].update(actor="moon"),
        "channels.portal.steps[1].actor: unknown actor 'moon'",
    ),
    (
        "excluded and given",
        lambda r: r.update(exclusions=[{"channels": ["portal"], "clause": "9", "text": text("not here")}]),
        "exclusions[0].channels: 'portal' is a channel of this regulation",
    ),
    (
        "diagram of a channel there is not",
        lambda r: r.update(
            annexes=[{"code": "a", "kind": "diagram", "clause": "1", "title": text("t"), "channel": "csc"}]
        ),
        "annexes[0].channel: the regulation has no channel 'csc'",
    ),
    (
        "dangling on_fail",
        lambda r: steps(r)[1].update(on_fail="process-9"),
        "channels.portal.steps[1].on_fail: no step has the id 'process-9'",
    ),
    (
        "dangling next",
        lambda r: steps(r)[0].update(next="process-9"),
        "channels.portal.steps[0].next: no step has the id 'process-9'",
    ),
    (
        "unreachable step",
        lambda r: steps(r).insert(3, step_of("process-4")),
        "channels.portal.steps[3]: step 'process-4' cannot be reached",
    ),
    (
        "condition without on_fail",
        lambda r: steps(r)[1].pop("on_fail"),
        "channels.portal.steps[1]: condition 'check_documents' names no on_fail",
    ),
    (
        "on_fail without condition",
        lambda r: steps(r)[0].update(on_fail="process-2"),
        "channels.portal.steps[0].on_fail: action 'fill_request' is not a condition and cannot fail",
    ),
    (
        "passing is failing",
        lambda r: steps(r)[1].pop("next"),
        "channels.portal.steps[1]: passing and failing both lead to 'process-2'; name the next step",
    ),
    (
        "no terminal",
        lambda r: [s.pop("terminal", None) for s in steps(r)],
        "channels.portal.steps: no step is terminal",
    ),
    (
        "open end",
        lambda r: steps(r)[3].pop("terminal"),
        "channels.portal.steps[3]: the last step is not terminal and names no next step",
    ),
    (
        "terminal that goes on",
        lambda r: steps(r)[2].update(next="process-3"),
        "channels.portal.steps[2].terminal: a terminal step leads nowhere",
    ),
    (
        "unknown terminal",
        lambda r: steps(r)[2].update(terminal="lost"),
        "channels.portal.steps[2].terminal: unknown terminal 'lost'",
    ),
    (
        "loop",
        lambda r: (steps(r)[2].pop("terminal"), steps(r)[2].update(next="process-1")),
        "channels.portal.steps[0]: the flow runs back to step 'process-1'",
    ),
    (
        "optional condition",
        lambda r: steps(r)[1].update(optional=True),
        "channels.portal.steps[1].optional: a condition cannot be optional",
    ),
    (
        "two steps of one id",
        lambda r: steps(r)[3].update(id="process-1"),
        "channels.portal.steps[3].id: id 'process-1' is given twice",
    ),
    (
        "missing language",
        lambda r: steps(r)[0]["text"].pop("kk"),
        "channels.portal.steps[0].text.kk: the kk text is missing",
    ),
    ("missing text", lambda r: steps(r)[0].pop("text"), "channels.portal.steps[0].text: is missing"),
    (
        "blank text",
        lambda r: r["title"].update(ru="  "),
        "title: the ru text is empty",
    ),
    ("unknown key", lambda r: r.update(colour="red"), "colour: this key is not known here"),
    (
        "unknown channel",
        lambda r: r["channels"].update(pigeon=portal(r)),
        "channels.pigeon: this name is not known here",
    ),
    ("wrong id", lambda r: r.update(id="city/other"), "id: the file stands for 'city/service', but says 'city/other'"),
    (
        "unquoted clause",
        lambda r: steps(r)[0].update(clause=10),
        "channels.portal.steps[0].clause: write this as text, in quotes",
    ),
    (
        "unknown check",
        lambda r: r["grounds"][0].update(check={"name": "too_tall"}),
        "grounds[0].check: unknown check 'too_tall'",
    ),
    ("check without name", lambda r: r["grounds"][0].update(check={}), "grounds[0].check: a check has a name"),
    (
        "check that lacks something",
        lambda r: r["grounds"][0]["check"].pop("document"),
        "grounds[0].check.document: is missing",
    ),
    (
        "ground with an undefined document",
        lambda r: r["grounds"][0]["check"].update(document="passport"),
        "grounds[0].check.document: channel 'portal' has no document 'passport'",
    ),
    (
        "ground with an undefined field",
        lambda r: r["grounds"][0]["check"].update(field="/height"),
        "grounds[0].check.field: the form has no field '/height'",
    ),
    (
        "ground at no step",
        lambda r: r["grounds"][0].update(step="condition-7"),
        "grounds[0].step: channel 'portal' has no step 'condition-7'",
    ),
    (
        "ground where nothing is checked",
        lambda r: r["grounds"][0].update(step="process-1"),
        "grounds[0].step: step 'process-1' is not a condition: no ground is found there",
    ),
    (
        "ground in no channel",
        lambda r: r["grounds"][0].update(channels=["portal", "csc"]),
        "grounds[0].channels: the regulation has no channel 'csc'",
    ),
    (
        "two grounds of one code",
        lambda r: r["grounds"].append(deepcopy(r["grounds"][0])),
        "grounds[1].code: code 'benefit-missing' is given twice",
    ),
    (
        "two documents of one code",
        lambda r: portal(r)["documents"].append(deepcopy(portal(r)["documents"][0])),
        "channels.portal.documents[1].code: code 'benefit' is given twice",
    ),
    (
        "document claimed by no field",
        lambda r: portal(r)["documents"][0].update(claimed_by="/benefit"),
        "channels.portal.documents[0].claimed_by: the form has no field '/benefit'",
    ),
    (
        "document that does not say who claims it",
        lambda r: portal(r)["documents"][0].pop("claimed_by"),
        "channels.portal.documents[0]: a document that is required if claimed names the field in claimed_by",
    ),
    (
        "document always required yet claimed",
        lambda r: portal(r)["documents"][0].update(required="always"),
        "channels.portal.documents[0].claimed_by: only a document that is required if claimed has this",
    ),
    (
        "outcome without a result",
        lambda r: r["results"].pop(),
        "channels.portal.outcomes.refused: no result is of the kind 'refusal'",
    ),
    (
        "terminal without an outcome",
        lambda r: portal(r)["outcomes"].pop("refused"),
        "channels.portal.steps[2].terminal: outcomes do not say what 'refused' gives the recipient",
    ),
    (
        "outcome no step reaches",
        lambda r: portal(r)["outcomes"].update(not_authorised="refusal"),
        "channels.portal.outcomes.not_authorised: no step ends this way",
    ),
    (
        "result delivered nowhere",
        lambda r: r["results"][0].update(delivery={"csc": text("csc")}),
        "results[0].delivery.csc: the regulation has no channel 'csc'",
    ),
    (
        "two results of one kind",
        lambda r: r["results"].append(result("refusal")),
        "results[2].kind: kind 'refusal' is given twice",
    ),
    (
        "two fields of one name",
        lambda r: fields(r).append(deepcopy(fields(r)[1])),
        "channels.portal.form.fields[2].name: name 'born' is given twice",
    ),
    (
        "choice without options",
        lambda r: fields(r)[0].pop("options"),
        "channels.portal.form.fields[0]: a field has 'options' if and only if its type is 'choice'",
    ),
    (
        "option given twice",
        lambda r: fields(r)[0]["options"].append(option("yes")),
        "channels.portal.form.fields[0].options[1].value: value 'yes' is given twice",
    ),
    (
        "constraint on an undefined field",
        lambda r: portal(r)["form"].update(
            constraints=[constraint({"name": "child_born_after", "field": "/birth", "after": "2007-08-13"})]
        ),
        "channels.portal.form.constraints[0].check.field: the form has no field '/birth'",
    ),
    (
        "constraint that needs more than the form",
        lambda r: portal(r)["form"].update(
            constraints=[constraint({"name": "document_attached", "document": "benefit"})]
        ),
        "channels.portal.form.constraints[0].check: unknown check 'document_attached'",
    ),
    (
        "schedule of no channel",
        lambda r: r.update(schedules=[{"channels": ["office"], "clause": "7", "hours": {}}]),
        "schedules[0].channels: the regulation has no channel 'office'",
    ),
    (
        "term of no channel",
        lambda r: r.update(terms=[{"kind": "overall", "duration": {}, "clause": "4", "channels": ["csc"]}]),
        "terms[0].channels: the regulation has no channel 'csc'",
    ),
    (
        "procedure numbered twice",
        lambda r: r["procedure"].append(deepcopy(r["procedure"][0])),
        "procedure[1].n: n 1 is given twice",
    ),
    ("unknown role", lambda r: r["procedure"][0].update(role="king"), "procedure[0].role: unknown role 'king'"),
    (
        "step covering no procedure step",
        lambda r: steps(r)[0].update(procedure=[2]),
        "channels.portal.steps[0].procedure: the procedure has no step 2",
    ),
    (
        "step inside no step",
        lambda r: steps(r)[0].update(inside="step-1"),
        "channels.portal.steps[0].inside: no step has the id 'step-1'",
    ),
]
