"""Lists have one shape: a JSON array, and where more follows a ``Link: <…>; rel="next"`` (RFC 8288)."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response

T = TypeVar("T")

LINK_HEADER: dict[str, Any] = {
    "Link": {
        "description": 'The next page, as <reference>; rel="next" (RFC 8288); absent on the last one',
        "schema": {"type": "string"},
        "example": '</matters?limit=50&before=019e86f2-5c00-7c3a-9d1e-2f6b8a4c0d11>; rel="next"',
    }
}
CURSORS = frozenset({"before", "after"})
"""The query parameters that say where a page begins."""


class Paging:
    """One call of a list."""

    def __init__(self, request: Request, response: Response) -> None:
        self._request, self._response = request, response

    def page(self, found: Sequence[T], limit: int, **cursor: Callable[[T], object]) -> Sequence[T]:
        """The first ``limit`` of ``found``; if there are more the answer says where they are.

        Ask for one more than ``limit``, so that the last page is known as such. ``cursor``: the query parameter with
        which a page begins, and what it is of the last line.
        """
        if len(found) <= limit:
            return found
        shown = found[:limit]
        ((name, key),) = cursor.items()
        kept = [(given, value) for given, value in self._request.query_params.multi_items() if given != name]
        query = urlencode([*kept, (name, str(key(shown[-1])))])
        self._response.headers["Link"] = f'<{quote(self._request.scope["path"])}?{query}>; rel="next"'
        return shown


Pages = Annotated[Paging, Depends(Paging)]
"""Give it to a list as a parameter."""
