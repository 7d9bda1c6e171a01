"""HEAD is answered wherever GET is, with its headers and nothing else."""

from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from shared.web.head import HeadAsGet


@pytest.fixture
async def heads() -> AsyncIterator[httpx.AsyncClient]:
    """An application with a file, a command, an endless stream and a defect."""
    app = FastAPI()

    @app.get("/file")
    async def get_file() -> Response:
        return Response(b"twelve bytes", media_type="application/pdf", headers={"content-disposition": "attachment"})

    @app.post("/command")
    async def command() -> None: ...

    @app.get("/events")
    async def get_events() -> StreamingResponse:
        async def for_ever() -> AsyncIterator[bytes]:
            while True:
                yield b"data: x\n\n"

        return StreamingResponse(for_ever(), media_type="text/event-stream")

    @app.get("/defect")
    async def get_defect() -> None:
        raise LookupError("planted")

    transport = httpx.ASGITransport(HeadAsGet(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_same_headers_without_content(heads: httpx.AsyncClient) -> None:
    got, head = await heads.get("/file"), await heads.head("/file")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers
    assert head.headers["content-length"] == "12"


async def test_what_is_no_get_stays_what_it_is(heads: httpx.AsyncClient) -> None:
    assert (await heads.head("/command")).status_code == 405
    assert (await heads.head("/nothing")).status_code == 404
    assert (await heads.post("/command")).status_code == 200


async def test_endless_stream_ends(heads: httpx.AsyncClient) -> None:
    answer = await heads.head("/events")
    assert (answer.headers["content-type"], answer.content) == ("text/event-stream; charset=utf-8", b"")


async def test_defect_is_not_hidden(heads: httpx.AsyncClient) -> None:
    with pytest.raises(LookupError, match="planted"):
        await heads.head("/defect")


async def test_other_scopes_pass() -> None:
    seen: list[str] = []

    async def app(scope: MutableMapping[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    await HeadAsGet(app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]


async def test_service_has_it(client: httpx.AsyncClient) -> None:
    got, head = await client.get("/livez"), await client.head("/livez")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
