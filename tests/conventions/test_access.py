"""Every route says who may call it, and the documentation says the same."""

from pathlib import Path

import pytest

from services.stand.callers import all_callers, as_json, as_markdown, as_text, callers
from shared.web.access import Caller
from tests.conventions.openapi import CODES, app, document, routes

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"


@pytest.mark.parametrize("code", CODES)
def test_every_route_states_who_may_call_it(code: str) -> None:
    stated = callers(app(code))
    assert not [route for route, who in stated.items() if not who]
    # No route came in by a side door.
    of_the_framework = {"/openapi.json"}
    there = {f"{method} {route.path_format}" for route in routes(code) for method in route.methods or ()}
    assert there - stated.keys() == set()
    paths = {getattr(route, "path_format", getattr(route, "path", "")) for route in app(code).routes}
    plain = paths - {route.split(" ")[1] for route in stated} - {""}
    assert plain <= of_the_framework


@pytest.mark.parametrize("code", CODES)
def test_what_is_for_the_tools_is_named_so(code: str) -> None:
    for route, who in callers(app(code)).items():
        path = route.split(" ")[1]
        if path.startswith("/__stand/"):
            assert who == (Caller.TOOLS,), route
        elif Caller.TOOLS in who:
            assert path.startswith("/people"), f"{code}: {route} stands where nobody looks for a tool"


@pytest.mark.parametrize("code", CODES)
def test_openapi_tells_it_too(code: str) -> None:
    stated = callers(app(code))
    for path, item in document(code)["paths"].items():
        for method, operation in item.items():
            assert tuple(operation["x-callers"]) == stated[f"{method.upper()} {path}"], path


def test_table_of_the_documentation_is_what_is_enforced() -> None:
    written = SECURITY.read_text(encoding="utf-8").partition("## Who may call what\n")[2].partition("### ")
    assert (written[1] + written[2]).strip() == as_markdown(all_callers()).strip(), "make notes writes it anew"


def test_all_forms_name_every_route() -> None:
    found = all_callers()
    for text in (as_text(found), as_json(found), as_markdown(found)):
        for routes_of_one in found.values():
            assert all(route.split(" ")[1] in text for route in routes_of_one)
