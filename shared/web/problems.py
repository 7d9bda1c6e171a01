"""Problem details (RFC 9457): the one shape of every HTTP error of the stand.

``type`` is a stable URN, ``title`` is in the caller's language, ``retryable`` says whether the very same call may
succeed later, ``origin`` names the system that answers.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from shared.kit.errors import StandError
from shared.kit.text import Text, negotiate
from shared.web.bounds import bounded_json

PROBLEM_MEDIA_TYPE = "application/problem+json"
_TYPE_PREFIX = "urn:egov:problem:"
_RESERVED = frozenset({"type", "title", "status", "detail", "instance", "retryable", "origin"})
_RETRY_AFTER = {429: 60, 503: 1}


class Fault(BaseModel):
    """One fault of the input: ``path`` is a JSON pointer (RFC 6901) into the part of the request that ``in`` names."""

    model_config = ConfigDict(extra="allow")

    path: str
    message: str


class Problem(BaseModel):
    """The body of every 4xx and 5xx answer; members beyond these belong to the type."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(pattern=r"^urn:egov:problem:[a-z0-9-]+$", description="Stable identifier of the kind of problem")
    title: str = Field(description="What the type means, in Kazakh, Russian or English by Accept-Language")
    status: int = Field(ge=400, le=599)
    instance: str = Field(description="The path that was called")
    retryable: bool = Field(description="Whether the same call may succeed later")
    origin: str = Field(description="Code of the system that answers")
    detail: str = Field(default="", description="What happened this time")
    faults: list[Fault] = Field(default=[], description="The faults of the input (type invalid-input), 100 at most")
    left_out: dict[str, int] = Field(
        default={}, description="How many entries of a list are not shown, e.g. of faults", examples=[{"faults": 20}]
    )


_REFERENCE = {"schema": {"$ref": "#/components/schemas/Problem"}}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The call is not taken", "content": {PROBLEM_MEDIA_TYPE: _REFERENCE}},
    "5XX": {"description": "The stand cannot answer", "content": {PROBLEM_MEDIA_TYPE: _REFERENCE}},
}
"""The error responses of every operation, for ``responses=``."""


def problem_schemas() -> dict[str, Any]:
    """The schemas that ``PROBLEM_RESPONSES`` refers to, for ``components.schemas`` of an OpenAPI document."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def problem_response(
    request: Request,
    *,
    code: str,
    status: int,
    title: Text,
    detail: str | None = None,
    retryable: bool = False,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The HTTP answer for one problem.

    ``members`` extend the document but never replace its own members. ``retry_after`` among them (seconds) becomes
    ``Retry-After``, which 429 and 503 always carry (RFC 9110 §10.2.3); 401 always carries ``WWW-Authenticate``.
    It is never larger than ``PROBLEM_BYTES``: what does not fit is cut, and counted in ``left_out``.
    """
    language = negotiate(request.headers.get("accept-language"))
    origin = request.app.state.code
    extra = {name: value for name, value in (members or {}).items() if name not in _RESERVED and value is not None}
    document = {
        "type": _TYPE_PREFIX + code,
        "title": title.pick(language),
        "status": status,
        **({"detail": detail} if detail else {}),
        "instance": request.url.path,
        "retryable": retryable,
        "origin": origin,
        **extra,
    }
    answer = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store", **(headers or {})}
    if status == 401:
        answer.setdefault("WWW-Authenticate", f'Bearer realm="{origin}"')
    if status in _RETRY_AFTER:
        answer.setdefault("Retry-After", str(extra.get("retry_after", _RETRY_AFTER[status])))
    body = bounded_json(document, _RESERVED)
    return Response(body, status_code=status, headers=answer, media_type=PROBLEM_MEDIA_TYPE)


def stand_problem(request: Request, error: StandError) -> Response:
    """The HTTP answer for an expected error: its class gives type, status and title, its members come along."""
    reason = {"reason": getattr(error, "reason", None)}
    return problem_response(
        request,
        code=error.code,
        status=error.status_code,
        title=error.title,
        detail=error.detail,
        retryable=error.retryable,
        members={**reason, **error.members},
    )
