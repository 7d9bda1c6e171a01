"""Going through a list page by page, as a client does that knows nothing but the links."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx


async def walked(get: Callable[[str], Awaitable[httpx.Response]], path: str, *, limit: int = 1) -> list[Any]:
    """Every line of the list at ``path``, by pages of at most ``limit`` lines, all but the last of them full."""
    lines: list[Any] = []
    address = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while address:
        answer = await get(address)
        assert answer.status_code == httpx.codes.OK, answer.text
        page = answer.json()
        link = answer.links.get("next", {}).get("url", "")
        assert len(page) == limit or (len(page) < limit and not link)
        assert len(lines) < 1000, "the pages have no end"
        lines += page
        address = str(answer.request.url.join(link)) if link else ""
    return lines
