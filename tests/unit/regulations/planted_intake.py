"""Faults to plant around the list of steps: ends outside it, and the duties of whoever takes documents."""

from typing import Any

from tests.unit.regulations.planted import Change, constraint, portal, step_of, steps


def end(step_id: str) -> dict[str, Any]:
    """An end outside the list."""
    return step_of(step_id) | {"instead_of": ["process-3"]}


def query(**fields: Any) -> dict[str, Any]:
    """A raw registry query; keywords replace its fields."""
    search = {"iin": "/claim"}
    return {"registry": "persons", "about": "applicant", "mode": "iin", "search": search, "clause": "10(3)"} | fields


PLANTED: list[tuple[str, Change, str]] = [
    (
        "end instead of no step",
        lambda r: steps(r)[2].update(instead_of=["process-7"]),
        "channels.portal.steps[2].instead_of: the list has no step 'process-7'",
    ),
    (
        "end instead of another such end",
        lambda r: (steps(r).append(step_of("one") | {"instead_of": ["two"]}), steps(r).append(end("two"))),
        "channels.portal.steps[4].instead_of: the list has no step 'two'",
    ),
    (
        "end that does not end",
        lambda r: steps(r).append({k: v for k, v in end("away").items() if k != "terminal"}),
        "channels.portal.steps[4]: a step instead of others ends the run",
    ),
    (
        "end that is due by itself",
        lambda r: steps(r).append(end("away") | {"optional": True}),
        "channels.portal.steps[4].optional: a step instead of others is never due by itself",
    ),
    (
        "end that gives nothing known",
        lambda r: steps(r)[3].update(gives="money"),
        "channels.portal.steps[3].gives: no result is of the kind 'money'",
    ),
    (
        "step that gives something on the way",
        lambda r: steps(r)[0].update(gives="receipt"),
        "channels.portal.steps[0].gives: only the end of a run gives something",
    ),
    (
        "consent before no step",
        lambda r: portal(r).update(consent={"before": "process-9"}),
        "channels.portal.consent.before: no step has the id 'process-9'",
    ),
    (
        "storage that ends in no step",
        lambda r: portal(r).update(storage={"step": "process-9"}),
        "channels.portal.storage.step: no step has the id 'process-9'",
    ),
    (
        "representative without a field",
        lambda r: portal(r).update(representation={"representative": "/who"}),
        "channels.portal.representation.representative: the form has no field '/who'",
    ),
    (
        "two receipts of one kind",
        lambda r: portal(r).update(receipts=[{"kind": "refusal"}, {"kind": "refusal"}]),
        "channels.portal.receipts[1].kind: kind 'refusal' is given twice",
    ),
    (
        "query by an undefined field",
        lambda r: portal(r).update(registry_queries=[query(search={"iin": "/iin"})]),
        "channels.portal.registry_queries[0].search.iin: the form has no field '/iin'",
    ),
    (
        "query on an undefined condition",
        lambda r: portal(r).update(registry_queries=[query(when={"field": "/notarial", "equals": "yes"})]),
        "channels.portal.registry_queries[0].when.field: the form has no field '/notarial'",
    ),
    (
        "query the registry does not know",
        lambda r: portal(r).update(registry_queries=[query(registry="notary")]),
        "channels.portal.registry_queries[0]: registry 'notary' is not searched by 'iin'",
    ),
    (
        "query that lacks a field",
        lambda r: portal(r).update(registry_queries=[query(mode="document", search={"iin": "/claim"})]),
        "channels.portal.registry_queries[0]: a search by 'document' has the fields document_number",
    ),
    (
        "query to a system that is no registry",
        lambda r: portal(r).update(registry_queries=[query(registry="portal")]),
        "channels.portal.registry_queries[0].registry: unknown registry 'portal'",
    ),
    (
        "document from a registry nobody asks",
        lambda r: portal(r)["documents"][0].update(registry="address"),
        "channels.portal.documents[0].registry: no registry query includes 'address'",
    ),
    (
        "document with a form instead of what is not taken anyway",
        lambda r: portal(r)["documents"][0].update(otherwise="paper"),
        "channels.portal.documents[0].otherwise: only a document that is taken from a registry has this",
    ),
    (
        "value of no field",
        lambda r: (portal(r)["documents"][0].pop("claimed_by"), portal(r)["documents"][0].update(claimed_value="x")),
        "channels.portal.documents[0].claimed_value: a value needs the field claimed_by that may have it",
    ),
    (
        "constraint with an undefined target",
        lambda r: portal(r)["form"].update(
            constraints=[constraint({"name": "required_if", "target": "/power", "field": "/claim"})]
        ),
        "channels.portal.form.constraints[0].check.target: the form has no field '/power'",
    ),
    (
        "unknown finding",
        lambda r: r["grounds"][0].update(findings=["too-tall"]),
        "grounds[0].findings[0]: unknown finding 'too-tall'",
    ),
]
