"""What the stand adds to the OpenAPI document that FastAPI makes: examples, tags, and where an operation leads."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi.routing import APIRoute

from shared.web.examples import add_examples, operations
from shared.web.paging import CURSORS, LINK_HEADER
from shared.web.problems import problem_schemas

TAGS: Mapping[str, str] = {
    "health": "Whether the service lives, is ready, and its numbers",
    "operations": "Dead letters, for those who operate the stand",
    "stand": "Controls of the test stand: clock, faults, reset, passwords; only with the tools",
    "authority": "Certificates of the authority, revocation lists and OCSP; open to everybody",
    "certificates": "Certificates of systems and officers, their state and their revocation",
    "people": "The people of the stand with their key containers, and new ones",
    "persons": "People of the persons registry: look up, add, change",
    "powers of attorney": "Powers of attorney of the notary registry: look up, add, change",
    "registry": "Who was told what, and answers that are held back",
    "messages": "What the gateway relayed, with both signatures",
    "journal": "Steps of an application and the verdict on them",
    "registration journal": "Entries with gapless numbers",
    "queue": "The queue: numbers, places, visits",
    "recipients": "Register and sign in",
    "services": "What can be applied for: documents, restrictions, terms, form and a filled sample",
    "applications": "Draft, form, document to sign, submission, state and timeline",
    "confirmations": "One-time passwords in the place of a signature, and answers to offers",
    "attachments": "Files of a draft or a notice",
    "cabinet": "Notices, place on the queue, results",
    "devices": "Registered telephones",
    "third parties": "Results shown to somebody else with the person's consent",
    "electronic queue": "Centres and their times that can be booked",
    "verification": "Anybody verifies an act by its digest",
    "operators": "Sign in at a workplace of a centre",
    "matters": "Matters from the first sheet to the result",
    "results": "Results that wait for the visitor, and their hand-out",
    "short form": "Package, provider and result as the State Corporation handles them",
    "supplements": "Documents that are handed in later",
    "status": "The state of a matter by its number, open to everybody",
    "supervision": "Who looked at what",
    "officers": "Sign in as an officer; the autopilot",
    "tasks": "Tasks of the procedure, by role",
    "counter": "Applications, bookings and offers at the organisation's own counter",
    "complaints": "Complaints about how a service was rendered, and their answers",
    "documents": "Acts and their printable form by digest",
    "submission": "The operator certifies and sends the request (process 4 and 5)",
    "offers": "Services offered to somebody entitled to them",
    "kindergartens": "Free places in kindergartens, vouchers and who waits",
    "quality": "Indicators of quality",
}
"""What the groups of operations are about."""

_Then = tuple[str, ...]


def operation_id(route: APIRoute) -> str:
    """The operation is called as its handler."""
    return route.name


def then(*operations: str) -> dict[str, Any]:
    """For ``openapi_extra``: the operations of the same thing that usually come next, by name."""
    return {"x-then": list(operations)}


def complete(document: dict[str, Any], callers: Mapping[str, Sequence[str]]) -> None:
    """Add problems, examples, descriptions of the tags in use, links, and under ``x-callers`` who may call an operation
    (``callers`` by method and path) to the OpenAPI ``document``, in place."""
    document.setdefault("components", {}).setdefault("schemas", {}).update(problem_schemas())
    add_examples(document)
    used = dict.fromkeys(tag for operation in operations(document) for tag in operation.get("tags", ()))
    document["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in used if tag in TAGS]
    _add_links(document)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            operation["x-callers"] = list(callers.get(f"{method.upper()} {path}", ()))
        listed = item.get("get", {})
        if CURSORS & {parameter["name"] for parameter in listed.get("parameters", ())}:
            listed["responses"]["200"].setdefault("headers", {}).update(LINK_HEADER)


def _add_links(document: dict[str, Any]) -> None:
    """Links of what makes something to everything that can be done with it, and of steps to the next one."""
    paths = document["paths"]
    for path, item in paths.items():
        made = item.get("post")
        if made is not None and "201" in made["responses"] and "{" not in path:
            links = dict(_of_the_new(document, path, made))
            if links:
                made["responses"]["201"].setdefault("links", {}).update(links)
        for operation in item.values():
            for name in operation.pop("x-then", ()):
                answer = next(found for status, found in operation["responses"].items() if status.startswith("2"))
                answer.setdefault("links", {})[name] = _next_step(document, name)


def _of_the_new(document: dict[str, Any], path: str, made: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = made["responses"]["201"].get("content", {}).get("application/json", {}).get("schema", {})
    found = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    for other, item in document["paths"].items():
        parts = other.removeprefix(path).split("/")
        if not other.startswith(f"{path}/{{") or other.count("{") != 1:
            continue
        parameter = parts[1].strip("{}")
        key = next((key for key in ("id", parameter) if key in found.get("properties", {})), None)
        if key is not None:
            for operation in item.values():
                yield (
                    operation["operationId"],
                    {
                        "operationId": operation["operationId"],
                        "parameters": {parameter: f"$response.body#/{key}"},
                        "description": operation.get("summary", ""),
                    },
                )


def _next_step(document: dict[str, Any], name: str) -> dict[str, Any]:
    operation = next(found for found in operations(document) if found["operationId"] == name)
    inside = [part["name"] for part in operation.get("parameters", ()) if part["in"] == "path"]
    parameters = {parameter: f"$request.path.{parameter}" for parameter in inside}
    return {"operationId": name, "parameters": parameters, "description": operation.get("summary", "")}
