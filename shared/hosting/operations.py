"""``/operations/``: what those who operate a system do with its dead letters. Behind a shared secret, never public."""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from pydantic import BaseModel

from shared.kit.errors import Forbidden, Unauthorised
from shared.kit.settings import StandSettings
from shared.messages.envelope import glimpse
from shared.messaging.deadletters import Letter, Redriven
from shared.messaging.platform import Platform
from shared.web.access import Caller, opens_to
from shared.web.paging import Pages

LetterId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class LetterRead(BaseModel):
    """A record that this system did not take. ``message_id``, ``type``, ``source`` and ``subject`` are what it says of
    itself: not proven."""

    id: int
    reason: str
    detail: str | None
    message_id: str | None
    type: str | None
    source: str | None
    subject: str | None
    topic: str
    partition: int
    offset: int
    recorded_at: datetime
    redriven_at: datetime | None


class LetterReadWhole(LetterRead):
    """With the report, the bytes and the headers."""

    report: dict[str, Any]
    digest: str
    value: str
    """The bytes as UTF-8; what is none is replaced."""
    headers: dict[str, str]


class RedriveRead(BaseModel):
    """What re-driving came to; only ``taken`` had an effect."""

    id: int
    result: Redriven
    reason: str | None = None
    report: dict[str, Any] | None = None


def operations_router(platform: Callable[[], Platform], stand: StandSettings) -> APIRouter:
    """Every hosted service has it."""
    access = Depends(_operator(stand))
    router = APIRouter(prefix="/operations", tags=["operations"], dependencies=[access])

    @router.get("/dead-letters", summary="Records that were not taken, newest first")
    async def list_dead_letters(
        pages: Pages,
        reason: Annotated[str | None, Query(max_length=100)] = None,
        redriven: bool | None = None,
        before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="id the last page ended with")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[LetterRead]:
        letters = platform().runtime.dead_letters
        found = await letters.search(reason=reason, redriven=redriven, before=before, limit=limit + 1)
        return [LetterRead(**_line(letter)) for letter in pages.page(found, limit, before=lambda letter: letter.id)]

    @router.get("/dead-letters/{letter}", summary="One of them, with its report, its bytes and its headers")
    async def get_dead_letter(letter: LetterId) -> LetterReadWhole:
        found = await platform().runtime.dead_letters.find(letter)
        headers = {name: content.decode("ascii", "replace") for name, content in found.record.headers}
        value = found.record.value.decode("utf-8", "replace")
        return LetterReadWhole(**_line(found), report=found.report, digest=found.digest, value=value, headers=headers)

    @router.post("/dead-letters/{letter}/redrive", summary="Handle its message after all, once")
    async def redrive_dead_letter(letter: LetterId) -> RedriveRead:
        """Safe to repeat: a message has one effect, however often it is asked for."""
        found = await platform().runtime.redrive(letter)
        return RedriveRead(id=letter, result=found.result, reason=found.reason, report=found.report)

    return router


def _operator(stand: StandSettings) -> Callable[[str | None], None]:
    secret = stand.operations_token.get_secret_value()

    @opens_to(Caller.OPERATIONS, *([Caller.TOOLS] if stand.tools and not secret else []))
    def check(authorization: Annotated[str | None, Header()] = None) -> None:
        if not secret:
            if stand.tools:
                return
            raise Forbidden("this system is not operated over HTTP: EGOV_OPERATIONS_TOKEN is not set")
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), secret.encode()):
            raise Unauthorised("the bearer token of those who operate the stand is asked for")

    return check


def _line(letter: Letter) -> dict[str, Any]:
    claimed = glimpse(letter.record.value)
    detail = letter.report.get("detail")
    texts = {name: _text(claimed.get(name)) for name in ("type", "source", "subject")}
    place = letter.record.position
    return {
        "id": letter.id,
        "reason": letter.reason,
        "detail": detail if isinstance(detail, str) else None,
        "message_id": _text(claimed.get("id")),
        **texts,
        "topic": place.topic,
        "partition": place.partition,
        "offset": place.offset,
        "recorded_at": letter.recorded_at,
        "redriven_at": letter.redriven_at,
    }


def _text(claimed: object) -> str | None:
    # Half a surrogate pair, which JSON can hold, has no UTF-8.
    return claimed.encode("utf-8", "replace").decode() if isinstance(claimed, str) else None
