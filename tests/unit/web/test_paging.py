"""Pages of a list: an array, and the next page in ``Link``."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from shared.web.paging import Pages

LINES = range(1, 6)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.get("/lists/{name}")
    async def list_numbers(pages: Pages, name: str, odd: bool = False, after: int = 0, limit: int = 2) -> list[int]:
        found = [line for line in LINES if line > after and (line % 2 or not odd)][: limit + 1]
        return list(pages.page(found, limit, after=lambda line: line))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client


async def walked(http: httpx.AsyncClient, address: str) -> list[list[int]]:
    pages = []
    while address:
        answer = await http.get(address)
        pages.append(answer.json())
        address = answer.links.get("next", {}).get("url", "")
    return pages


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        ("limit=2", [[1, 2], [3, 4], [5]]),
        ("limit=5", [[1, 2, 3, 4, 5]]),
        ("limit=1&odd=true", [[1], [3], [5]]),
        ("limit=2&after=3", [[4, 5]]),
        ("limit=2&after=9", [[]]),
    ],
)
async def test_the_links_lead_through_every_page_and_end_with_the_last(
    http: httpx.AsyncClient, query: str, pages: list[list[int]]
) -> None:
    assert await walked(http, f"/lists/a?{query}") == pages


async def test_other_parameters_and_names_of_any_letters_are_kept(http: httpx.AsyncClient) -> None:
    answer = await http.get("/lists/кезек", params={"limit": 1, "q": "ә & б"})
    assert (await http.get(answer.links["next"]["url"])).json() == [2]
    assert httpx.URL(answer.links["next"]["url"]).params["q"] == "ә & б"
    assert httpx.URL(answer.links["next"]["url"]).path == "/lists/кезек"
