"""The border turns hostile calls away with a small problem document, and hands honest ones on unchanged."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.kit.errors import InvalidInput
from shared.web.bounds import FAULTS_SHOWN, PROBLEM_BYTES
from shared.web.json_body import DEPTH, VALUES, NotJson, check_json

JSON = {"Content-Type": "application/json"}
LONGEST = 10_000
"""Bytes of a body the sample service takes."""


async def post(client: httpx.AsyncClient, body: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
    return await client.post("/v1/things/1", content=body, headers=JSON | headers)


def refusal(body: bytes) -> dict[str, str]:
    """The one fault for which ``body`` is not taken."""
    with pytest.raises(Exception) as caught:
        check_json(body)
    assert type(caught.value).__name__ == "InvalidInput"
    (fault,) = caught.value.members["faults"]  # type: ignore[attr-defined]
    return dict(fault)


class TestJson:
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b'{"a":[' + b'"",' * 300_000 + b'""]}', "values"),
            (b"{" + b",".join(b'"k%d":1' % n for n in range(VALUES)) + b"}", "values"),
            (b"[" * 500_000, "levels"),
            (b'{"a":' * 100_000, "values"),
            (b'{"a":' * 1000, "levels"),
            (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), "levels"),
            (b'{"a":' + b"1" * 1_000_000 + b"}", "characters"),
            (b'{"a":-0.' + b"1" * 1_000_000 + b"e5}", "characters"),
            (b'{"a":1e999}', "too great"),
            (b'{"a":-1E400}', "too great"),
            (b'{"a":NaN}', "no number"),
            (b'{"a":-Infinity}', "no number"),
            (b'{"a":1,"a":2}', "twice"),
            (b'{"b":[{"a":1,"\\u0061":2}]}', "twice"),
            (b'{"a":"\xff"}', "UTF-8"),
            (b'{"a":"\xed\xa0\x80"}', "UTF-8"),
            ('{"a":1}'.encode("utf-16"), "UTF-8"),
        ],
    )
    def test_is_refused_for_its_form(self, body: bytes, words: str) -> None:
        assert words in refusal(body)["message"]

    @pytest.mark.parametrize(
        "body",
        [
            b'{"a":[' + b'"",' * 300_000 + b'""]}',
            b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1),
            b'{"a":' + b"1" * 1_000_000 + b"}",
        ],
    )
    def test_what_breaks_a_bound_is_not_built(self, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
        """Bounds are told from the text: a form of 900 kB costs no more than to look through it."""
        monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("the body was read"))
        with pytest.raises(InvalidInput):
            check_json(body)

    async def test_what_breaks_a_bound_reaches_no_operation(
        self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("the body was read"))
        answer = await post(client, b'{"name": "a", "sizes": ' + b"[" * DEPTH + b"]" * DEPTH + b"}")
        monkeypatch.undo()
        assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "")

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (b'{"a":"\\u0000"}', "/a"),
            (b'{"a":["x","\\ud800"]}', "/a/1"),
            (b'{"a/b":{"\\udfff":1}}', "/a~1b/\udfff"),
            (b'"\\uDC00"', ""),
            (b'["\\udc00\\ud800"]', "/0"),
        ],
    )
    def test_is_refused_for_a_character(self, body: bytes, path: str) -> None:
        assert refusal(body)["path"] == path

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"{}",
            b"\xef\xbb\xbf{}",
            b'{"a":"\\ud83d\\ude00 \\\\u0000 , : [[[[ \\" 123"}',
            b"[" * DEPTH + b"]" * DEPTH,
            json.dumps({"text": ", : [ {" * 50_000}).encode(),
            json.dumps({"signature": "9" * 200_000}).encode(),
            json.dumps([9007199254740993, 1.5, None, True]).encode(),
        ],
    )
    def test_honest_json_passes(self, body: bytes) -> None:
        check_json(body)

    @pytest.mark.parametrize(
        "body", [b"{", b'{"a"}', b'"' + b'\\"' * 400_000, b'"\\', b"[1,]", b'"\x01"', b"\\" * 100_000]
    )
    def test_what_is_no_json_is_told_by_who_reads_it(self, body: bytes) -> None:
        with pytest.raises(NotJson):
            check_json(body)

    async def test_the_operation_gets_the_same_bytes(self, client: httpx.AsyncClient) -> None:
        async def slowly() -> AsyncIterator[bytes]:
            for letter in '{"name": "Қош"}'.encode():
                yield bytes([letter])

        assert (await post(client, slowly())).json() == {"name": "Қош", "sizes": []}

    async def test_a_chunked_body_over_the_limit_is_not_read_to_its_end(self, client: httpx.AsyncClient) -> None:
        read = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal read
            while read < 100 * LONGEST:
                read += 1000
                yield b" " * 1000

        assert (await post(client, endless())).status_code == 413
        assert read <= LONGEST + 2000

    async def test_a_declared_size_over_the_limit_is_not_read_at_all(self, client: httpx.AsyncClient) -> None:
        assert (await post(client, b"[" * (LONGEST + 1))).status_code == 413

    async def test_many_faults_are_counted(self, client: httpx.AsyncClient) -> None:
        answer = await client.put("/v1/sizes", content=json.dumps(["x"] * 300).encode(), headers=JSON)
        assert answer.status_code == 422
        assert len(answer.content) <= PROBLEM_BYTES
        assert len(answer.json()["faults"]) == FAULTS_SHOWN
        assert answer.json()["left_out"] == {"faults": 300 - FAULTS_SHOWN}


class TestCalls:
    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
    async def test_a_body_of_another_type_is_415(self, client: httpx.AsyncClient, kind: str) -> None:
        answer = await client.post("/v1/things/1", content=b'{"name":"a"}', headers={"Content-Type": kind})
        assert answer.status_code == 415
        assert answer.json()["accepted"] == ["application/json"]

    @pytest.mark.parametrize("coding", ["gzip", "br", "gzip, identity"])
    async def test_a_coded_body_is_415(self, client: httpx.AsyncClient, coding: str) -> None:
        answer = await post(client, b"\x1f\x8b\x08", **{"Content-Encoding": coding})
        assert (answer.status_code, answer.json()["type"]) == (415, "urn:egov:problem:unsupported-media")

    async def test_identity_is_no_coding(self, client: httpx.AsyncClient) -> None:
        assert (await post(client, b'{"name":"a"}', **{"Content-Encoding": "identity"})).status_code == 201

    @pytest.mark.parametrize(
        "target", ["/v1/things/" + "1" * 9000, "/v1/things/1?" + "a=b&" * 3000, "/v1" + "/" * 9000]
    )
    async def test_a_long_target_is_414(self, client: httpx.AsyncClient, target: str) -> None:
        answer = await client.get(target)
        assert (answer.status_code, answer.json()["type"]) == (414, "urn:egov:problem:target-too-long")
        assert len(answer.content) < 4096

    async def test_a_nul_in_the_path_names_nothing(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/things/%00")).status_code == 404

    async def test_a_nul_in_the_query_is_422(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/v1/things/1?size=%00")
        assert answer.status_code == 422
        assert answer.json()["faults"][0]["in"] == "query"
