"""A connection over a real socket: whatever comes, or does not come, it ends, and what can be told is told."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.kit.settings import StandSettings
from shared.web.limits import HEAD_BYTES, HEADER_FIELDS, HttpLimits
from shared.web.server import limits_of
from tests.factories.http_service import Serve, Until

PATIENT = HttpLimits(head_s=60, body_s=60, answer_s=60, idle_s=60)
AT_ONCE = 0.05
POST = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def passed(seconds: float) -> Callable[[], bool]:
    """Whether so much time has gone by since: what must not happen meanwhile has then had its time."""
    loop = asyncio.get_running_loop()
    then = loop.time() + seconds
    return lambda: loop.time() >= then


class TestHead:
    @pytest.mark.parametrize(
        ("parts", "status", "problem"),
        [
            ([b"GET / HTTP/1.1\r\nX: ", b"a" * 50_000], 431, "headers-too-large"),
            ([b"GET / HTTP/1.1\r\n", b"a" * 50_000], 431, "headers-too-large"),
            ([b"GET / HTTP/1.1\r\nX: ", b"a" * (HEAD_BYTES + 1), b"\r\n\r\n"], 431, "headers-too-large"),
            ([b"GET / HTTP/1.1\r\n", b"X: 1\r\n" * (HEADER_FIELDS + 1), b"\r\n"], 431, "headers-too-large"),
            ([b"GET / HTTP/1.1\r\n", b"X: 1\r\n" * 100_000], 431, "headers-too-large"),
            ([b"GET / HTTP/1.1\r\n", b"Cookie: " + b"a=b; " * 10_000, b"\r\n\r\n"], 431, "headers-too-large"),
            ([b"GET /", b"a" * 9000, b" HTTP/1.1\r\n\r\n"], 414, "target-too-long"),
            ([b"GET /", b"a" * 20_000], 414, "target-too-long"),
            ([b"GET /?", b"a=b&" * 100_000], 414, "target-too-long"),
            ([b"\r\n" * 50_000], 431, "headers-too-large"),
            ([b"hello\r\n\r\n"], 400, "malformed"),
            ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], 400, "malformed"),
            ([b"GET \xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n"], 400, "malformed"),
            ([b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n"], 400, "malformed"),
            ([b"OPTIONS * HTTP/9.9\r\nHost: localhost\r\n\r\n"], 400, "malformed"),
            ([b"CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n"], 400, "malformed"),
            ([POST, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"], 400, "malformed"),
            ([POST, b"Content-Length: -1\r\n\r\n{}"], 400, "malformed"),
            ([POST, b"Content-Length: " + b"9" * 40 + b"\r\n\r\n{}"], 400, "malformed"),
            ([POST, b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"], 400, "malformed"),
        ],
    )
    async def test_is_refused_and_the_connection_closed(
        self, serve: Serve, parts: list[bytes], status: int, problem: str
    ) -> None:
        async with serve(PATIENT) as service:
            connection = await service.connect()
            connection.send(*parts)
            answer = await connection.answer()
        assert (answer.status, answer.problem) == (status, problem)
        assert b"connection: close" in answer.head
        assert len(answer.body) < 4096

    async def test_as_large_as_allowed_passes(self, serve: Serve) -> None:
        async with serve(PATIENT) as service:
            connection = await service.connect()
            connection.send(b"GET /livez HTTP/1.1\r\n", b"X: " + b"a" * 300 + b"\r\n", b"X: 1\r\n" * 98, b"\r\n")
            assert (await connection.next_answer()).status == 200

    async def test_one_that_comes_too_slowly_is_408(self, serve: Serve) -> None:
        async with serve(replace(PATIENT, head_s=AT_ONCE)) as service:
            connection = await service.connect()
            connection.send(b"GET / HTTP/1.1\r\nX: a")
            answer = await connection.answer()
        assert (answer.status, answer.problem) == (408, "too-slow")

    async def test_dripping_octets_buy_no_time(self, serve: Serve, until: Until) -> None:
        async with serve(replace(PATIENT, head_s=2 * AT_ONCE)) as service:
            connection = await service.connect()

            connection.send(b"GET / HTTP/1.1\r\nX: ")

            def answered_while_it_drips() -> bool:
                connection.send(b"a")
                return connection.reader.at_eof() or b"408" in bytes(connection.reader._buffer)

            await until(answered_while_it_drips)
            assert (await connection.answer()).status == 408

    @pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET /livez HTTP/1.1\r\n\r\n"])
    async def test_an_idle_connection_is_closed(self, serve: Serve, sent: bytes) -> None:
        async with serve(replace(PATIENT, head_s=AT_ONCE, idle_s=AT_ONCE)) as service:
            connection = await service.connect()
            connection.send(sent)
            rest = await connection.ends()
        assert rest == b"" if len(sent) < 4 else rest.startswith(b"HTTP/1.1 200")

    async def test_one_that_is_asked_now_and_then_is_kept(self, serve: Serve, until: Until) -> None:
        async with serve(replace(PATIENT, head_s=0.2)) as service:
            connection = await service.connect()
            for _ in range(3):
                connection.send(b"GET /livez HTTP/1.1\r\n\r\n")
                assert (await connection.next_answer()).status == 200
                await until(passed(0.25))

    async def test_a_call_that_takes_long_is_waited_for(self, serve: Serve, until: Until) -> None:
        tight = HttpLimits(head_s=AT_ONCE, body_s=AT_ONCE, answer_s=AT_ONCE, idle_s=AT_ONCE)
        async with serve(tight) as service:
            connection = await service.connect()
            # The beginning of the next call is there already; its time is not up before this one is answered.
            connection.send(b"GET /wait HTTP/1.1\r\n\r\nGET /livez HTTP/1.1\r\n")
            await until(lambda: service.seen == ["wait"])
            await until(passed(4 * AT_ONCE))
            service.go_on.set()
            assert (await connection.next_answer()).body == b'"done"'


class TestBody:
    @pytest.mark.parametrize("framing", [b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{"])
    @pytest.mark.parametrize("path", [b"/echo", b"/upload"])
    async def test_one_that_does_not_come_is_408(self, serve: Serve, until: Until, framing: bytes, path: bytes) -> None:
        async with serve(replace(PATIENT, body_s=AT_ONCE)) as service:
            connection = await service.connect()
            connection.send(b"P", b"UT " if path == b"/upload" else b"OST ", path, POST[10:], framing)
            answer = await connection.answer()
            # Nobody works for a call that has ended.
            await until(lambda: not service.server.server_state.tasks and not service.connections)
        assert (answer.status, answer.problem) == (408, "too-slow")

    @pytest.mark.parametrize("parts", [[b"0\r\nX: "], [b"1;x="], [b"1\r\n{\r\n0\r\nX: "]])
    async def test_what_frames_it_has_an_end_too(self, serve: Serve, parts: list[bytes]) -> None:
        async with serve(PATIENT) as service:
            connection = await service.connect()
            connection.send(POST, b"Transfer-Encoding: chunked\r\n\r\n")
            assert await asyncio.wait_for(connection.writer.drain(), 5) is None
            connection.send(*parts)
            for _ in range(20):
                connection.send(b"a" * 4096)
            answer = await connection.answer()
        assert (answer.status, answer.problem) == (431, "headers-too-large")

    async def test_many_small_chunks_are_honest(self, serve: Serve) -> None:
        async with serve(PATIENT) as service:
            connection = await service.connect()
            connection.send(b"PUT /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(20_000):
                connection.send(b"1\r\nx\r\n")
            connection.send(b"0\r\nX: trailer\r\n\r\n")
            assert (await connection.next_answer()).body == b"20000"

    async def test_who_asks_before_sending_and_then_does_not_is_408(self, serve: Serve) -> None:
        async with serve(replace(PATIENT, body_s=AT_ONCE)) as service:
            connection = await service.connect()
            connection.send(POST, b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            whole = await connection.ends()
        assert whole.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 408 ")

    async def test_who_asks_before_sending_is_told_to(self, serve: Serve) -> None:
        async with serve(PATIENT) as service:
            connection = await service.connect()
            connection.send(POST, b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.send(b"{}")
            assert (await connection.next_answer()).status == 200

    async def test_a_slow_one_that_brings_enough_is_taken(self, serve: Serve, until: Until) -> None:
        async with serve(replace(PATIENT, body_s=0.2, body_octets=2)) as service:
            connection = await service.connect()
            connection.send(b"PUT /upload HTTP/1.1\r\nContent-Length: 20\r\n\r\n")
            for _ in range(20):
                connection.send(b"x")
                await until(passed(0.03))
            assert (await connection.next_answer()).body == b"20"

    async def test_too_long_a_one_is_answered_without_being_read(self, serve: Serve) -> None:
        async with serve(PATIENT) as service:
            connection = await service.connect()
            connection.send(POST, b"Content-Length: 100000000\r\n\r\n")
            answer = await connection.next_answer()
            assert (answer.status, answer.problem) == (413, "too-large")

    async def test_what_nobody_wants_any_more_is_read_for_a_while_only(self, serve: Serve) -> None:
        async with serve(PATIENT) as service:
            connection = await service.connect()
            connection.send(POST, b"Transfer-Encoding: chunked\r\n\r\n")
            chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"

            async def send_without_end() -> None:
                while True:
                    connection.send(chunk)
                    await connection.writer.drain()

            # It ends because the other side cuts it off; that takes a few MB at most, all buffers included.
            async with asyncio.timeout(10):
                with pytest.raises(ConnectionError):
                    await send_without_end()

    async def test_one_that_ends_after_its_answer_leaves_an_idle_connection(self, serve: Serve) -> None:
        async with serve(replace(PATIENT, idle_s=AT_ONCE)) as service:
            connection = await service.connect()
            connection.send(POST, b"Content-Length: 2000000\r\n\r\n")
            assert (await connection.next_answer()).status == 413
            connection.send(b" " * 2_000_000)
            assert await connection.ends() == b""

    async def test_what_nobody_wants_any_more_has_to_end(self, serve: Serve) -> None:
        async with serve(replace(PATIENT, body_s=AT_ONCE)) as service:
            connection = await service.connect()
            connection.send(POST, b"Content-Length: 100000000\r\n\r\n")
            assert (await connection.answer()).status == 413


class TestAnswer:
    async def test_a_reader_that_takes_nothing_is_cut_off(self, serve: Serve, until: Until) -> None:
        async with serve(replace(PATIENT, answer_s=AT_ONCE)) as service:
            connection = await service.connect(limit=1024)
            connection.send(b"GET /endless HTTP/1.1\r\n\r\n")
            await until(lambda: service.seen == ["endless ended"])
            await until(lambda: service.connections == 0)

    async def test_one_that_reads_is_not(self, serve: Serve) -> None:
        async with serve(replace(PATIENT, answer_s=1)) as service:
            connection = await service.connect()
            connection.send(b"GET /endless HTTP/1.1\r\n\r\n")
            for _ in range(100):
                await connection.reader.readexactly(65536)

    @pytest.mark.parametrize(
        "call",
        [
            b"GET /wait?wait=60 HTTP/1.1\r\n\r\n",
            b"GET /wait?w%61it=60 HTTP/1.1\r\n\r\n",
            b"GET /wait HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
            b"GET /wait HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
            b"POST /wait HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        ],
    )
    async def test_who_has_gone_is_not_waited_for(
        self, serve: Serve, until: Until, caplog: pytest.LogCaptureFixture, call: bytes
    ) -> None:
        """By what waits, and not by how the call was written."""
        async with serve(PATIENT) as service:
            gone, there = await service.connect(), await service.connect()
            for connection in (gone, there):
                connection.send(call)
            await until(lambda: service.seen == ["wait", "wait"])
            gone.writer.close()
            await until(lambda: service.seen == ["wait", "wait", "left"])
            await until(lambda: len(service.server.server_state.tasks) == 1)
            service.go_on.set()
            assert (await there.next_answer()).body == b'"done"'
            assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []

    async def test_who_asked_for_the_head_alone_is_no_different(
        self, serve: Serve, until: Until, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with serve(PATIENT) as service:
            gone, there = await service.connect(), await service.connect()
            for connection in (gone, there):
                connection.send(b"HEAD /wait?wait=60 HTTP/1.1\r\n\r\n")
            await until(lambda: service.seen == ["wait", "wait"])
            gone.writer.close()
            await until(lambda: service.seen == ["wait", "wait", "left"])
            await until(lambda: len(service.server.server_state.tasks) == 1)
            service.go_on.set()
            there.send(b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n")
            heads = (await there.ends()).split(b"HTTP/1.1 ")[1:]
            assert [head[:3] for head in heads] == [b"200", b"200"]
            assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []

    async def test_a_service_that_ends_ends_waiting_calls(self, serve: Serve, until: Until) -> None:
        async with serve(PATIENT) as service:
            (await service.connect()).send(b"GET /wait HTTP/1.1\r\n\r\n")
            await until(lambda: service.seen == ["wait"])
            service.server.should_exit = True
            await until(lambda: service.seen == ["wait", "left"])


class TestConnections:
    async def test_there_is_room_for_so_many(self, serve: Serve, until: Until) -> None:
        async with serve(replace(PATIENT, connections=2)) as service:
            kept = [await service.connect() for _ in range(2)]
            await until(lambda: service.connections == 2)
            refused = await service.connect()
            refused.send(b"GET /livez HTTP/1.1\r\n\r\n")
            answer = await refused.answer()
            assert (answer.status, answer.problem) == (503, "unavailable")
            assert b"retry-after: 1" in answer.head.lower()
            for connection in kept:
                connection.send(b"GET /livez HTTP/1.1\r\n\r\n")
                assert (await connection.next_answer()).status == 200
            kept[0].writer.close()
            await until(lambda: service.connections == 1)
            again = await service.connect()
            again.send(b"GET /livez HTTP/1.1\r\n\r\n")
            assert (await again.next_answer()).status == 200

    async def test_far_too_many_are_cut(self, serve: Serve, until: Until) -> None:
        async with serve(replace(PATIENT, connections=1)) as service:
            kept = [await service.connect() for _ in range(2)]
            await until(lambda: service.connections == 2)
            assert await (await service.connect()).ends() == b""
            del kept


def test_an_operator_sets_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HEAD_S": "1", "BODY_S": "2", "ANSWER_S": "3", "IDLE_S": "4", "CONNECTIONS": "5"}.items():
        monkeypatch.setenv(f"EGOV_HTTP_{name}", value)
    assert limits_of(StandSettings()) == HttpLimits(head_s=1, body_s=2, answer_s=3, idle_s=4, connections=5)
    monkeypatch.undo()
    assert limits_of(StandSettings()) == HttpLimits()
