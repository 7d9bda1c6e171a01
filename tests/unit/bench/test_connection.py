"""The bare HTTP client against a server that answers as told."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from services.stand.bench import connection
from services.stand.bench.connection import Answer, Connection, Connections, Unanswered, message, parse_head


@pytest.fixture
async def echo() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers every request with the body it got; its address, and the requests."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = parse_head(b"HTTP/1.1 200 OK\r\n" + head)[1] if b"content-length" in head else 0
            body = await reader.readexactly(length)
            seen.append(head + body)
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", seen
    finally:
        server.close()
        await server.wait_closed()


async def test_calls_follow_one_another_on_one_connection(echo: tuple[str, list[bytes]]) -> None:
    url, seen = echo
    line = await Connection.open(url, {"authorization": "Bearer x"})
    first = await line.call("POST", "/a", b'{"n": 1}')
    second = await line.call("GET", "/b")
    await line.close()
    assert first == Answer(201, b'{"n": 1}')
    assert second.body == b""
    assert seen[0].startswith(b"POST /a HTTP/1.1\r\n")
    assert b"authorization: Bearer x\r\n" in seen[1]


async def test_a_pool_has_as_many_connections_as_calls_at_the_same_time(echo: tuple[str, list[bytes]]) -> None:
    url, seen = echo
    pool = Connections(url, {})
    answers = await asyncio.gather(*(pool.call("POST", "/", str(n).encode()) for n in range(5)))
    again = await pool.call("POST", "/", b"6")
    await pool.close()
    assert [answer.body for answer in answers] == [b"0", b"1", b"2", b"3", b"4"]
    assert again.body == b"6"
    assert len(seen) == 6


async def test_a_connection_that_was_idle_for_long_is_not_used_again(
    echo: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = echo
    opened = []
    open_one = Connection.open

    async def counted(url: str, headers: Mapping[str, str]) -> Connection:
        opened.append(url)
        return await open_one(url, headers)

    monkeypatch.setattr(Connection, "open", counted)
    pool = Connections(url, {})
    await pool.call("POST", "/", b"1")
    await pool.call("POST", "/", b"2")
    assert len(opened) == 1
    monkeypatch.setattr(connection, "IDLE_S", 0.0)
    await pool.call("POST", "/", b"3")
    assert len(opened) == 2
    await pool.close()


def test_a_get_has_no_body() -> None:
    assert message("GET", "/x", b"host: h\r\n", b"") == b"GET /x HTTP/1.1\r\nhost: h\r\n\r\n"


def test_a_post_says_how_long_its_body_is() -> None:
    assert message("POST", "/x", b"", b"").endswith(b"content-length: 0\r\n\r\n")
    assert message("POST", "/x", b"", b"{}").endswith(b"content-length: 2\r\n\r\n{}")


def test_the_length_is_found_in_any_case() -> None:
    assert parse_head(b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 7\r\n\r\n") == (200, 7)
    assert parse_head(b"HTTP/1.1 204 No Content\r\n\r\n") == (204, 0)
    with pytest.raises(Unanswered):
        parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")


def test_an_unexpected_status_says_what_came() -> None:
    with pytest.raises(RuntimeError, match="status 409: taken"):
        Answer(409, b"taken").expect(200, 202)
