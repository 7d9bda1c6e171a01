"""The OpenAPI documents of all eight services tell a newcomer enough: examples, names, groups, next steps."""

from collections import Counter
from typing import Any

import httpx
import jsonschema
import pytest

from shared.regulations.forms import validate_form
from shared.regulations.loader import load_regulations
from shared.web.examples import MISSING, example_of, operations
from shared.web.openapi import TAGS
from shared.web.paging import CURSORS
from tests.conventions.openapi import CODES, app, document, routes

_PLACEHOLDERS = {"string", "", "foo", "example", "test", "lorem"}
every_service = pytest.mark.parametrize("code", CODES)


def _contents(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    return [(kind, content) for body in bodies for kind, content in body.get("content", {}).items()]


def _against(schema: dict[str, Any], openapi: dict[str, Any], example: Any, what: str) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    whole = {**schema, "components": openapi["components"]}
    faults = list(jsonschema.Draft202012Validator(whole, format_checker=checker).iter_errors(example))
    assert not faults, f"{what}: {faults[0].message} at {faults[0].json_path}"


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in _leaves(part)]
    return [leaf for part in value for leaf in _leaves(part)] if isinstance(value, list) else [value]


@every_service
def test_every_schema_has_an_example_that_it_allows(code: str) -> None:
    openapi = document(code)
    for name, schema in openapi["components"]["schemas"].items():
        for example in schema.get("examples") or pytest.fail(f"{code}: {name} has no example"):
            _against(schema, openapi, example, f"{code}: {name}")
            assert not _PLACEHOLDERS & {leaf for leaf in _leaves(example) if isinstance(leaf, str)}, name
        for field, part in schema.get("properties", {}).items():
            example = example_of(part, openapi["components"]["schemas"], field, name)
            assert example is not MISSING, f"{code}: {name}.{field} has no example"
            _against(part, openapi, example, f"{code}: {name}.{field}")


@every_service
def test_every_parameter_and_json_body_has_an_example_that_its_schema_allows(code: str) -> None:
    openapi = document(code)
    for operation in operations(openapi):
        what = f"{code}: {operation['operationId']}"
        for parameter in operation.get("parameters", ()):
            assert "example" in parameter, f"{what}: {parameter['name']} has no example"
            _against(parameter["schema"], openapi, parameter["example"], f"{what}: {parameter['name']}")
        for kind, content in _contents(operation):
            if "json" in kind:
                assert "example" in content, f"{what}: {kind} has no example"
                _against(content.get("schema", {}), openapi, content["example"], f"{what}: {kind}")


@every_service
def test_the_example_of_a_body_is_taken_by_the_operation(code: str) -> None:
    """Beyond the schema: with the checks that the models do themselves, such as check digits."""
    by_id = {operation["operationId"]: operation for operation in operations(document(code))}
    taken = 0
    for route in routes(code):
        if route.body_field is not None:
            body = by_id[route.name]["requestBody"]["content"]["application/json"]["example"]
            _, faults = route.body_field.validate(body, loc=("body",))
            assert not faults, (code, route.name, faults)
            taken += 1
    assert taken


def test_the_example_of_a_form_fits_the_regulation() -> None:
    example = {o["operationId"]: o for o in operations(document("portal"))}["fill_form"]
    form = example["requestBody"]["content"]["application/json"]["example"]
    assert not validate_form(load_regulations()["almaty-city/preschool-queue"], "portal", form)


@every_service
def test_an_operation_is_called_as_its_handler_and_by_no_second_one(code: str) -> None:
    openapi = document(code)
    counted = Counter(operation["operationId"] for operation in operations(openapi))
    assert [name for name, times in counted.items() if times > 1] == []
    assert set(counted) == {route.name for route in routes(code)}


@every_service
def test_every_operation_is_in_a_group_that_is_described(code: str) -> None:
    openapi = document(code)
    described = {tag["name"]: tag["description"] for tag in openapi["tags"]}
    for operation in operations(openapi):
        assert operation.get("tags"), operation["operationId"]
        assert all(described.get(tag) for tag in operation["tags"]), operation["operationId"]
        assert operation.get("summary"), operation["operationId"]


def test_every_group_that_is_described_is_in_use() -> None:
    used = {tag for code in CODES for operation in operations(document(code)) for tag in operation["tags"]}
    assert set(TAGS) == used


@every_service
def test_every_link_leads_to_an_operation_with_such_parameters(code: str) -> None:
    openapi = document(code)
    by_id = {operation["operationId"]: operation for operation in operations(openapi)}
    for operation in by_id.values():
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                inside = {part["name"] for part in by_id[link["operationId"]]["parameters"] if part["in"] == "path"}
                assert set(link["parameters"]) == inside, (operation["operationId"], link)


def _led_to(code: str, operation: str, status: str) -> set[str]:
    found = {known["operationId"]: known for known in operations(document(code))}[operation]
    return set(found["responses"][status].get("links", {}))


def test_a_draft_leads_to_the_form_the_document_the_submission_and_the_result() -> None:
    assert {"fill_form", "get_document", "submit_application", "get_application"} <= _led_to(
        "portal", "choose_service", "201"
    )
    assert "get_document" in _led_to("portal", "fill_form", "200")
    assert "submit_application" in _led_to("portal", "get_document", "200")
    assert "get_application" in _led_to("portal", "submit_application", "202")
    assert "get_result" in _led_to("portal", "get_application", "200")


# Lists that are given whole, or whose rest is elsewhere: what bounds them.
_WITHOUT_PAGES = {
    "list_people": "the people in the stand's data",
    "list_organisations": "those in the provider's data",
    "list_officers": "those in the provider's data",
    "list_operators": "those in the centres' data",
    "list_centres": "those in the centres' data",
    "list_kindergartens": "those of one organisation in the provider's data",
    "list_services": "the regulations",
    "list_faults": "the kinds of faults",
    "list_slots": "one day of one centre",
    "get_board": "who waits at one counter now",
    "get_quality": "the indicators of one regulation",
    "list_mobile_citizens": "the people in the stand's data",
    "list_devices": "the devices of one person",
    "get_results": "the acts of one person in one service",
    "list_addressees": "those that one regulation names",
    "list_levels": "those of one regulation",
    "list_newest_dead_letters": "a look at the newest; /operations/dead-letters has the pages",
}


def _lists(code: str) -> dict[str, dict[str, Any]]:
    """The operations that answer an array, by their names."""
    found = {}
    for item in document(code)["paths"].values():
        operation = item.get("get", {})
        content = operation.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
        if content.get("schema", {}).get("type") == "array":
            found[operation["operationId"]] = operation
    return found


@every_service
def test_lists_have_one_shape(code: str) -> None:
    """An array with a cursor; the next page is told in ``Link``, and nothing wraps a page in an object."""
    openapi, lists = document(code), _lists(code)
    for name, operation in lists.items():
        if name in _WITHOUT_PAGES:
            continue
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert "limit" in names, f"{name} has no limit"
        assert len(names & CURSORS) == 1, f"{name} goes on, and nothing says where"
        assert "Link" in operation["responses"]["200"]["headers"], name
    for operation in operations(openapi):
        limited = {parameter["name"] for parameter in operation.get("parameters", ())} & {"limit", *CURSORS}
        assert not limited or operation["operationId"] in lists, operation["operationId"]
    for name, schema in openapi["components"]["schemas"].items():
        properties = schema.get("properties", {})
        assert not {"next", "items"} & set(properties), f"{name} wraps a page"


def test_every_list_without_pages_is_there() -> None:
    assert set(_WITHOUT_PAGES) <= {name for code in CODES for name in _lists(code)}


def test_every_service_is_told_where_the_others_are() -> None:
    assert all(set(app(code).state.neighbours) == set(CODES) for code in CODES)


@every_service
async def test_docs_show_every_operation_with_its_fields_its_example_and_the_other_services(code: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app(code)), base_url="http://localhost") as http:
        page = (await http.get("/docs")).raise_for_status().text
    for operation in operations(document(code)):
        assert f'id="{operation["operationId"]}"' in page
        for parameter in operation.get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in page
    for field in _body_fields(code):
        assert f"<code>{field}</code>" in page, field
    for other, address in app(code).state.neighbours.items():
        assert (f'<a href="{address}/docs">{other}</a>' in page) == (other != code)


def _body_fields(code: str) -> set[str]:
    schemas = document(code)["components"]["schemas"]
    bodies = [operation.get("requestBody", {}).get("content", {}) for operation in operations(document(code))]
    names = [
        content["application/json"]["schema"].get("$ref", "") for content in bodies if "application/json" in content
    ]
    return {field for name in names if name for field in schemas[name.rpartition("/")[2]].get("properties", {})}
